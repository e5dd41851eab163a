// Two gates before a real provider that share a Redis: what one saw, the other decides by.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import * as client from 'openid-client';
import { app, refresh, signIn } from './apps.mjs';
import { Browser } from './browser.mjs';
import { Child } from './child.mjs';
import { expectAudit, expectDenied, expectMismatch } from './expectations.mjs';
import { Gate } from './gate.mjs';
import { freePort } from './network.mjs';
import { companyServer, continuousPolicy, inside, outside, users } from './world.mjs';

const directory = mkdtempSync(join(tmpdir(), 'ipfence-redis-'));
const port = await freePort();
const redis = new Child('redis-server', ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', directory], {
  log: join(directory, 'redis.log'),
});

const given = {
  policy: continuousPolicy,
  server: companyServer,
  http: `    ipfence_store redis://127.0.0.1:${port} key=store.key timeout=1s;\n`,
  files: { 'store.key': `${randomBytes(32).toString('base64')}\n` },
};
const first = await Gate.start(given);
const second = await Gate.start({ ...given, beside: first });
after(async () => {
  await second.stop();
  await first.stop();
  await redis.stop();
  rmSync(directory, { recursive: true });
});

const at = (path) => new URL(path, first.issuer).href;

async function callApi(gate, token, address = inside) {
  const response = await gate.fetchFrom(address)(at('/api'), { headers: { authorization: `Bearer ${token}` } });
  return response.status;
}

async function soon(isSo) {
  for (let waited = 0; waited < 100; waited += 1) {
    if (await isSo()) return true;
    await pause(20);
  }
  return false;
}

const renewal = { phase: 'request', operation: 'refresh', flow: 'web_server', user: users.alice };

test('a refresh token that the other gate saw issued is decided before the provider sees it', async () => {
  const tokens = await signIn(first, 'web', inside);
  second.audit();
  await expectDenied(refresh(second, 'web', outside, tokens));
  await expectMismatch(refresh(second, 'relaxed', inside, tokens));
  const renewed = await refresh(second, 'web', inside, tokens);
  expectAudit(second, { ...renewal, decision: 'deny' }, { ...renewal, reason: 'app_mismatch' }, { ...renewal, decision: 'allow' });
  first.audit();
  await refresh(first, 'web', inside, renewed);
  expectAudit(first, { ...renewal, decision: 'allow' });
});

test('an access token is known at both, and forgotten at both', async () => {
  const tokens = await signIn(first, 'relaxed', inside);
  assert.equal(await callApi(second, tokens.access_token, outside), 200);
  assert.equal(second.audit().at(-1).reason, 'relaxed_app');
  await client.tokenRevocation(await app(second, 'relaxed', inside), tokens.refresh_token);
  assert.equal(await callApi(second, tokens.access_token), 403);
  assert.ok(await soon(async () => (await callApi(first, tokens.access_token)) === 403));
  assert.equal(first.audit().at(-1).reason, 'user_unidentified');
});

test('a session is known at both, and ends at both', async () => {
  const browser = new Browser(inside, 'alice');
  await signIn(first, 'web', inside, { browser });
  const session = browser.cookie('_session');
  // The provider wants its other cookies, too; the gate alone answers 403.
  const passes = async (gate) =>
    (await gate.fetchFrom(inside)(at('/account/welcome'), { headers: { cookie: `_session=${session}` } })).status !== 403;
  assert.ok(await passes(second));
  assert.equal(second.audit().at(-1).user, users.alice);
  const question = await browser.fetch(at('/session/end'));
  const [, xsrf] = question.body.match(/name="xsrf" value="([^"]+)"/);
  const done = await browser.fetch(at('/session/end/confirm'), { method: 'POST', body: new URLSearchParams({ xsrf, logout: 'yes' }) });
  assert.equal(done.status, 303);
  assert.ok(!(await passes(first)));
  assert.ok(await soon(async () => !(await passes(second))));
});
