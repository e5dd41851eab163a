// conf/providers/oidc-provider.conf: no spelling of the token endpoint's path leads around the gate. Each is
// sent to the provider itself, to see what it is there, and through nginx.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Gate } from './gate.mjs';
import { form, rawRequest } from './raw_request.mjs';
import { inside, outside, secretOf } from './world.mjs';

const gate = await Gate.start();
after(() => gate.stop());

const body = new URLSearchParams({
  grant_type: 'client_credentials',
  client_id: 'service',
  client_secret: secretOf('service'),
}).toString();

const post = (port, target, address) =>
  rawRequest({ port, target, address, body, headers: form, host: `127.0.0.1:${gate.port}` });

const judged = { inside: 'login_ip_range', outside: 'outside_login_ip_ranges' };
const refused = { inside: 'kind_unknown', outside: 'kind_unknown' };
const ambiguous = { inside: 'ambiguous_request', outside: 'ambiguous_request' };
const undecided = {};

// target, what the provider answers, what the gate does with it
const table = [
  ['/token', 200, judged],
  ['/token/', 200, judged],
  ['/TOKEN', 200, judged],
  ['/tOkEn/', 200, judged],
  ['/token?resource=urn:example:api', 200, ambiguous],

  // More than this provider takes for its token endpoint; another version might.
  ['/token//', 404, judged],
  ['/./token', 404, judged],
  ['/%74oken', 404, judged],
  ['/token%2f', 404, judged],

  // Two readings.
  ['/token;v=1', 404, refused],
  ['/;v=1/token', 404, refused],
  ['/token%3bv=1', 404, refused],
  ['/token\\', 404, refused],
  ['/%5ctoken', 404, refused],
  ['/%2574oken', 404, refused],
  ['/token%20', 404, refused],
  ['/token%09', 404, refused],
  ['/token%0a', 404, refused],
  ['/token%7f', 404, refused],
  ['/token%c0%af', 404, refused],
  ['/to%e2%84%aaen', 404, refused], // KELVIN SIGN, which some fold to "k"
  ['//token', 404, refused],
  ['//elsewhere/token', 404, refused], // "elsewhere" is a host to WHATWG's URL
  ['/%2felsewhere/token', 404, refused],
  ['/elsewhere/../token', 404, refused],
  ['/token//..', 404, refused], // /token/ by RFC 3986, / in nginx
  ['/token/x/%2e./..', 404, refused],
  ['/elsewhere#/../token', 404, refused],
  ['/token#', 200, refused],
  ['/token?#&scope=x', 200, refused],
  ['/token%3f', 404, refused],
  ['/token%23', 404, refused],
  ['/token.', 404, refused],
  ['/token./', 404, refused],
  ['/token.json', 404, refused],
  ['/token%2f.json', 404, refused],
  ['/token,', 404, refused],
  ['/token&x=y', 404, refused],

  // Other paths.
  ['/tokens', 404, undecided],
  ['/elsewhere?path=//a/../b', 404, undecided],
];

const gateStatus = (reason, ofProvider) =>
  ({ kind_unknown: 403, ambiguous_request: 400, outside_login_ip_ranges: 400 })[reason] ?? ofProvider;

const expectReasons = (...reasons) =>
  assert.deepEqual(gate.audit().map(({ reason }) => reason), reasons.filter(Boolean));

for (const [target, ofProvider, { inside: reasonInside, outside: reasonOutside }] of table) {
  test(`POST ${target}: ${ofProvider} at the provider, ${reasonOutside ?? 'not decided'} at the gate`, async () => {
    const direct = await post(gate.providerPort, target, outside);
    assert.equal(direct.status, ofProvider);
    assert.equal(direct.body.includes('access_token'), ofProvider === 200);

    const allowed = await post(gate.port, target, inside);
    assert.equal(allowed.status, gateStatus(reasonInside, ofProvider));

    const denied = await post(gate.port, target, outside);
    assert.equal(denied.status, gateStatus(reasonOutside, ofProvider));
    assert.ok(!denied.body.includes('access_token'));
    expectReasons(reasonInside, reasonOutside);
  });
}

test('no other path of the provider hands out a token for a token request', async () => {
  const metadata = JSON.parse((await rawRequest({
    port: gate.port,
    host: `127.0.0.1:${gate.port}`,
    target: '/.well-known/openid-configuration',
    method: 'GET',
  })).body);
  const paths = Object.entries(metadata)
    .filter(([name, url]) => /_(endpoint|uri)$/.test(name) && url.startsWith(gate.issuer))
    .map(([, url]) => new URL(url).pathname);
  assert.ok(paths.includes('/token') && paths.length >= 6, `${paths}`);
  for (const path of paths.filter((path) => path !== '/token')) {
    assert.ok(!(await post(gate.port, path, outside)).body.includes('access_token'), path);
  }
  expectReasons('not_continuous'); // of the UserInfo endpoint, the one path of another kind that is decided
});
