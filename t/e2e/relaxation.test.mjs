// What each IP relaxation means for a login and for a refresh, on a device that is new. How the session began is
// remembered, so that a refresh is decided by it, before the provider sees it.

import { after, test } from 'node:test';
import { refresh, signIn } from './apps.mjs';
import { expectAudit, expectDenied } from './expectations.mjs';
import { Gate } from './gate.mjs';
import { branchOffice, inside, outside } from './world.mjs';

const gate = await Gate.start();
after(() => gate.stop());

const inRange = { decision: 'allow', reason: 'login_ip_range' };
const inApp = { decision: 'allow', reason: 'app_ip_range', rule: '127.0.3.0/24' };
const relaxed = { decision: 'allow', reason: 'relaxed_app' };
const refreshed = { decision: 'allow', reason: 'refresh_token' };
const outOfRange = { decision: 'deny', reason: 'outside_login_ip_ranges' };
const outOfApp = { decision: 'deny', reason: 'outside_app_ip_ranges', description: 'ip restricted by app developer' };

const addresses = { 'the office': inside, 'the branch': branchOffice, elsewhere: outside };

//  app, what it is                       login from: the office, the branch, elsewhere; refresh likewise
const table = [
  ['web', 'enforces',                     [inRange, outOfRange, outOfRange], [inRange, outOfRange, outOfRange]],
  ['relaxed', 'relaxes',                  [relaxed, relaxed, relaxed], [relaxed, relaxed, relaxed]],
  ['relaxed_refresh', 'relaxes refreshes', [inRange, outOfRange, outOfRange], [refreshed, refreshed, refreshed]],
  ['activated_devices', 'relaxes devices', [inRange, outOfRange, outOfRange], [inRange, outOfRange, outOfRange]],
  ['branch', 'has its own ranges',        [outOfApp, inApp, outOfApp], [outOfApp, inApp, outOfApp]],
  ['branch_or_office', 'adds its ranges', [inRange, inApp, outOfRange], [inRange, inApp, outOfRange]],
  ['portal', 'relaxes, for SAML only',    [inRange, outOfRange, outOfRange], [inRange, outOfRange, outOfRange]],
  ['unlisted', 'is not in the policy',    [inRange, outOfRange, outOfRange], [inRange, outOfRange, outOfRange]],
];

async function expectOutcome(call, { description, ...expected }, line) {
  await (expected.decision === 'deny' ? expectDenied(call, description) : call);
  expectAudit(gate, { ...line, ...expected });
}

// A place where this app's login is allowed, to have something to refresh.
const loginPlace = (logins) =>
  Object.values(addresses)[logins.findIndex(({ decision }) => decision === 'allow')];

for (const [clientId, what, logins, refreshes] of table) {
  for (const [index, [place, address]] of Object.entries(addresses).entries()) {
    const line = { app: clientId, ip: address };

    test(`${clientId} (${what}): login from ${place}: ${logins[index].reason}`, () =>
      expectOutcome(signIn(gate, clientId, address), logins[index], { ...line, flow: 'web_server' }));

    test(`${clientId} (${what}): refresh from ${place}: ${refreshes[index].reason}`, async () => {
      const tokens = await signIn(gate, clientId, loginPlace(logins));
      gate.audit();
      await expectOutcome(refresh(gate, clientId, address, tokens), refreshes[index], {
        ...line,
        flow: 'web_server',
        phase: 'request',
      });
    });
  }
}
