// The device flow: a device without a keyboard polls while its user signs in elsewhere. Where the device is
// counts.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import * as client from 'openid-client';
import { app, approveDevice, pollDevice, refresh, startDevice } from './apps.mjs';
import { expectAudit, expectDenied, expectProviderError } from './expectations.mjs';
import { Gate } from './gate.mjs';
import { inside, outside, users } from './world.mjs';

const gate = await Gate.start();
after(() => gate.stop());

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
const login = { phase: 'response', operation: 'login', flow: 'device', app: 'television' };
const alice = { ...login, user: users.alice, profile: 'office' };
const allowed = { ...alice, decision: 'allow', reason: 'login_ip_range', ip: inside };
const denied = { ...alice, decision: 'deny', reason: 'outside_login_ip_ranges', ip: outside };
const nothing = { ...login, decision: 'allow', reason: 'no_token_issued', user: null };

test('a device inside the ranges gets its tokens, wherever the browser is', async () => {
  const device = await startDevice(gate, 'television', inside);
  await approveDevice(device, outside);
  const tokens = await pollDevice(gate, device);
  assert.equal(tokens.claims().preferred_username, users.alice);
  expectAudit(gate, allowed);
});

test('a device outside the ranges gets none, wherever the browser is', async () => {
  const device = await startDevice(gate, 'television', outside);
  await approveDevice(device, inside);
  await expectDenied(pollDevice(gate, device));
  expectAudit(gate, denied);
});

test('a user whose profile is unrestricted has a television anywhere', async () => {
  const device = await startDevice(gate, 'television', outside);
  await approveDevice(device, outside, 'robin');
  await pollDevice(gate, device);
  expectAudit(gate, { ...login, user: users.robin, decision: 'allow', reason: 'no_login_ip_ranges' });
});

test('while the user has not signed in, the device hears so from the provider', async () => {
  for (const address of [inside, outside]) {
    const { configuration, device } = await startDevice(gate, 'television', address);
    const poll = () =>
      client.genericGrantRequest(configuration, deviceGrant, { device_code: device.device_code });
    await expectProviderError(poll(), 'authorization_pending');
    expectAudit(gate, { ...nothing, ip: address });
  }
});

test('openid-client goes on polling through the gate until the user has signed in', async () => {
  const device = await startDevice(gate, 'television', inside);
  const polling = pollDevice(gate, device);
  while (gate.audit().length === 0) await pause(10);
  await approveDevice(device, inside);
  assert.ok((await polling).access_token);
  assert.deepEqual(gate.audit().at(-1).reason, 'login_ip_range');
});

test('a television refreshes inside, and not outside', async () => {
  const signedIn = async () => {
    const device = await startDevice(gate, 'television', inside);
    await approveDevice(device, inside);
    const tokens = await pollDevice(gate, device);
    gate.audit();
    return tokens;
  };
  await refresh(gate, 'television', inside, await signedIn());
  expectAudit(gate, { ...allowed, phase: 'request', operation: 'refresh' });
  await expectDenied(refresh(gate, 'television', outside, await signedIn()));
  expectAudit(gate, { ...denied, phase: 'request', operation: 'refresh' });
});

test('a device code that does not exist gets the words of the provider', async () => {
  const configuration = await app(gate, 'television', outside);
  const poll = client.genericGrantRequest(configuration, deviceGrant, { device_code: 'no such code' });
  await expectProviderError(poll, 'invalid_grant');
  expectAudit(gate, nothing);
});
