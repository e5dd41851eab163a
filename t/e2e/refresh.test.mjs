// Refresh tokens: whose they are and how their session began was remembered when they were issued, so that they are
// decided before the provider sees them.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { refresh, signIn } from './apps.mjs';
import { expectAudit, expectDenied, expectMismatch, expectProviderError } from './expectations.mjs';
import { Gate } from './gate.mjs';
import { api, inside, outside, users } from './world.mjs';

const gate = await Gate.start();
after(() => gate.stop());

const renewal = { phase: 'request', operation: 'refresh', flow: 'web_server', app: 'web', refreshed: false };
const allowed = { ...renewal, decision: 'allow', reason: 'login_ip_range', user: users.alice, ip: inside };
const denied = { ...renewal, decision: 'deny', reason: 'outside_login_ip_ranges', user: users.alice, ip: outside };

async function signedIn(user, what) {
  const tokens = await signIn(gate, 'web', inside, { user, ...what });
  gate.audit();
  return tokens;
}

test('inside the ranges, new tokens come, and again from those', async () => {
  const first = await signedIn('alice');
  const second = await refresh(gate, 'web', inside, first);
  const third = await refresh(gate, 'web', inside, second);
  assert.equal(new Set([first, second, third].map((tokens) => tokens.refresh_token)).size, 3);
  assert.equal(third.claims().preferred_username, users.alice);
  expectAudit(gate, allowed, allowed);
});

test('outside the ranges, none do', async () => {
  await expectDenied(refresh(gate, 'web', outside, await signedIn('alice')));
  expectAudit(gate, denied);
});

test('a user whose profile is unrestricted refreshes anywhere', async () => {
  await refresh(gate, 'web', outside, await signedIn('robin'));
  expectAudit(gate, { ...renewal, decision: 'allow', reason: 'no_login_ip_ranges', user: users.robin });
});

test('a JWT access token is renewed inside and withheld outside', async () => {
  const what = { scope: 'openid profile offline_access read', resource: api };
  await refresh(gate, 'web', inside, await signedIn('alice', what), { resource: api });
  expectAudit(gate, allowed);
  await expectDenied(refresh(gate, 'web', outside, await signedIn('alice', what), { resource: api }));
  expectAudit(gate, denied);
});

test('an answer that a client keeps free of its user hides nobody', async () => {
  const tokens = await signedIn('alice');
  await refresh(gate, 'web', inside, tokens, { scope: 'offline_access' });
  expectAudit(gate, allowed);
  await expectDenied(refresh(gate, 'web', outside, await signedIn('alice'), { scope: 'offline_access' }));
  expectAudit(gate, denied);
});

test('a refresh token that another app got is refused before the provider sees it', async () => {
  await expectMismatch(refresh(gate, 'relaxed', inside, await signedIn('alice')));
  expectAudit(gate, { phase: 'request', app: 'relaxed', user: users.alice, decision: 'deny', reason: 'app_mismatch' });
});

test('a refresh token that was used before gets the words of the provider', async () => {
  const tokens = await signedIn('alice');
  await refresh(gate, 'web', inside, tokens);
  await expectProviderError(refresh(gate, 'web', inside, tokens), 'invalid_grant');
  expectAudit(gate, allowed, allowed);
});
