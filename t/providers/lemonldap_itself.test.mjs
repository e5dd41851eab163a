// The gate in the very server that Debian ships for LemonLDAP::NG's portal, which sends every path on to /index.psgi before the
// gate looks at it.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Child } from '../e2e/child.mjs';
import { Gate, accepts, module } from '../e2e/gate.mjs';
import { freePort } from '../e2e/network.mjs';
import { repository } from '../e2e/nginx_configuration.mjs';
import { inside, outside } from '../e2e/world.mjs';
import { basic } from './code_flow.mjs';
import { lemonldap, secretOf, writeNginxConfiguration } from './lemonldap.mjs';
import { Visitor } from './visitor.mjs';

const portal = await Gate.start({ of: lemonldap });
const { directory } = portal.provider;
const port = await freePort();

const policy = {
  ipfence: 1,
  organization: { continuous_ip_enforcement: true, default_profile: 'office' },
  profiles: { office: { login_ip_ranges: ['127.0.1.0/24'] } },
  users: { dwho: 'office' },
};
writeFileSync(join(directory, 'policy.json'), JSON.stringify(policy));
const configuration = writeNginxConfiguration(directory, port, {
  main: `load_module ${module};`,
  http: `
    ipfence_policy ${directory}/policy.json;
    ipfence_zone zone=ipfence:1m;
    include ${repository}/conf/providers/lemonldap-ng.conf;
`,
  upstream: 'ipfence_guard;',
  server: 'ipfence $ipfence_kind;',
});
const log = join(directory, 'gate.log');
const nginx = new Child('/usr/sbin/nginx', ['-e', log, '-c', configuration, '-g', 'daemon off;'], { log });
while (!(await accepts(port))) {
  assert.ok(!nginx.hasExited, readFileSync(log, 'utf8'));
  await pause(20);
}

after(async () => {
  await nginx.stop();
  await portal.stop();
});

const at = (address) => new Visitor(`http://127.0.0.1:${port}`, address);
const json = { accept: 'application/json' };
const login = { grant_type: 'password', username: 'dwho', password: 'dwho', scope: 'openid' };
const askToken = (address, path) => at(address).form('POST', path, login, basic('web', secretOf('web')));

for (const path of ['/oauth2/token', '/oauth2/token/x', '/index.psgi/oauth2/token', '/index.psgi//oauth2/%74oken']) {
  test(`a token at ${path}: inside, and not outside`, async () => {
    const allowed = await askToken(inside, path);
    assert.equal(allowed.status, 200, allowed.body);
    const denied = await askToken(outside, path);
    assert.deepEqual([denied.status, JSON.parse(denied.body).error_description], [400, 'ip restricted']);
  });
}

test('a password change in a query is seen', async () => {
  const browser = at(outside);
  assert.equal((await browser.form('POST', '/', { user: 'dwho', password: 'dwho' }, json)).status, 200);
  const change = await browser.get('/elsewhere?oldpassword=dwho&newpassword=Newpass1&confirmpassword=Newpass1', json);
  assert.equal(change.status, 403);
});

test('the portal itself passes', async () => {
  const page = await at(outside).get('/');
  assert.equal(page.status, 200);
  assert.match(page.body, /Authentication portal/);
  assert.equal((await at(outside).get('/static/common/js/portal.js')).status, 200);
});
