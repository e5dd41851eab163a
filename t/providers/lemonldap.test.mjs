// conf/providers/lemonldap-ng.conf with the provider itself, under continuous enforcement.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Gate } from '../e2e/gate.mjs';
import { inside, outside } from '../e2e/world.mjs';
import { authorizationRequest, basic, codeIn, decided, exchange, expectRefused, issued, redirectUri } from './code_flow.mjs';
import { lemonldap, secretOf } from './lemonldap.mjs';
import { ambiguous, expectSpelling, judged, refused, undecided } from './spellings.mjs';
import { Visitor } from './visitor.mjs';

const policy = {
  ipfence: 1,
  organization: { continuous_ip_enforcement: true, default_profile: 'office', user_claims: ['sub'] },
  profiles: { office: { login_ip_ranges: ['127.0.1.0/24'] }, anywhere: { unrestricted: true } },
  users: { dwho: 'office', msmith: 'anywhere' },
  apps: { relaxed: { ip_relaxation: 'relax' }, service: { run_as: 'dwho' } },
};

const gate = await Gate.start({ of: lemonldap, policy });
after(() => gate.stop());

const json = { accept: 'application/json' };
const at = (address) => new Visitor(gate.issuer, address);

// The token endpoint is none for browsers: it refuses requests with a session.
const askToken = (address, clientId, fields) =>
  at(address).form('POST', '/oauth2/token', fields, basic(clientId, secretOf(clientId)));

async function login(browser, user) {
  const answer = await browser.form('POST', '/', { user, password: user }, json);
  assert.equal(JSON.parse(answer.body).error, '0', answer.body);
  gate.conceal(JSON.parse(answer.body).id);
}

async function authorize(browser, clientId) {
  const { path, verifier } = authorizationRequest('/oauth2/authorize', clientId, 'openid profile offline_access');
  const code = codeIn(await browser.get(path));
  gate.conceal(code, verifier);
  gate.audit();
  return exchange(code, verifier);
}

async function signIn(user, clientId = 'web') {
  const browser = at(inside);
  await login(browser, user);
  const tokens = issued(gate, await askToken(inside, clientId, await authorize(browser, clientId)));
  gate.audit();
  return { browser, tokens };
}

test('a code is redeemed inside, and not outside', async () => {
  const browser = at(inside);
  await login(browser, 'dwho');
  issued(gate, await askToken(inside, 'web', await authorize(browser, 'web')));
  assert.deepEqual(decided(gate, 'phase', 'user', 'flow', 'reason'), ['response dwho web_server login_ip_range']);
  const stranger = at(outside);
  await login(stranger, 'dwho');
  expectRefused(await askToken(outside, 'web', await authorize(stranger, 'web')));
  assert.deepEqual(decided(gate, 'phase', 'user', 'reason'), ['response dwho outside_login_ip_ranges']);
});

test('a refresh is decided before the provider sees it', async () => {
  const { tokens } = await signIn('dwho');
  const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
  issued(gate, await askToken(inside, 'web', refresh));
  expectRefused(await askToken(outside, 'web', refresh));
  assert.deepEqual(decided(gate, 'phase', 'user', 'operation', 'reason'), [
    'request dwho refresh login_ip_range',
    'request dwho refresh outside_login_ip_ranges',
  ]);
});

for (const [user, address, reason] of [
  ['dwho', inside, 'login_ip_range'],
  ['dwho', outside, 'outside_login_ip_ranges'],
  ['msmith', outside, 'no_login_ip_ranges'],
]) {
  test(`the password grant of ${user} from ${address}: ${reason}`, async () => {
    const fields = { grant_type: 'password', username: user, password: user, scope: 'openid' };
    const answer = await askToken(address, 'web', fields);
    if (reason.startsWith('outside')) expectRefused(answer);
    else issued(gate, answer);
    assert.deepEqual(decided(gate, 'phase', 'user', 'flow', 'reason'), [`request ${user} username_password ${reason}`]);
  });
}

