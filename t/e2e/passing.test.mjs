// What the gate lets pass, it leaves alone; and what it decides for one request, it decides for no other.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import * as client from 'openid-client';
import { app, clientCredentials, signIn } from './apps.mjs';
import { expectAudit, expectDenied } from './expectations.mjs';
import { Gate } from './gate.mjs';
import { form, rawRequest } from './raw_request.mjs';
import { inside, outside, secretOf, users } from './world.mjs';

const gate = await Gate.start();
const watching = await Gate.start({ mode: 'monitor' });
after(() => watching.stop());
after(() => gate.stop());

const host = `127.0.0.1:${gate.port}`;

// A connection's own headers, and the clock.
const ofTheHop = ['connection', 'keep-alive', 'date', 'server'];
const withoutHop = ({ status, headers, body }) => ({
  status,
  body,
  headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !ofTheHop.includes(name))),
});

const asWeb = { client_id: 'web', client_secret: secretOf('web') };

const refusedByProvider = [
  ['a wrong secret', { grant_type: 'client_credentials', client_id: 'service', client_secret: 'wrong' }],
  ['an unknown client', { grant_type: 'authorization_code', code: 'c', client_id: 'nobody', client_secret: 's' }],
  ['an unknown code', { grant_type: 'authorization_code', code: 'c', ...asWeb }],
  ['a grant that it does not have', { grant_type: 'urn:example:grant', ...asWeb }],
];

for (const [what, parameters] of refusedByProvider) {
  test(`the provider's answer to ${what} passes unchanged to the byte`, async () => {
    const request = { target: '/token', host, headers: form, body: new URLSearchParams(parameters).toString() };
    const direct = await rawRequest({ ...request, port: gate.providerPort });
    const passed = await rawRequest({ ...request, port: gate.port, address: inside });
    assert.ok(direct.status >= 400);
    assert.deepEqual(withoutHop(passed), withoutHop(direct));
    gate.audit();
  });
}

test('a browser app may ask whether it may ask (CORS)', async () => {
  const asking = { Origin: 'https://app.example.com', 'Access-Control-Request-Method': 'POST' };
  const answer = await rawRequest({
    port: gate.port, host, target: '/token', method: 'OPTIONS', address: outside, headers: asking,
  });
  assert.equal(answer.status, 204);
  assert.equal(answer.headers['access-control-allow-origin'], 'https://app.example.com');
  expectAudit(gate, { decision: 'allow', reason: 'preflight' });
});

test('at the same time, each client gets what is its own', async () => {
  const places = Array.from({ length: 40 }, (_, index) => (index % 3 ? inside : outside));
  const configurations = {
    [inside]: await app(gate, 'service', inside),
    [outside]: await app(gate, 'service', outside),
  };
  const outcomes = await Promise.all(places.map(async (address) => {
    const call = client.clientCredentialsGrant(configurations[address], {});
    return call.then(() => inside, (error) => error.error_description === 'ip restricted' && outside);
  }));
  assert.deepEqual(outcomes, places);
  assert.equal(gate.audit().length, places.length);
});

test('who asks for another host gets nothing', async () => {
  const stranger = { port: gate.port, target: '/token', host: 'other.example.com', headers: form };
  await assert.rejects(rawRequest(stranger), { code: 'ECONNRESET' });
  expectAudit(gate);
});

test('the access log says what was decided, in the format of conf/nginx.conf', { timeout: 5000 }, async () => {
  await expectDenied(clientCredentials(gate, 'service', outside));
  const [{ policy }] = gate.audit();
  const denied =
    '"POST /token" 400 ipfence=deny reason=outside_login_ip_ranges rule="profiles.office.login_ip_ranges" ' +
    `operation=login flow=client_credentials app="service" user="${users.alice}" profile="office" policy=${policy}\n`;
  const undecided = '"GET /.well-known/openid-configuration" 200 ipfence= reason= rule="" ';
  for (const text of [denied, undecided]) {
    // nginx logs a request once its answer is on its way.
    while (!gate.accessLog.includes(text)) await pause(10);
  }
});

test('in monitor mode a login that would be denied is not, and is audited', async () => {
  const tokens = await signIn(watching, 'web', outside);
  assert.equal(tokens.claims().preferred_username, users.alice);
  await clientCredentials(watching, 'service', outside);
  const wouldBeDenied = { decision: 'deny', enforced: false, reason: 'outside_login_ip_ranges', ip: outside };
  expectAudit(watching, { ...wouldBeDenied, phase: 'response' }, { ...wouldBeDenied, phase: 'request' });
});
