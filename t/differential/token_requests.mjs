// Well-formed token requests of every grant (RFC 6749, 7521, 8628, 8693), before anything is done to them.

import { basic, Draft, encode } from './draft.mjs';
import { apps, codes, jwt, refreshTokens, unknownToken, unlistedUser, users } from './world.mjs';

const grantUrn = (name) => `urn:ietf:params:oauth:grant-type:${name}`;

const anyUser = (random) => random.pick([...Object.keys(users), unlistedUser]);

// What each grant says beside the client, and the app that its credential was issued to.
const grants = [
  ['password', (random) => ({ parameters: { username: anyUser(random), password: 'p+ä ss' } })],
  [
    'refresh_token',
    (random) => {
      const { app, value } = random.pick(refreshTokens);
      return { app, parameters: { refresh_token: value } };
    },
  ],
  ['refresh_token', () => ({ parameters: { refresh_token: unknownToken } })],
  [
    'authorization_code',
    (random) => {
      const { app, value } = random.pick(codes);
      return { app, parameters: { code: value, redirect_uri: 'https://app.example.com/callback?a=b&c=d' } };
    },
  ],
  ['client_credentials', () => ({ app: 'service', parameters: { scope: 'a b' } })],
  [grantUrn('jwt-bearer'), (random) => ({ parameters: { assertion: jwt({ sub: anyUser(random) }) } })],
  [grantUrn('saml2-bearer'), () => ({ parameters: { assertion: 'PEFzc2VydGlvbi8-' } })],
  [grantUrn('device_code'), () => ({ parameters: { device_code: 'device+code/=' } })],
  [
    grantUrn('token-exchange'),
    (random) => ({
      parameters: {
        subject_token: random.pick(refreshTokens).value,
        subject_token_type: 'urn:ietf:params:oauth:token-type:refresh_token',
      },
    }),
  ],
  ['urn:example:grant', () => ({ parameters: { example: 'x' } })],
];

const clientAssertion = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const clientPlaces = [
  (draft, app) => {
    draft.add('client_id', encode(app));
    draft.add('client_secret', encode('s e c'));
  },
  (draft, app) => draft.setHeader('Authorization', basic(app)),
  (draft, app) => {
    draft.add('client_id', encode(app));
    draft.setHeader('Authorization', basic(app));
  },
  (draft, app) => {
    draft.add('client_assertion_type', encode(clientAssertion));
    draft.add('client_assertion', jwt({ iss: app, sub: app }));
  },
];

export function tokenRequest(random) {
  const draft = new Draft();
  const [grant, make] = random.pick(grants);
  const { app = random.pick(apps), parameters } = make(random);
  draft.add('grant_type', encode(grant));
  for (const [name, value] of Object.entries(parameters)) draft.add(name, encode(value));
  random.pick(clientPlaces)(draft, app);
  draft.isInside = random.chance(0.7);
  return draft;
}
