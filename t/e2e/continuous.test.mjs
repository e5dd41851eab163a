// Every row of semantics.md's table under continuous enforcement: logins, refreshes, API requests and sensitive
// pages, in a browser and apps of a real provider, from inside and outside the ranges, on new and activated devices.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { refresh, signIn, startDevice } from './apps.mjs';
import { Browser } from './browser.mjs';
import { Gate } from './gate.mjs';
import { fetchFrom } from './network.mjs';
import { api, branchOffice, companyHttp, companyServer, continuousPolicy, inside, outside, users } from './world.mjs';

const gate = await Gate.start({ policy: continuousPolicy, http: companyHttp, server: companyServer });
after(() => gate.stop());

const at = (path) => new URL(path, gate.issuer).href;

// A person with a browser and a session at an app. With `activated`, identity was verified in it before.
async function session(clientId, { address = inside, activated = false, user = 'alice', scope, resource } = {}) {
  const browser = new Browser(address, user);
  if (activated) {
    await signIn(gate, 'web', inside, { user, browser });
    assert.equal((await browser.fetch(at('/account/verify'), { method: 'POST' })).status, 200);
    browser.forget('_session'); // the next login begins a session of its own
    browser.forget('_session.sig');
  }
  const tokens = await signIn(gate, clientId, address, { user, browser, scope, resource });
  gate.audit();
  return { browser, tokens };
}

const callApi = (token, address, headers = {}) =>
  fetchFrom(address)(at('/api'), { headers: { authorization: `Bearer ${token}`, ...headers } });

// The one decision that was audited since.
function decided() {
  const lines = gate.audit();
  assert.equal(lines.length, 1, JSON.stringify(lines));
  return lines[0];
}

const relaxing = { decision: 'allow', reason: 'relaxed_app' };
const inRange = { decision: 'allow', reason: 'login_ip_range' };
const byDevice = { decision: 'allow', reason: 'activated_device' };
const byRefresh = { decision: 'allow', reason: 'refresh_token' };
const inApp = { decision: 'allow', reason: 'app_ip_range' };
const outOfRange = { decision: 'deny', reason: 'outside_login_ip_ranges' };
const outOfApp = { decision: 'deny', reason: 'outside_app_ip_ranges' };
const sensitive = { decision: 'deny', reason: 'sensitive_operation' };

// app, how its session began, API from inside and outside, after a refresh likewise, sensitive pages likewise
const table = [
  ['web', {}, [inRange, outOfRange], [inRange, outOfRange], [inRange, outOfRange]],
  ['relaxed', {}, [relaxing, relaxing], [relaxing, relaxing], [sensitive, sensitive]],
  ['relaxed_refresh', {}, [inRange, outOfRange], [byRefresh, byRefresh], [sensitive, sensitive]],
  ['activated_devices', {}, [inRange, outOfRange], [inRange, outOfRange], [inRange, outOfRange]],
  ['activated_devices', { activated: true }, [byDevice, byDevice], [byDevice, byDevice], [sensitive, sensitive]],
  ['branch', { address: branchOffice }, [outOfApp, outOfApp], null, [outOfApp, outOfApp]],
  ['portal', {}, [inRange, outOfRange], [inRange, outOfRange], [inRange, outOfRange]],
  ['unlisted', {}, [inRange, outOfRange], [inRange, outOfRange], [inRange, outOfRange]],
];

const statusOf = ({ decision }) => (decision === 'allow' ? 200 : 403);

