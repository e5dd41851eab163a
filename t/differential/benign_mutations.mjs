// What clients may well do: other spellings of the same request. Each of them must pass.

import { withLength } from './draft.mjs';

const hexadecimal = (byte, random) => {
  const digits = byte.charCodeAt(0).toString(16).padStart(2, '0');
  return `%${random.chance(0.5) ? digits : digits.toUpperCase()}`;
};

// Some bytes in escapes that need none.
const escaped = (text, random) =>
  text.replace(/%..|[A-Za-z0-9_.-]/g, (byte) =>
    byte.length === 1 && random.chance(0.2) ? hexadecimal(byte, random) : byte,
  );

function chunksOf(body, random) {
  const chunks = [];
  for (let at = 0; at < body.length; ) {
    const chunk = body.subarray(at, at + 1 + random.below(at + 100));
    chunks.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
    at += chunk.length;
  }
  return Buffer.concat([...chunks, Buffer.from('0\r\n\r\n')]);
}

export const benignMutations = {
  'escapes more of the values'(draft, random) {
    draft.parameters.forEach((parameter) => (parameter[1] = escaped(parameter[1], random)));
  },
  'escapes more of the names'(draft, random) {
    draft.parameters.forEach((parameter) => (parameter[0] = escaped(parameter[0], random)));
  },
  'writes spaces as %20'(draft) {
    draft.parameters.forEach((parameter) => (parameter[1] = parameter[1].replaceAll('+', '%20')));
  },
  'ends with a separator'(draft) {
    draft.after = '&';
  },
  'has another order'(draft, random) {
    draft.parameters = random.shuffled(draft.parameters);
  },
  'has parameters of its own'(draft, random) {
    draft.insert(random.below(3), 'tenant', 'a%2Bb%C3%A9');
    draft.add('x-vendor.option', '');
  },
  'repeats what may be repeated'(draft) {
    draft.add('resource', 'urn%3Aa');
    draft.add('resource', 'urn%3Ab');
    draft.add('audience', 'a');
    draft.add('audience', 'b');
  },
  'names the charset'(draft, random) {
    const separator = random.pick([';', '; ', ' ; ']);
    draft.setHeader('Content-Type', `application/x-www-form-urlencoded${separator}charset=UTF-8`);
  },
  'writes headers in another case'(draft, random) {
    const written = random.chance(0.5) ? (name) => name.toLowerCase() : (name) => name.toUpperCase();
    draft.headers = draft.headers.map((line) => line.replace(/^[^:]*/, written));
  },
  'has headers that say nothing'(draft) {
    draft.headers.push('Accept: application/json', 'X-Forwarded-For: 203.0.113.1', 'X-Forwarded-Host: elsewhere');
    draft.headers.push('User-Agent: client/1.0 (a; b) "c"', 'Cookie: a=1; b=2', 'Range: bytes=0-1');
  },
  'is chunked'(draft, random) {
    draft.version = 'HTTP/1.1';
    draft.frame = (body) => ({ headers: ['Transfer-Encoding: chunked'], body: chunksOf(body, random) });
  },
  'is of HTTP/1.0'(draft) {
    draft.version = 'HTTP/1.0';
    draft.frame = withLength;
  },
  'arrives in pieces'(draft, random) {
    draft.pieces = 2 + random.below(4);
  },
  'is large'(draft, random) {
    draft.insert(random.below(draft.parameters.length), 'padding', 'x'.repeat(random.below(40_000)));
  },
  'writes the path in another way'(draft, random) {
    draft.target = random.pick(['/token/', '/TOKEN', '/./token', '/%74oken', '/tok%65n']);
  },
};
