// What the tests expect, said once.

import assert from 'node:assert/strict';
import { ResponseBodyError } from 'openid-client';

// The call fails as openid-client says that a token endpoint refused: in the gate's words, and with nothing of
// the provider's answer.
export async function expectDenied(call, description = 'ip restricted') {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof ResponseBodyError, error.stack);
    assert.equal(error.status, 400);
    assert.deepEqual(error.cause, { error: 'invalid_grant', error_description: description });
    assert.equal(error.response.headers.get('content-type'), 'application/json');
    assert.equal(error.response.headers.get('cache-control'), 'no-store');
    assert.deepEqual(error.response.headers.getSetCookie(), []);
    return true;
  });
}

// The call fails because what it redeems was issued to another app.
export async function expectMismatch(call) {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof ResponseBodyError, error.stack);
    assert.deepEqual(error.cause, { error: 'invalid_grant', error_description: 'issued to another client' });
    return true;
  });
}

// The call fails with the provider's own error, which the gate let pass.
export async function expectProviderError(call, code) {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof ResponseBodyError, error.stack);
    assert.equal(error.error, code);
    assert.ok(!error.error_description?.startsWith('ip restricted'), error.error_description);
    return true;
  });
}

// Since this was last asked, the audit log has gained exactly these lines on token requests, as far as they are given.
export const expectAudit = (gate, ...expected) => expectAuditOf('token', gate, ...expected);

// The same for requests of another kind.
export function expectAuditOf(kind, gate, ...expected) {
  const lines = gate.audit().filter((line) => line.kind === kind);
  const asked = lines.map((line, index) =>
    Object.fromEntries(Object.keys(expected[index] ?? line).map((member) => [member, line[member]])),
  );
  assert.deepEqual(asked, expected);
  return lines;
}
