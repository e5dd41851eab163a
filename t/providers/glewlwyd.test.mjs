// conf/providers/glewlwyd.conf with the provider itself, under continuous enforcement.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Gate } from '../e2e/gate.mjs';
import { inside, outside } from '../e2e/world.mjs';
import { authorizationRequest, basic, codeIn, decided, exchange, expectRefused, issued } from './code_flow.mjs';
import { glewlwyd, passwordOf, secretOf } from './glewlwyd.mjs';
import { ambiguous, expectSpelling, judged, refused, undecided } from './spellings.mjs';
import { Visitor } from './visitor.mjs';

const policy = {
  ipfence: 1,
  organization: {
    continuous_ip_enforcement: true,
    default_profile: 'office',
    user_claims: ['preferred_username', 'sub'],
  },
  profiles: { office: { login_ip_ranges: ['127.0.1.0/24'] }, anywhere: { unrestricted: true } },
  users: { alice: 'office', robin: 'anywhere' },
  apps: { relaxed: { ip_relaxation: 'relax' }, service: { run_as: 'alice' } },
};

const gate = await Gate.start({ of: glewlwyd, policy });
after(() => gate.stop());

const tokenEndpoint = '/api/oidc/token';
const at = (address) => new Visitor(gate.issuer, address);
const askToken = (visitor, clientId, fields) => visitor.form('POST', tokenEndpoint, fields, basic(clientId, secretOf(clientId)));

async function login(browser, user) {
  gate.conceal(passwordOf(user));
  const answer = await browser.json('POST', '/api/auth', { username: user, password: passwordOf(user) });
  assert.equal(answer.status, 200, answer.body);
}

// The authorization code, once the user has signed in and consented.
async function authorize(browser, clientId) {
  const consent = await browser.json('PUT', `/api/auth/grant/${clientId}`, { scope: 'openid api' });
  assert.equal(consent.status, 200, consent.body);
  const { path, verifier } = authorizationRequest('/api/oidc/auth', clientId, 'openid api');
  const code = codeIn(await browser.get(`${path}&g_continue`));
  gate.conceal(code, verifier);
  gate.audit();
  return exchange(code, verifier);
}

async function signIn(user, clientId = 'web', address = inside) {
  const browser = at(address);
  await login(browser, user);
  const tokens = issued(gate, await askToken(browser, clientId, await authorize(browser, clientId)));
  gate.audit();
  return { browser, tokens };
}

test('a code is redeemed inside, and not outside', async () => {
  const browser = at(inside);
  await login(browser, 'alice');
  issued(gate, await askToken(at(inside), 'web', await authorize(browser, 'web')));
  assert.deepEqual(decided(gate, 'phase', 'user', 'flow', 'reason'), ['response alice web_server login_ip_range']);
  const stranger = at(outside);
  await login(stranger, 'alice');
  expectRefused(await askToken(stranger, 'web', await authorize(stranger, 'web')));
  assert.deepEqual(decided(gate, 'phase', 'user', 'reason'), ['response alice outside_login_ip_ranges']);
});

test('a refresh is decided before the provider sees it', async () => {
  const { tokens } = await signIn('alice');
  const renewed = issued(gate, await askToken(at(inside), 'web', { grant_type: 'refresh_token', refresh_token: tokens.refresh_token }));
  expectRefused(await askToken(at(outside), 'web', { grant_type: 'refresh_token', refresh_token: renewed.refresh_token ?? tokens.refresh_token }));
  assert.deepEqual(decided(gate, 'phase', 'user', 'operation', 'reason'), [
    'request alice refresh login_ip_range',
    'request alice refresh outside_login_ip_ranges',
  ]);
});

for (const [user, address, reason] of [
  ['alice', inside, 'login_ip_range'],
  ['alice', outside, 'outside_login_ip_ranges'],
  ['robin', outside, 'no_login_ip_ranges'],
]) {
  test(`the password grant of ${user} from ${address}: ${reason}`, async () => {
    const fields = { grant_type: 'password', username: user, password: passwordOf(user), scope: 'openid api' };
    const answer = await askToken(at(address), 'web', fields);
    if (reason.startsWith('outside')) expectRefused(answer);
    else issued(gate, answer);
    assert.deepEqual(decided(gate, 'phase', 'user', 'flow', 'reason'), [`request ${user} username_password ${reason}`]);
  });
}