test('userinfo', async () => {
  const { tokens } = await signIn('dwho');
  const bearer = { authorization: `Bearer ${tokens.access_token}` };
  assert.equal((await at(inside).get('/oauth2/userinfo', bearer)).status, 200);
  assert.equal((await at(outside).get('/oauth2/userinfo/x', bearer)).status, 403);
  assert.deepEqual(decided(gate, 'kind', 'user', 'reason'),
    ['resource dwho login_ip_range', 'resource dwho outside_login_ip_ranges']);
});

// Asks without a session, and signs in on a page that is not the authorization endpoint, as that of a second factor is none.
async function signInElsewhere(browser, query) {
  await browser.get(`/oauth2/authorize?${query}`);
  const { location } = await browser.form('POST', '/', { user: 'dwho', password: 'dwho' });
  assert.equal(location, `${gate.issuer}/oauth2`);
  gate.conceal(browser.cookies.match(/lemonldap=([^;]+)/)[1]);
}

const implicit = new URLSearchParams({
  response_type: 'id_token token', client_id: 'web', redirect_uri: redirectUri, scope: 'openid', nonce: 'nonce', state: 'state',
});

test('who signs in on another page gets the code at /oauth2, and the session is known', async () => {
  const browser = at(inside);
  const { path, verifier } = authorizationRequest('/oauth2/authorize', 'web', 'openid profile');
  await signInElsewhere(browser, new URL(path, gate.issuer).searchParams);
  const code = codeIn(await browser.get('/oauth2'));
  gate.conceal(code, verifier);
  issued(gate, await askToken(inside, 'web', exchange(code, verifier)));
  gate.audit();
  assert.equal((await browser.get('/mysession/?whoami', json)).status, 200);
  assert.deepEqual(decided(gate, 'user', 'reason'), ['dwho login_ip_range']);
});

for (const path of ['/oauth2', '/oauth2/x', '/oauth2/logout', '/oauth2/checksession', '/oauth2/authorizes', '/index.psgi/oauth2']) {
  test(`tokens that wait for who signs in on another page are decided at ${path}`, async () => {
    const browser = at(inside);
    await signInElsewhere(browser, implicit);
    const { location } = await browser.get(path);
    const given = new URLSearchParams(new URL(location).hash.slice(1));
    assert.ok(given.get('access_token') && given.get('id_token'), location);
    gate.conceal(given.get('access_token'), given.get('id_token'));
    const stranger = at(outside);
    await signInElsewhere(stranger, implicit);
    const { status, location: nowhere } = await stranger.get(path);
    assert.deepEqual([status, nowhere], [403, null]);
    assert.deepEqual(decided(gate, 'kind', 'user', 'reason'),
      ['authorization dwho login_ip_range', 'authorization dwho outside_login_ip_ranges']);
  });
}

test('a session that the portal finds where no cookie begins is nobody\'s way in', async () => {
  const { browser } = await signIn('dwho');
  const { browser: visitor } = await signIn('msmith');
  const id = ({ cookies }) => cookies.match(/lemonldap=([0-9a-f]+)/)[1];
  const [session, own] = [id(browser), `lemonldap=${id(visitor)}`];
  const direct = new Visitor(`http://127.0.0.1:${gate.providerPort}`, outside);
  const { path } = authorizationRequest('/oauth2/authorize', 'web', 'openid');
  for (const found of [`x=lemonldap=${session}`, `x=lemonldap=${session}; ${own}`, `lemonldap=${session} x; ${own}`, `[lemonldap=${session}`]) {
    const headers = { ...json, cookie: found };
    assert.equal(JSON.parse((await direct.get('/mysession/?whoami', headers)).body).result, 'dwho', 'the portal itself finds it');
    assert.equal((await at(outside).get('/mysession/?whoami', headers)).status, 403);
    assert.equal((await at(outside).get(path, headers)).status, 403);
    assert.deepEqual(decided(gate, 'reason'), ['kind_unknown', 'kind_unknown']);
  }
  const headers = { ...json, cookie: `my-lemonldap=x; connect.lemonldap=y; ${own}` };
  assert.equal((await at(outside).get('/mysession/?whoami', headers)).status, 200, 'other cookies do not matter');
  gate.audit();
});

const newPassword = { oldpassword: 'dwho', newpassword: 'Newpass1!', confirmpassword: 'Newpass1!' };
gate.conceal(newPassword.newpassword);
const query = new URLSearchParams(newPassword);
const changed = ({ body }) => JSON.parse(body).error === '35'; // PE_PASSWORD_OK

