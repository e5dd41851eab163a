// The router that takes liberties does take them: else no path would ever be found wanting.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayBeTokenEndpoint } from './lenient_router.mjs';

const taken = [
  '/token',
  '/TOKEN/',
  '//token',
  '/./token/.',
  '/a/../token',
  '/token//..', // by RFC 3986
  '/token;a=b',
  '/;a/token',
  '/a/..;/token',
  '/%74oken',
  '/%2574oken',
  '/token%2f',
  '/%2e/token',
  '/token.',
  '/token.json',
  '/token%20',
  '/token%00.html',
  '\\token',
  '/a%5c..%5ctoken',
  '/tok%c1%a5n', // overlong
  '/to%E2%84%AAen', // KELVIN SIGN
  '//elsewhere/token', // to WHATWG's URL
  'http://elsewhere/token',
  '/token?a=b',
  '/token%3Fa',
  '/a#/../token',
];

const left = ['/', '/tokens', '/token/revocation', '/me', '/auth', '/elsewhere?/token', '/token2', '/a/token', '/tok/en'];

for (const target of taken) {
  test(`${target} may be the token endpoint`, () => assert.ok(mayBeTokenEndpoint(target)));
}

for (const target of left) {
  test(`${target} is not`, () => assert.ok(!mayBeTokenEndpoint(target)));
}
