// What the head of a forwarded token request must not leave to a framework's choice: from where it takes the
// parameters, the method and the client, and what it makes of the body.

import { valuesOf } from './recorder.mjs';

const methodOverrides = ['x-http-method-override', 'x-http-method', 'x-method-override', 'x_http_method_override'];

const rules = [
  ['it is no POST', ({ method }) => method !== 'POST'],
  ['it has parameters in the query', ({ target }) => /\?./s.test(target)],
  ['it has not one Content-Type', (request) => valuesOf(request, 'content-type').length !== 1],
  ['it has a Content-Encoding', (request) => valuesOf(request, 'content-encoding').length > 0],
  ['it has two Authorizations', (request) => valuesOf(request, 'authorization').length > 1],
  ['it overrides the method', (request) => methodOverrides.some((name) => valuesOf(request, name).length > 0)],
];

// What is wrong with it, or nothing.
export const headProblemOf = (request) => rules.find(([, isBroken]) => isBroken(request))?.[0];
