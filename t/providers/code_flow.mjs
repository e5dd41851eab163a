// What an app does at a provider that the tests do not know by name: the requests of RFC 6749, section 4.1, with PKCE.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';

export const redirectUri = 'http://127.0.0.1:9/callback';

export const basic = (clientId, secret) => ({
  authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`,
});

export function authorizationRequest(endpoint, clientId, scope) {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope,
    state: 'state',
    nonce: 'nonce',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  return { path: `${endpoint}?${query}`, verifier };
}

export function codeIn({ status, location, body }) {
  assert.ok(location?.startsWith(redirectUri), `${status} ${location} ${body}`);
  return new URL(location).searchParams.get('code');
}

export const exchange = (code, verifier) => ({
  grant_type: 'authorization_code',
  code,
  redirect_uri: redirectUri,
  code_verifier: verifier,
});

// A token response: its tokens, which the gate may write down nowhere.
export function issued(gate, { status, body }) {
  assert.equal(status, 200, body);
  const tokens = JSON.parse(body);
  gate.conceal(tokens.access_token, tokens.refresh_token, tokens.id_token);
  return tokens;
}

export function expectRefused({ status, body }, description = 'ip restricted') {
  assert.deepEqual([status, JSON.parse(body)], [400, { error: 'invalid_grant', error_description: description }]);
}

// The lines that were audited since, as far as they are asked for.
export function decided(gate, ...members) {
  return gate.audit().map((line) => members.map((member) => line[member]).join(' '));
}
