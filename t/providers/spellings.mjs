// Ways to write the path of a token endpoint: each is sent to the provider itself, to see what it is there, and through
// the gate, where a token request from outside may bring no token, whatever the provider takes the path for.

import assert from 'node:assert/strict';
import { form, rawRequest } from '../e2e/raw_request.mjs';
import { inside, outside } from '../e2e/world.mjs';

export const judged = { inside: 'login_ip_range', outside: 'outside_login_ip_ranges' };
export const refused = { inside: 'kind_unknown', outside: 'kind_unknown' };
export const ambiguous = { inside: 'ambiguous_request', outside: 'ambiguous_request' };
export const undecided = {};

const statusOf = (reason, ofProvider) =>
  ({ kind_unknown: 403, ambiguous_request: 400, outside_login_ip_ranges: 400 })[reason] ?? ofProvider;

const post = (gate, port, target, address, body) =>
  rawRequest({ port, target, address, body, headers: form, host: `127.0.0.1:${gate.port}` });

// `ofProvider` is the status with which the provider itself answers, and whether it is with a token.
export async function expectSpelling(gate, body, [target, ofProvider, expected], hasToken = ofProvider === 200) {
  const direct = await post(gate, gate.providerPort, target, outside, body);
  assert.equal(direct.status, ofProvider);
  assert.equal(direct.body.includes('access_token'), hasToken);

  const allowed = await post(gate, gate.port, target, inside, body);
  assert.equal(allowed.status, statusOf(expected.inside, ofProvider));

  const denied = await post(gate, gate.port, target, outside, body);
  assert.equal(denied.status, statusOf(expected.outside, ofProvider));
  assert.ok(!denied.body.includes('access_token'));
  assert.deepEqual(gate.audit().map(({ reason }) => reason), [expected.inside, expected.outside].filter(Boolean));
}
