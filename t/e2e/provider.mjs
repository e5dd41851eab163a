// A real OpenID provider on loopback: npm's oidc-provider, with the pages that a company puts beside it.
//
//   node provider.mjs ISSUER      prints the port that it listens on, and serves until it is ended

import { generateKeyPair, exportJWK } from 'jose';
import { Provider } from 'oidc-provider';
import { companyPages } from './company_pages.mjs';
import { sayWhatIsIssued } from './issued.mjs';
import { api, clients, users } from './world.mjs';

const oneHour = 3600;

async function signingKeys() {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig' }] };
}

const findAccount = (_context, account) => ({
  accountId: account,
  claims: () => ({ sub: account, preferred_username: users[account] }),
});

// An access token is opaque unless the request names a resource; then it is a JWT (RFC 9068).
const resourceIndicators = {
  enabled: true,
  defaultResource: () => undefined,
  useGrantedResource: () => true,
  getResourceServerInfo: (_context, resource) => ({
    scope: 'read',
    audience: resource,
    accessTokenFormat: 'jwt',
    accessTokenTTL: oneHour,
  }),
};

const configuration = async () => ({
  clients,
  clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'none'],
  findAccount,
  claims: { openid: ['sub'], profile: ['preferred_username'] },
  conformIdTokenClaims: false, // else the profile's claims are not in the ID Token, but at /me
  extraTokenClaims: (_context, token) =>
    token.aud === api && token.accountId ? { preferred_username: users[token.accountId] } : undefined,
  scopes: ['openid', 'profile', 'offline_access', 'read'],
  pkce: { required: () => true },
  responseTypes: ['code', 'id_token', 'code id_token', 'id_token token'],
  issueRefreshToken: (_context, client, source) =>
    client.grantTypeAllowed('refresh_token') && source.scopes.has('offline_access'),
  rotateRefreshToken: true,
  jwks: await signingKeys(),
  cookies: { keys: [crypto.randomUUID()] },
  ttl: {
    AccessToken: oneHour,
    ClientCredentials: oneHour,
    DeviceCode: oneHour,
    Grant: oneHour,
    IdToken: oneHour,
    Interaction: oneHour,
    RefreshToken: oneHour,
    Session: oneHour,
  },
  features: {
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    devInteractions: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    pushedAuthorizationRequests: { enabled: true },
    resourceIndicators,
  },
});

const provider = new Provider(process.argv[2], await configuration());
sayWhatIsIssued(provider);
provider.use(companyPages(provider));
provider.on('refresh_token.destroyed', () => console.error('destroyed refresh_token'));
provider.on('grant.revoked', () => console.error('revoked grant'));
provider.proxy = true; // nginx says where the client thinks that it is

const server = provider.listen(0, '127.0.0.1', () => console.log(server.address().port));
