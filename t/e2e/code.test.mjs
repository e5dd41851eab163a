// Logins: authorization code with PKCE, redeemed by openid-client.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as client from 'openid-client';
import { app, authorize, signIn } from './apps.mjs';
import { expectAudit, expectDenied, expectProviderError } from './expectations.mjs';
import { Gate } from './gate.mjs';
import { api, inside, outside, users } from './world.mjs';

const gate = await Gate.start();
after(() => gate.stop());

const login = { phase: 'response', kind: 'token', operation: 'login', flow: 'web_server', app: 'web', enforced: true };
const allowed = { ...login, decision: 'allow', reason: 'login_ip_range', rule: '127.0.1.0/24', ip: inside };
const denied = { ...login, decision: 'deny', reason: 'outside_login_ip_ranges', ip: outside };

const opaque = {};
const jwt = { scope: 'openid profile offline_access read', resource: api };

for (const [kind, what] of [['an opaque', opaque], ['a JWT', jwt]]) {
  test(`${kind} access token is handed out inside the ranges`, async () => {
    const tokens = await signIn(gate, 'web', inside, what);
    assert.equal(tokens.claims().preferred_username, users.alice);
    assert.ok(tokens.access_token && tokens.refresh_token);
    expectAudit(gate, { ...allowed, user: users.alice, profile: 'office', peer: inside });
  });

  test(`${kind} access token is withheld outside the ranges`, async () => {
    await expectDenied(signIn(gate, 'web', outside, what));
    expectAudit(gate, { ...denied, user: users.alice, profile: 'office', peer: outside });
  });
}

test('a user that the policy does not list has the default profile', async () => {
  await signIn(gate, 'web', inside, { user: 'visitor' });
  await expectDenied(signIn(gate, 'web', outside, { user: 'visitor' }));
  const visitor = { user: users.visitor, profile: 'office' };
  expectAudit(gate, { ...allowed, ...visitor }, { ...denied, ...visitor });
});

test('a user whose profile is unrestricted signs in from anywhere', async () => {
  await signIn(gate, 'web', outside, { user: 'robin' });
  expectAudit(gate, { ...login, user: users.robin, decision: 'allow', reason: 'no_login_ip_ranges' });
});

test('without an ID Token, a JWT access token says who the user is', async () => {
  const what = { scope: 'read', resource: api };
  const tokens = await signIn(gate, 'web', inside, what);
  assert.equal(tokens.id_token, undefined);
  await expectDenied(signIn(gate, 'web', outside, what));
  expectAudit(gate, { ...allowed, user: users.alice }, { ...denied, user: users.alice });
});

test('an answer that does not say who the user is opens nothing, not even inside', async () => {
  await expectDenied(signIn(gate, 'web', inside, { scope: 'profile' }));
  expectAudit(gate, { ...login, user: null, profile: null, decision: 'deny', reason: 'user_unidentified' });
});

test('only where the code is redeemed counts, not where the browser is', async () => {
  const office = await app(gate, 'web', inside);
  const elsewhere = await app(gate, 'web', outside);
  await client.authorizationCodeGrant(office, ...(await authorize(gate, office, outside)));
  await expectDenied(client.authorizationCodeGrant(elsewhere, ...(await authorize(gate, elsewhere, inside))));
  expectAudit(gate, allowed, denied);
});

test('a code that was denied is spent: it buys nothing inside either', async () => {
  const authorization = await authorize(gate, await app(gate, 'web', outside), outside);
  await expectDenied(client.authorizationCodeGrant(await app(gate, 'web', outside), ...authorization));
  const again = client.authorizationCodeGrant(await app(gate, 'web', inside), ...authorization);
  await expectProviderError(again, 'invalid_grant');
  expectAudit(gate, denied, { ...login, decision: 'allow', reason: 'no_token_issued' });
});

test('a wrong PKCE verifier gets the words of the provider, from anywhere', async () => {
  for (const address of [inside, outside]) {
    const configuration = await app(gate, 'web', address);
    const [callback, checks] = await authorize(gate, configuration, address);
    const wrong = { ...checks, pkceCodeVerifier: client.randomPKCECodeVerifier() };
    await expectProviderError(client.authorizationCodeGrant(configuration, callback, wrong), 'invalid_grant');
    expectAudit(gate, { ...login, ip: address, decision: 'allow', reason: 'no_token_issued' });
  }
});

test('what passed is whole: signatures verify, and the tokens work at the provider', async () => {
  const configuration = await app(gate, 'web', inside);
  client.enableNonRepudiationChecks(configuration); // verifies the ID Token's signature, too
  const authorization = await authorize(gate, configuration, inside, jwt);
  const tokens = await client.authorizationCodeGrant(configuration, ...authorization);
  const keys = createRemoteJWKSet(new URL(configuration.serverMetadata().jwks_uri));
  const { payload } = await jwtVerify(tokens.access_token, keys, { audience: api, issuer: gate.issuer });
  assert.equal(payload.preferred_username, users.alice);
  gate.audit();
});

test('what is not the token endpoint passes undecided, from anywhere', async () => {
  const tokens = await signIn(gate, 'web', inside);
  gate.audit();
  const elsewhere = await app(gate, 'web', outside);
  const userInfo = await client.fetchUserInfo(elsewhere, tokens.access_token, tokens.claims().sub);
  assert.equal(userInfo.preferred_username, users.alice);
  assert.equal((await client.tokenIntrospection(elsewhere, tokens.access_token)).active, true);
  await client.tokenRevocation(elsewhere, tokens.access_token);
  assert.equal((await client.tokenIntrospection(elsewhere, tokens.access_token)).active, false);
  expectAudit(gate);
});