const waysToChange = [
  ['a form', (browser) => browser.form('POST', '/', newPassword, json)],
  ['a form at another path', (browser) => browser.form('POST', '/portal.css', newPassword, json)],
  ['a form at a path of another kind', (browser) => browser.form('POST', '/logout', newPassword, json), 400],
  ['a query', (browser) => browser.get(`/?${query}`, json)],
  ['a query at another path', (browser) => browser.get(`/elsewhere?${query}`, json)],
  ['a query with a form', (browser) => browser.form('POST', `/?${query}`, {}, json)],
];

for (const [how, change, refusal = 403] of waysToChange) {
  test(`a password change in ${how}`, async () => {
    const { browser } = await signIn('dwho');
    const direct = await change(browser.from(outside, `http://127.0.0.1:${gate.providerPort}`));
    assert.ok(changed(direct), `the provider itself takes it: ${direct.body}`);
    if (refusal === 403) assert.ok(changed(await change(browser)));
    assert.equal((await change(browser.from(outside))).status, refusal);
    const { browser: relaxed } = await signIn('dwho', 'relaxed');
    assert.equal((await change(relaxed)).status, refusal);
    assert.deepEqual(decided(gate, 'operation', 'reason'),
      [refusal === 403 ? 'password_change sensitive_operation' : ' ambiguous_request']);
  });
}

