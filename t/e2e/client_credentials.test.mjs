// Client credentials: nobody signs in, so the app's `run_as` says whose profile applies, and the request alone
// decides.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { decodeJwt } from 'jose';
import { clientCredentials } from './apps.mjs';
import { expectAudit, expectDenied } from './expectations.mjs';
import { Gate } from './gate.mjs';
import { api, inside, outside, users } from './world.mjs';

const gate = await Gate.start();
after(() => gate.stop());

const login = { phase: 'request', operation: 'login', flow: 'client_credentials' };
const asAlice = { ...login, profile: 'office', user: users.alice };
const allowed = { ...asAlice, decision: 'allow', reason: 'login_ip_range', ip: inside };
const denied = { ...asAlice, decision: 'deny', reason: 'outside_login_ip_ranges', ip: outside };

const opaque = {};
const jwt = { resource: api, scope: 'read' };

for (const [kind, parameters] of [['an opaque', opaque], ['a JWT', jwt]]) {
  test(`${kind} access token is handed out inside the ranges of run_as`, async () => {
    const tokens = await clientCredentials(gate, 'service', inside, parameters);
    assert.equal(tokens.access_token.split('.').length, parameters === jwt ? 3 : 1);
    expectAudit(gate, { ...allowed, app: 'service' });
  });

  test(`${kind} access token is not handed out outside of them`, async () => {
    await expectDenied(clientCredentials(gate, 'service', outside, parameters));
    expectAudit(gate, { ...denied, app: 'service' });
  });
}

test('the user that a JWT names, which is the client, does not change whose profile applies', async () => {
  const tokens = await clientCredentials(gate, 'service', inside, jwt);
  assert.equal(decodeJwt(tokens.access_token).sub, 'service');
  expectAudit(gate, allowed);
});

test('a client that signs an assertion instead of sending a secret is known by it', async () => {
  await clientCredentials(gate, 'signing_service', inside, opaque);
  await expectDenied(clientCredentials(gate, 'signing_service', outside, opaque));
  expectAudit(gate, { ...allowed, app: 'signing_service' }, { ...denied, app: 'signing_service' });
});

test('where run_as is unrestricted, the service runs anywhere', async () => {
  await clientCredentials(gate, 'roaming_service', outside, opaque);
  const asRobin = { ...login, profile: 'anywhere', user: users.robin };
  expectAudit(gate, { ...asRobin, decision: 'allow', reason: 'no_login_ip_ranges' });
});

test('without run_as there is no user, and no token', async () => {
  await expectDenied(clientCredentials(gate, 'ownerless_service', inside, opaque));
  expectAudit(gate, { ...login, profile: null, user: null, decision: 'deny', reason: 'user_unidentified' });
});
