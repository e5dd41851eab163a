// The apps: openid-client as its documentation uses it, from an address of the test's choice.

import * as client from 'openid-client';
import { Browser } from './browser.mjs';
import { clients, redirectUri, secretOf } from './world.mjs';

const authentication = {
  client_secret_basic: client.ClientSecretBasic,
  client_secret_post: client.ClientSecretPost,
  client_secret_jwt: client.ClientSecretJwt,
  none: client.None,
};

// The app `clientId` as it runs at `address`.
export function app(gate, clientId, address) {
  const { token_endpoint_auth_method: method = 'client_secret_basic' } = clients.find(
    (registered) => registered.client_id === clientId,
  );
  gate.conceal(secretOf(clientId));
  return client.discovery(new URL(gate.issuer), clientId, {}, authentication[method](secretOf(clientId)), {
    execute: [client.allowInsecureRequests],
    [client.customFetch]: gate.fetchFrom(address),
  });
}

function concealing(gate, tokens) {
  gate.conceal(tokens.access_token, tokens.refresh_token, tokens.id_token);
  return tokens;
}

// The authorization code, as the app gets it once the user has signed in and consented: what it needs to
// redeem it with.
export async function authorize(gate, configuration, address, { user = 'alice', scope, resource, browser } = {}) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const url = client.buildAuthorizationUrl(configuration, {
    redirect_uri: redirectUri,
    scope: scope ?? 'openid profile offline_access',
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    prompt: 'consent',
    state,
    ...(resource && { resource }),
  });
  const callback = new URL(await (browser ?? new Browser(address, user)).visit(url.href, redirectUri));
  gate.conceal(callback.searchParams.get('code'), pkceCodeVerifier);
  return [callback, { pkceCodeVerifier, expectedState: state }];
}

// Authorization code with PKCE, browser and app at the same address.
export async function signIn(gate, clientId, address, what) {
  const configuration = await app(gate, clientId, address);
  const authorization = await authorize(gate, configuration, address, what);
  return concealing(gate, await client.authorizationCodeGrant(configuration, ...authorization));
}

export async function refresh(gate, clientId, address, tokens, parameters) {
  const configuration = await app(gate, clientId, address);
  return concealing(gate, await client.refreshTokenGrant(configuration, tokens.refresh_token, parameters));
}

export async function clientCredentials(gate, clientId, address, parameters) {
  const configuration = await app(gate, clientId, address);
  return concealing(gate, await client.clientCredentialsGrant(configuration, parameters));
}

export async function startDevice(gate, clientId, address, scope = 'openid profile offline_access') {
  const configuration = await app(gate, clientId, address);
  const device = await client.initiateDeviceAuthorization(configuration, { scope });
  gate.conceal(device.device_code);
  return { configuration, device: { ...device, interval: 0.05 } };
}

// The user enters the code that the device shows, in a browser of their own.
export function approveDevice({ device }, address, user = 'alice') {
  return new Browser(address, user).visit(device.verification_uri_complete, 'no redirect ends this');
}

export async function pollDevice(gate, { configuration, device }) {
  return concealing(gate, await client.pollDeviceAuthorizationGrant(configuration, device));
}
