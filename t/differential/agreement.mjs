// Whether all parsers read a request alike, and as the gate did.

import { codes, refreshTokens, runAs, users } from './world.mjs';

const textOf = (base64) => Buffer.from(base64, 'base64').toString('latin1');
const utf8 = (bytes) => Buffer.from(bytes, 'latin1').toString();

// Some parsers drop what is empty, so that an empty value is like none.
const meaningOf = ({ parameters }) =>
  Object.fromEntries(
    Object.entries(parameters)
      .map(([name, values]) => [name, values.map(textOf).filter((value) => value !== '')])
      .filter(([, values]) => values.length > 0)
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );

const grouped = (entries) => {
  const groups = {};
  for (const [parser, meaning] of entries) (groups[JSON.stringify(meaning)] ??= []).push(parser);
  return groups;
};

// The one meaning of the form, or why there is none. A parser that finds nothing takes it for no form: whoever uses
// it will refuse the request.
export function formOf(readings) {
  const meanings = Object.entries(readings)
    .filter(([, reading]) => reading.parameters)
    .map(([parser, reading]) => [parser, meaningOf(reading)])
    .filter(([, meaning]) => Object.keys(meaning).length > 0);
  const groups = grouped(meanings);
  if (Object.keys(groups).length !== 1) return { disagreement: groups };
  const [meaning] = Object.keys(groups).map((text) => JSON.parse(text));
  const isRepeated = Object.values(meaning).some((values) => values.length > 1);
  if (isRepeated) return { disagreement: groups };
  return { form: Object.fromEntries(Object.entries(meaning).map(([name, [value]]) => [name, utf8(value)])) };
}

// The one client of the Authorization header, raw; null when no parser sees one. One that sees none where another
// does will not take the client for somebody else.
export function basicClientOf(readings) {
  const seen = Object.entries(readings).filter(([, { client }]) => client);
  const groups = grouped(seen.map(([parser, { client }]) => [parser, textOf(client)]));
  if (Object.keys(groups).length > 1) return { disagreement: groups };
  return { client: seen.length > 0 ? utf8(textOf(seen[0][1].client)) : null };
}

const grantUrn = (name) => `urn:ietf:params:oauth:grant-type:${name}`;

const flows = {
  authorization_code: 'web_server',
  password: 'username_password',
  client_credentials: 'client_credentials',
  [grantUrn('jwt-bearer')]: 'jwt_bearer',
  [grantUrn('saml2-bearer')]: 'saml_bearer',
  [grantUrn('device_code')]: 'device',
  [grantUrn('token-exchange')]: 'token_exchange',
};

const issuedAs = (list, value) => list.find((one) => one.value === value);

const credentialOf = ({ grant_type, refresh_token, code, subject_token }) =>
  ({
    refresh_token: issuedAs(refreshTokens, refresh_token),
    authorization_code: issuedAs(codes, code),
    [grantUrn('token-exchange')]: issuedAs(refreshTokens, subject_token),
  })[grant_type];

function subjectOf(assertion = '') {
  const parts = assertion.split('.');
  if (parts.length !== 3) return undefined;
  try {
    return JSON.parse(Buffer.from(parts[1], 'base64url').toString()).sub;
  } catch {
    return undefined;
  }
}

const typedUserOf = ({ grant_type, username, assertion }) =>
  ({ password: username, [grantUrn('jwt-bearer')]: subjectOf(assertion) })[grant_type];

// A name that the policy lists, or null: of others the gate says nothing before the answer is there.
const listed = (user) => (user !== undefined && Object.hasOwn(users, user) ? user : null);

const userOf = (form, credential) => credential?.user ?? listed(typedUserOf(form));

// RFC 6749, section 2.3.1.
const formDecoded = (client) => (client === null ? undefined : decodeURIComponent(client.replaceAll('+', ' ')));

// What the gate's audit line must say of the request that the parsers read.
export function expectedAudit(form, basicClient) {
  const credential = credentialOf(form);
  const presented = form.client_id ?? formDecoded(basicClient) ?? subjectOf(form.client_assertion);
  const app = presented ?? credential?.app ?? null;
  const isRefresh = form.grant_type === 'refresh_token';
  // Refresh tokens were issued for a password.
  const ofRefresh = credential ? 'username_password' : 'unknown';
  return {
    kind: 'token',
    app,
    user: form.grant_type === 'client_credentials' ? (runAs[app] ?? null) : userOf(form, credential),
    operation: isRefresh ? 'refresh' : 'login',
    flow: isRefresh ? ofRefresh : (flows[form.grant_type] ?? 'unknown'),
  };
}

// Why a request that says this must not have come through, though all agree on it.
export function objectionTo(form, { app, user }, isInside) {
  const credential = credentialOf(form);
  const isBound = credential && form.grant_type !== grantUrn('token-exchange');
  if (isBound && credential.app !== app) return 'its credential was issued to another app';
  const isRestricted = users[user] === 'office' && app !== 'relaxed';
  return isRestricted && !isInside ? 'its user is outside, and so is denied' : null;
}
