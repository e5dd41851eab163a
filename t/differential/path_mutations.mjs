// Ways to write the path of the token endpoint, some of which some router takes for it (threats: group A).

const letters = (text, random, write) =>
  text.replace(/[a-z]/g, (letter) => (random.chance(0.3) ? write(letter) : letter));

const escape = (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`;

const suffixes = [
  '/', '//', '/.', '/..', '/./', '.', '..', './', ';', ';a=b', ';/', '%3b', '%3Bx', '%20', '%09', '%0a', '%0d',
  '%00', '%7f', '%85', '%a0', '%2f', '%2F', '%2e', '%2E', '%5c', '\\', '\\.', ' ', '\t', '+', ',', '&a=b',
  '.json', '.do', '%25', '%252f', '%2525', '%3f', '%3Fa', '%23', '#', '#a', '#/../x', '%c0%af', '%e2%80%8b',
  '%c2%a0', '\xe9', '%e9', '%ff', '!', '*', "'", '"', '$', '(a)', ':', '@', '~', '|', '/x/..', '/x/%2e%2e',
  '//..', '/%2f..', '//%2e%2e', '//.', '/x//../..', '/%2e', '/%2e/', '/x%2f..', '/;/', '/.;/', '%2f.', '/\\',
  '%u002f', '?', '?a=b', '//..//token', '=', '%0a.json',
];

const prefixes = [
  '/', '//', '///', '/.', '/..', '/a/..', '/a/%2e%2e', '/a/.%2e', '/%2e', '/;', '/;a=b', '/a;b/..', '/a/..;',
  '/..;', '\\', '/\\', '%2f', '/%2f', '/%5c', '/a%2f..', '/a/../b/..', '/%c0%ae', '/%252e', '/a#/..', '/a?/..',
  '/a%3f/..', '/a%23/..', '/ /..', '/%20', '/a\\..', '/a%5c..', '/token/..', '/token//..', '//elsewhere',
  '/%2felsewhere', '/\\elsewhere', '///elsewhere', '/me/..', '/auth/..', '/me;/..', '/token/revocation/..',
  '/session/end/..', 'http://127.0.0.1', 'http://elsewhere', 'http://elsewhere/a/..', 'HTTP://127.0.0.1:80/',
  'http://a@127.0.0.1', 'https://127.0.0.1', '', '*',
];

// KELVIN SIGN, fullwidth letters, overlong UTF-8.
const foldingLetters = [
  ['k', '%E2%84%AA'],
  ['k', '%ef%bd%8b'],
  ['t', '%ef%bd%94'],
  ['e', '%c1%a5'],
  ['o', '%c1%af'],
  ['n', '%ff%ee'],
];

const otherPaths = [
  '/me',
  '/auth',
  '/elsewhere',
  '/session/end',
  '/token/revocation',
  '/token/introspection',
  '/.well-known/openid-configuration',
];

export const pathMutations = {
  'appends to the path'(draft, random) {
    draft.target += random.pick(suffixes);
  },
  'appends to the path twice'(draft, random) {
    draft.target += random.pick(suffixes) + random.pick(suffixes);
  },
  'leads to the path'(draft, random) {
    draft.target = random.pick(prefixes) + draft.target;
  },
  'changes the case of the path'(draft, random) {
    draft.target = letters(draft.target, random, (letter) => letter.toUpperCase());
  },
  'escapes letters of the path'(draft, random) {
    draft.target = letters(draft.target, random, escape);
  },
  'escapes letters of the path twice'(draft, random) {
    draft.target = letters(draft.target, random, (letter) => escape(letter).replace('%', '%25'));
  },
  'escapes a slash of the path'(draft, random) {
    const write = (slash) => (random.chance(0.5) ? random.pick(['%2f', '%2F', '%5c', '\\']) : slash);
    draft.target = draft.target.replace(/\//g, write);
  },
  'writes into the path'(draft, random) {
    const at = 1 + random.below(draft.target.length);
    draft.target = draft.target.slice(0, at) + random.pick(suffixes) + draft.target.slice(at);
  },
  'has letters that fold in the path'(draft, random) {
    draft.target = draft.target.replace(...random.pick(foldingLetters));
  },
  'has a path of another kind'(draft, random) {
    draft.target = random.pick(otherPaths);
  },
};