test('a password change in a multipart form, which the portal reads, too', async () => {
  const { browser } = await signIn('dwho');
  const part = ([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const body = `${Object.entries(newPassword).map(part).join('')}--x--\r\n`;
  const send = (visitor) => visitor.request('POST', '/', { body, headers: { ...json, 'content-type': 'multipart/form-data; boundary=x' } });
  assert.ok(changed(await send(browser.from(outside, `http://127.0.0.1:${gate.providerPort}`))));
  assert.equal((await send(browser.from(outside))).status, 400);
  assert.deepEqual(decided(gate, 'reason'), ['ambiguous_request']);
});

test('a password change cannot wait until somebody has signed in', async () => {
  for (const path of ['authorize', 'logout', 'logouts']) {
    const answer = await at(outside).get(`/oauth2/${path}?${query}`);
    assert.equal(answer.headers.getSetCookie().join().includes('issuerRequest'), false, path);
  }
  gate.audit();
});

test('in a session that never signed in to an app, nobody is identified', async () => {
  const browser = at(inside);
  await login(browser, 'dwho');
  assert.equal((await browser.form('POST', '/', newPassword, json)).status, 403);
  assert.deepEqual(decided(gate, 'reason'), ['user_unidentified']);
});

test('registration of a second factor: inside, outside, and in the session of a relaxed app', async () => {
  const script = { ...json, 'x-csrf-check': '1', 'x-requested-with': 'XMLHttpRequest' };
  const register = (browser, prefix = '') => browser.form('POST', `${prefix}/2fregisters/totp/getkey`, {}, script);
  const { browser } = await signIn('dwho');
  const answer = await register(browser);
  assert.ok(JSON.parse(answer.body).secret, answer.body);
  gate.conceal(JSON.parse(answer.body).secret);
  assert.equal((await register(browser.from(outside))).status, 403);
  assert.equal((await register(browser.from(outside), '/index.psgi')).status, 403);
  assert.deepEqual(decided(gate, 'operation', 'reason'), [
    'verification_registration login_ip_range',
    'verification_registration outside_login_ip_ranges',
    'verification_registration outside_login_ip_ranges',
  ]);
  assert.equal((await register((await signIn('dwho', 'relaxed')).browser)).status, 403);
  assert.deepEqual(decided(gate, 'reason'), ['sensitive_operation']);
});

for (const path of ['/logout', '/?logout=1', '/elsewhere?logout=1']) {
  test(`who signs out at ${path} is forgotten`, async () => {
    const { browser, tokens } = await signIn('msmith');
    const bearer = { authorization: `Bearer ${tokens.access_token}` };
    assert.equal((await at(outside).get('/oauth2/userinfo', bearer)).status, 200);
    const kept = browser.cookies;
    await browser.get(path, json);
    gate.audit();
    assert.equal((await at(outside).get('/oauth2/userinfo', bearer)).status, 403);
    assert.equal((await at(outside).get('/mysession', { cookie: kept })).status, 403);
    assert.deepEqual(decided(gate, 'reason'), ['user_unidentified', 'user_unidentified']);
  });
}

for (const [answer, sign, status] of [['yes', '', 403], ['no', '-', 200]]) {
  test(`who is asked whether to sign out and says ${answer} is ${status === 200 ? 'still known' : 'forgotten'}`, async () => {
    const { browser, tokens } = await signIn('msmith');
    const kept = browser.cookies;
    const question = await browser.get('/oauth2/logout');
    const [, key] = question.body.match(/name="confirm" value="([^"]+)"/);
    await browser.form('POST', '/oauth2/logout', { confirm: `${sign}${key}`, skin: 'bootstrap' });
    gate.audit();
    assert.equal((await at(outside).get('/mysession/?whoami', { ...json, cookie: kept })).status, status);
    assert.equal((await at(outside).get('/oauth2/userinfo', { authorization: `Bearer ${tokens.access_token}` })).status, status);
    assert.deepEqual(decided(gate, 'reason'), Array(2).fill(status === 200 ? 'no_login_ip_ranges' : 'user_unidentified'));
  });
}

// target, what the portal itself answers (200 with a token), what the gate does with it
const table = [
  ['/oauth2/token', 200, judged],
  ['/oauth2/token/', 200, judged],
  ['/oauth2/token//', 200, judged],
  ['/oauth2//token', 200, judged],
  ['/oauth2/%74oken', 200, judged],
  ['/oauth2%2ftoken', 200, judged],
  ['/oauth2/token%2f', 200, judged],
  ['/oauth2/token/x', 200, judged],
  ['/oauth2/token/x/y', 200, judged],
  ['/oauth2/token/-', 200, judged],
  ['/oauth2/token/authorize', 200, judged],
  ['/index.psgi/oauth2/token', 200, judged],
  ['/index.psgi//oauth2/token', 200, judged],
  ['/index.psgi/oauth2/token/x', 200, judged],
  ['/index.psgi%2foauth2/token', 200, judged],
  ['//oauth2/token', 200, refused],
  ['/oauth2/token/%20', 200, refused],
  ['/oauth2/token/;x', 200, refused],
  ['/oauth2/token/%C3%A9/..', 200, refused],
  ['/oauth2/token#', 200, refused],
  ['/oauth2/token?x=1', 200, ambiguous],
];

const body = new URLSearchParams({ grant_type: 'client_credentials', scope: 'profile', client_id: 'service', client_secret: secretOf('service') });

for (const row of table) {
  test(`POST ${row[0]}: a token at the portal, ${row[2].outside} at the gate`, () => expectSpelling(gate, body.toString(), row));
}

// Where the portal is not asked for a token, it shows its own page.
for (const [target, expected] of [
  ['/oauth2/TOKEN', judged],
  ['/./oauth2/token', judged],
  ['/oauth2/token.json', refused],
  ['/oauth2/token;v=1', refused],
  ['/oauth2/token%20', refused],
  ['/oauth2/%2574oken', refused],
  ['/oauth2/x/../token', refused],
  ['/x/oauth2/token', undecided],
  ['/token', undecided],
]) {
  test(`POST ${target}: no token at the portal, ${expected.outside ?? 'not decided'} at the gate`, () =>
    expectSpelling(gate, body.toString(), [target, 200, expected], false));
}

test('its metadata names no endpoint that the map does not know, but for the keys, introspection and registration', async () => {
  const metadata = JSON.parse((await at(inside).get('/.well-known/openid-configuration')).body);
  const paths = Object.entries(metadata)
    .filter(([name, url]) => /_(endpoint|uri)$/.test(name) && url.startsWith?.(gate.issuer))
    .map(([, url]) => new URL(url).pathname);
  assert.deepEqual(paths.sort(), ['authorize', 'introspect', 'jwks', 'logout', 'token', 'userinfo'].map((name) => `/oauth2/${name}`));
});