async function expectApi(token, address, expected, refreshed) {
  const response = await callApi(token, address);
  assert.equal(response.status, statusOf(expected));
  const { operation, flow, user, ...line } = decided();
  assert.deepEqual([operation, flow, user, line.refreshed], ['access', 'web_server', users.alice, refreshed]);
  assert.deepEqual([line.decision, line.reason], [expected.decision, expected.reason]);
  if (expected.decision === 'deny') {
    assert.match(response.headers.get('www-authenticate'), /^Bearer error="access_denied", error_description="ip restricted/);
  }
}

const places = { inside, outside };

for (const [clientId, began, calls, afterRefresh, pages] of table) {
  const name = `${clientId}${began.activated ? ', activated device' : ''}`;

  for (const [index, [place, address]] of Object.entries(places).entries()) {
    test(`${name}: the API from ${place}: ${calls[index].reason}`, async () => {
      const { tokens } = await session(clientId, began);
      await expectApi(tokens.access_token, address, calls[index], false);
    });

    if (afterRefresh) {
      test(`${name}: after a refresh, the API from ${place}: ${afterRefresh[index].reason}`, async () => {
        const { tokens } = await session(clientId, began);
        const fresh = await refresh(gate, clientId, inside, tokens);
        gate.audit();
        await expectApi(fresh.access_token, address, afterRefresh[index], true);
      });
    }

    for (const [path, operation] of [
      ['/account/password', 'password_change'],
      ['/account/second-factors', 'verification_registration'],
      ['/account/welcome', 'login_flow'],
    ]) {
      test(`${name}: ${operation} from ${place}: ${pages[index].reason}`, async () => {
        const { browser } = await session(clientId, began);
        const response = await browser.from(address).fetch(at(path), { method: 'POST' });
        assert.equal(response.status, statusOf(pages[index]), response.body);
        const line = decided();
        assert.deepEqual([line.operation, line.user, line.reason], [operation, users.alice, pages[index].reason]);
      });
    }
  }
}

test('an app with trusted ranges: the API from a branch', async () => {
  const { tokens } = await session('branch', { address: branchOffice });
  await expectApi(tokens.access_token, branchOffice, inApp, false);
});

test('a login from outside, on an activated device', async () => {
  const { browser } = await session('web', {});
  await browser.fetch(at('/account/verify'), { method: 'POST' });
  gate.audit();
  await signIn(gate, 'activated_devices', outside, { browser: browser.from(outside) });
  const line = gate.audit().at(-1);
  assert.deepEqual([line.reason, line.device_activated, line.ip], ['activated_device', true, outside]);
});

test('a session that authorized several apps is as restricted as the most restricted', async () => {
  const { browser } = await session('web', {});
  assert.equal((await browser.fetch(at('/account/password'))).status, 200);
  await signIn(gate, 'relaxed', inside, { browser });
  assert.equal((await browser.fetch(at('/account/password'))).status, 403);
  assert.equal(gate.audit().at(-1).reason, 'sensitive_operation');
});

// Whether the user signed in once more for it, as somebody else perhaps, the provider does not say.
test('a session in which a device was let in is nobody\'s until it signs in at an app', async () => {
  const { browser } = await session('web', {});
  const before = browser.cookie('_session');
  const { device } = await startDevice(gate, 'television', inside);
  await browser.visit(device.verification_uri_complete, 'no redirect ends this');
  assert.notEqual(browser.cookie('_session'), before);
  gate.audit();
  assert.equal((await browser.fetch(at('/account/password'))).status, 403);
  assert.equal(decided().reason, 'user_unidentified');
  await signIn(gate, 'web', inside, { browser });
  gate.audit();
  assert.equal((await browser.fetch(at('/account/password'))).status, 200);
  assert.equal(decided().user, users.alice);
  assert.equal((await browser.from(outside).fetch(at('/account/password'))).status, 403);
  assert.equal(decided().reason, 'outside_login_ip_ranges');
});

test('robin, who is not restricted, may do everything everywhere', async () => {
  const { browser, tokens } = await session('relaxed', { user: 'robin' });
  assert.equal((await callApi(tokens.access_token, outside)).status, 200);
  assert.equal((await browser.from(outside).fetch(at('/account/password'))).status, 200);
});

test('a JWT access token that the gate saw issued knows its session', async () => {
  const what = { scope: 'openid profile offline_access read', resource: api };
  const { tokens } = await session('relaxed', what);
  await expectApi(tokens.access_token, outside, relaxing, false);
});

test('a token or cookie that nobody saw identifies nobody; none at all passes to the provider', async () => {
  assert.equal((await callApi('unseen', inside)).status, 403);
  assert.equal(decided().reason, 'user_unidentified');
  assert.equal((await fetchFrom(inside)(at('/api'))).status, 401);
  assert.equal(decided().reason, 'no_credential');
  const stranger = new Browser(inside);
  assert.equal((await stranger.fetch(at('/account/password'))).status, 401);
  gate.audit();
  const cookie = await fetchFrom(inside)(at('/account/password'), { headers: { cookie: '_session=unseen' } });
  assert.equal(cookie.status, 403);
  assert.equal(decided().reason, 'user_unidentified');
});
