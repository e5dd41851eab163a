// Every test of this folder ends with a search of all that the gate wrote for all that was secret (gate.mjs). Here
// that search itself is tested.

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { signIn } from './apps.mjs';
import { Concealed } from './concealed.mjs';
import { expectDenied } from './expectations.mjs';
import { Gate } from './gate.mjs';
import { issuedIn } from './issued.mjs';
import { fetchFrom } from './network.mjs';
import { inside, outside, secretOf, users } from './world.mjs';

const gate = await Gate.start();
after(() => gate.stop());

const isJwt = (secret) => secret.split('.').length === 3;

test('all that the provider issues is looked for, what the gate withheld too', async () => {
  const passed = await signIn(gate, 'web', inside);
  const received = [passed.access_token, passed.refresh_token, passed.id_token];
  assert.deepEqual(received.filter((token) => !issuedIn(gate.providerLog).includes(token)), []);

  const before = issuedIn(gate.providerLog);
  await expectDenied(signIn(gate, 'web', outside));
  const withheld = issuedIn(gate.providerLog).slice(before.length);
  assert.equal(withheld.filter(isJwt).length, 1, 'an ID Token that no client saw');
  assert.ok(withheld.length >= 4, 'a session, a code and two tokens beside it');
});

test('the search finds what is there, in each spelling, and only that', () => {
  const search = new Concealed();
  search.add(...issuedIn(gate.providerLog), users.alice);
  const written = JSON.stringify(gate.audit()) + gate.errorLog + gate.accessLog;
  assert.deepEqual(search.foundIn(written), [users.alice]);
  const encoded = ['base64url', 'hex'].map((encoding) => Buffer.from(users.alice).toString(encoding));
  for (const spelling of [encodeURIComponent(users.alice), ...encoded]) {
    assert.deepEqual(search.foundIn(`before ${spelling} behind`), [users.alice]);
  }
});

test('a token request, however long, is in no file on its way', async () => {
  const directory = () => statSync(join(gate.directory, 'client_body'), { bigint: true }).mtimeNs;
  const before = directory();
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'service',
    client_secret: secretOf('service'),
    padding: 'x'.repeat(40_000),
  });
  const response = await fetchFrom(inside)(`${gate.issuer}/token`, { method: 'POST', body });
  assert.equal(response.status, 200);
  assert.equal(directory(), before);
});
