// What ends a session at the real provider ends it at the gate: revocation, logout; and what the gate withheld is
// revoked at the provider.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import * as client from 'openid-client';
import { app, refresh, signIn } from './apps.mjs';
import { Browser } from './browser.mjs';
import { expectDenied } from './expectations.mjs';
import { Gate } from './gate.mjs';
import { fetchFrom } from './network.mjs';
import { companyServer, continuousPolicy, inside, outside, secretOf } from './world.mjs';

const gate = await Gate.start({ policy: continuousPolicy, server: companyServer });
after(() => gate.stop());

const at = (path) => new URL(path, gate.issuer).href;

const callApi = async (token, address = inside) =>
  (await fetchFrom(address)(at('/api'), { headers: { authorization: `Bearer ${token}` } })).status;

async function signedIn(clientId, scope) {
  const browser = new Browser(inside, 'alice');
  const tokens = await signIn(gate, clientId, inside, { browser, scope });
  return { browser, tokens };
}

test('a revoked token is forgotten, and its family with it', async () => {
  const { tokens } = await signedIn('relaxed');
  assert.equal(await callApi(tokens.access_token, outside), 200);
  await client.tokenRevocation(await app(gate, 'relaxed', inside), tokens.refresh_token);
  assert.equal(await callApi(tokens.access_token, inside), 403);
  assert.equal(gate.audit().at(-1).reason, 'user_unidentified');
});

test('a logout forgets the session', async () => {
  const { browser, tokens } = await signedIn('web', 'openid profile');
  assert.equal((await browser.fetch(at('/account/welcome'))).status, 200);
  const question = await browser.fetch(at('/session/end'));
  assert.equal(question.status, 200);
  assert.equal((await browser.fetch(at('/account/welcome'))).status, 200, 'asking is not logging out');
  const [, xsrf] = question.body.match(/name="xsrf" value="([^"]+)"/);
  const old = browser.cookie('_session');
  const done = await browser.fetch(at('/session/end/confirm'), {
    method: 'POST',
    body: new URLSearchParams({ xsrf, logout: 'yes' }),
  });
  assert.equal(done.status, 303);
  const replayed = await fetchFrom(inside)(at('/account/welcome'), { headers: { cookie: `_session=${old}` } });
  assert.equal(replayed.status, 403);
  assert.equal(gate.audit().at(-1).reason, 'user_unidentified');
  assert.equal(await callApi(tokens.access_token), 403, 'the family is forgotten, too');
});

// The form of a provider that asks whether to log out, sent with one of its two buttons.
async function answerQuestion(browser, query, answer) {
  const question = await browser.fetch(at(`/session/end${query}`));
  const [, xsrf] = question.body.match(/name="xsrf" value="([^"]+)"/);
  const done = await browser.fetch(at('/session/end/confirm'), {
    method: 'POST',
    body: new URLSearchParams({ xsrf, ...answer }),
  });
  assert.equal(done.status, 303);
}

test('tokens for offline access outlive a logout, at the gate as at the provider', async () => {
  const { browser, tokens } = await signedIn('relaxed_refresh');
  await answerQuestion(browser, '', { logout: 'yes' });
  assert.equal(await isActive('relaxed_refresh', tokens.refresh_token), true);
  const refreshed = await refresh(gate, 'relaxed_refresh', outside, tokens);
  assert.equal(gate.audit().at(-1).reason, 'refresh_token');
  assert.equal(await callApi(refreshed.access_token, outside), 200);
});

for (const [whom, query] of [['nobody', ''], ['an app, whose session ends', '?client_id=relaxed']]) {
  test(`who is asked for ${whom} whether to log out, and says no, stays signed in`, async () => {
    const { browser, tokens } = await signedIn('web');
    await signIn(gate, 'relaxed', inside, { browser });
    await answerQuestion(browser, query, {});
    assert.equal((await browser.fetch(at('/account/second-factors'))).status, 403, 'an app is relaxed');
    assert.equal(gate.audit().at(-1).reason, 'sensitive_operation');
    assert.equal(await callApi(tokens.access_token), 200);
    assert.equal(await callApi(tokens.access_token, outside), 403);
  });
}

// Whether the provider itself, asked directly, still takes a token for active.
async function isActive(clientId, token) {
  const response = await fetch(`http://127.0.0.1:${gate.providerPort}/token/introspection`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${clientId}:${encodeURIComponent(secretOf(clientId))}`)}` },
    body: new URLSearchParams({ token }),
  });
  return (await response.json()).active;
}

test('what the gate withheld is revoked at the provider', async () => {
  const ended = () => gate.providerLog.match(/destroyed refresh_token|revoked grant/g) ?? [];
  const before = ended().length;
  await expectDenied(signIn(gate, 'web', outside));
  for (let waited = 0; waited < 100 && ended().length < before + 2; waited += 1) await pause(20);
  // This provider ends the whole grant with its refresh token, and the access token with it.
  assert.deepEqual(ended().slice(before).sort(), ['destroyed refresh_token', 'revoked grant']);
  assert.ok(!gate.errorLog.includes('was not revoked'), gate.errorLog);
});

test('what it let go is not', async () => {
  const { tokens } = await signedIn('web');
  assert.equal(await isActive('web', tokens.access_token), true);
});