test('userinfo, and the profile with the session of the browser', async () => {
  const { browser, tokens } = await signIn('alice');
  const bearer = { authorization: `Bearer ${tokens.access_token}` };
  assert.equal((await at(inside).get('/api/oidc/userinfo', bearer)).status, 200);
  assert.equal((await at(outside).get('/api/oidc/userinfo', bearer)).status, 403);
  for (const path of ['/api/profile_list', '/api/oidc/token/']) {
    assert.equal((await browser.get(path)).status, 200, path);
    assert.equal((await browser.from(outside).get(path)).status, 403, path);
  }
  assert.deepEqual(decided(gate, 'kind', 'user', 'decision'),
    ['allow', 'deny', 'allow', 'deny', 'allow', 'deny'].map((decision) => `resource alice ${decision}`));
});

const timeBased = { type: 'TOTP', secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', time_step_size: 30 };

const changes = [
  ['a password change', 'password_change', 'PUT', '/api/profile/password', () => ({ old_password: 'wrong', password: 'another password' }), 400],
  ['registration of a second factor', 'verification_registration', 'POST', '/api/profile/scheme/register/',
    () => ({ username: 'alice', scheme_type: 'otp', scheme_name: 'otp', value: timeBased }), 200],
  ['removal of a second factor', 'verification_registration', 'DELETE', '/api/profile/scheme/register/',
    () => ({ username: 'alice', scheme_type: 'otp', scheme_name: 'otp' }), 200],
];

for (const [what, operation, method, path, body, ofProvider] of changes) {
  test(`${what}: inside, outside, in the session of a relaxed app, and in one that nobody knows`, async () => {
    const { browser } = await signIn('alice');
    const send = (visitor) => visitor.json(method, path, body());
    assert.equal((await send(browser)).status, ofProvider);
    assert.equal((await send(browser.from(outside))).status, 403);
    assert.deepEqual(decided(gate, 'operation', 'reason'),
      [`${operation} login_ip_range`, `${operation} outside_login_ip_ranges`]);
    const { browser: relaxed } = await signIn('alice', 'relaxed');
    assert.equal((await send(relaxed)).status, 403);
    const unknown = at(inside);
    await login(unknown, 'alice');
    assert.equal((await send(unknown)).status, 403);
    assert.deepEqual(decided(gate, 'operation', 'reason'),
      [`${operation} sensitive_operation`, `${operation} user_unidentified`]);
  });
}

test('a password that was changed inside is changed, and one from outside is not', async () => {
  const { browser } = await signIn('robin');
  const restore = { old_password: 'another password', password: passwordOf('robin') };
  const change = { old_password: passwordOf('robin'), password: 'another password' };
  gate.conceal(change.password);
  assert.equal((await browser.from(outside).json('PUT', '/api/profile/password', change)).status, 200);
  assert.equal((await browser.json('PUT', '/api/profile/password', restore)).status, 200);
  const { browser: hers } = await signIn('alice');
  const denied = await hers.from(outside).json('PUT', '/api/profile/password', { old_password: passwordOf('alice'), password: 'another password' });
  assert.equal(denied.status, 403);
  await login(at(inside), 'alice'); // with the password as it was
});

test('who signs in where somebody else had is not taken for them', async () => {
  const { browser } = await signIn('robin');
  await login(browser, 'alice');
  gate.audit();
  assert.equal((await browser.from(outside).get('/api/profile_list')).status, 403);
  assert.deepEqual(decided(gate, 'user', 'reason'), [' user_unidentified']);
});

test('in the session of somebody who may not, nobody gets a code by saying that the user was asked', async () => {
  const { browser } = await signIn('alice');
  const { path } = authorizationRequest('/api/oidc/auth', 'web', 'openid api');
  for (const more of ['&g_continue', '&prompt=login&g_continue', '&g_continue&prompt=login&g_continue']) {
    assert.equal((await browser.from(outside, gate.issuer).get(`${path}${more}`)).status, 403, more);
  }
  const asked = await browser.from(outside, gate.issuer).get(`${path}&prompt=login`);
  assert.match(asked.location, /login\.html/);
  gate.audit();
});

test('who signs out is forgotten', async () => {
  const { browser, tokens } = await signIn('robin');
  const before = browser.from(outside);
  assert.equal((await before.get('/api/profile_list')).status, 200);
  const kept = browser.cookies;
  assert.equal((await browser.request('DELETE', '/api/auth/')).status, 200);
  gate.audit();
  assert.equal((await at(outside).get('/api/profile_list', { cookie: kept })).status, 403);
  assert.equal((await at(outside).get('/api/oidc/userinfo', { authorization: `Bearer ${tokens.access_token}` })).status, 403);
  assert.deepEqual(decided(gate, 'reason'), ['user_unidentified', 'user_unidentified']);
});

// target, what the provider itself answers, what the gate does with it
const table = [
  ['/api/oidc/token', 200, judged],
  ['/api/oidc/token/', 200, judged],
  ['/api/oidc/token//', 200, judged],
  ['/api//oidc/token', 200, judged],
  ['/api/oidc//token//', 200, judged],
  ['//api/oidc/token', 200, refused],
  ['/api/oidc/token?x=1', 200, ambiguous],

  // For clients that authenticate by a certificate, and for others.
  ['/api/oidc/mtls/token', 200, judged],
  ['/api/oidc/mtls//token/', 200, judged],

  // More than this provider takes for its token endpoint; another version might.
  ['/api/oidc/TOKEN', 404, judged],
  ['/API/oidc/token', 404, judged],
  ['/./api/oidc/token', 404, judged],
  ['/api/oidc/%74oken', 404, judged],
  ['/api/%6fidc/token', 404, judged],
  ['/%61pi/oidc/token', 404, judged],
  ['/api/oidc%2ftoken', 404, judged],
  ['/api/oidc/token%2f', 404, judged],

  // Two readings.
  ['/api/oidc/x/../token', 404, refused],
  ['/x/../api/oidc/token', 404, refused],
  ['/api/oidc/token;v=1', 404, refused],
  ['/api/oidc/token#', 404, refused],
  ['/api/oidc/token%20', 404, refused],
  ['/api/oidc/token%09', 404, refused],
  ['/api/oidc/token.json', 404, refused],
  ['/api/oidc/token.', 404, refused],
  ['/api/oidc/token%3f', 404, refused],
  ['/api/oidc/token%23', 404, refused],
  ['/api/oidc/%2574oken', 404, refused],
  ['/api/oidc/token\\', 404, refused],
  ['/api\\oidc\\token', 404, refused],

  // Other paths.
  ['/api/oidc/token/x', 404, undecided],
  ['/x/api/oidc/token', 404, undecided],
  ['/token', 404, undecided],
];

const body = new URLSearchParams({ grant_type: 'client_credentials', scope: 'api', client_id: 'service', client_secret: secretOf('service') });

for (const row of table) {
  test(`POST ${row[0]}: ${row[1]} at the provider, ${row[2].outside ?? 'not decided'} at the gate`, () =>
    expectSpelling(gate, body.toString(), row));
}

test('its metadata names no endpoint that the map does not know, but for the keys and introspection', async () => {
  const metadata = JSON.parse((await at(inside).get('/api/oidc/.well-known/openid-configuration')).body);
  const paths = Object.entries(metadata)
    .filter(([name, url]) => /_(endpoint|uri)$/.test(name) && url.startsWith?.(gate.issuer))
    .map(([, url]) => new URL(url).pathname);
  assert.deepEqual(paths.sort(), ['auth', 'device_authorization', 'introspect', 'jwks', 'revoke', 'token', 'userinfo'].map((name) => `/api/oidc/${name}`));
});
