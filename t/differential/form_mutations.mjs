// What can be done to the form of a token request, so that two parsers might read it differently.

import { decoy, plant } from './decoys.mjs';

function anyParameter(draft, random) {
  if (draft.parameters.length === 0) draft.add('x', 'y');
  return random.pick(draft.parameters);
}

// Writes something into a name or value between two characters, or at an end of it.
function splice(parameter, part, random, written) {
  const text = parameter[part] ?? '';
  const escapes = [...text.matchAll(/%../g)].map(({ index }) => index);
  const positions = [0, text.length, ...Array(text.length).keys()].filter(
    (at) => !escapes.some((escape) => at > escape && at < escape + 3),
  );
  const at = random.pick(positions);
  parameter[part] = text.slice(0, at) + written + text.slice(at);
}

// D03, D04: what PHP, Rails, qs and ASP.NET fold onto a name.
const foldings = [
  (name) => name.toUpperCase(),
  (name) => name.replace(/(^|_)(.)/g, (_, before, letter) => before + letter.toUpperCase()),
  (name) => name.replace('_', '.'),
  (name) => name.replace('_', '-'),
  (name) => name.replace('_', '+'),
  (name) => name.replace('_', '%20'),
  (name) => name.replace('_', '['),
  (name) => name.replace('_', ''),
  (name) => name.replace('_', '%C2%A0'),
  (name) => `${name}[]`,
  (name) => `${name}%5B%5D`,
  (name) => `${name}%5b0%5d`,
  (name) => `${name}[0]`,
  (name) => `${name}[a][b]`,
  (name) => `[${name}]`,
  (name) => `[]${name}`,
  (name) => `__proto__[${name}]`,
  (name) => `constructor[prototype][${name}]`,
  (name) => `${name}%00`,
  (name) => `${name}%00x`,
  (name) => `${name}+`,
  (name) => `+${name}`,
  (name) => `${name}%09`,
  (name) => `%0a${name}`,
  (name) => `%EF%BB%BF${name}`,
  (name) => `${name}%E2%80%8B`,
  (name) => name.replace(/i/, '%C4%B1'), // dotless i
  (name) => name.replace(/k/, '%E2%84%AA'), // KELVIN SIGN
  (name) => name.replace(/e/, '%EF%BD%85'), // fullwidth e
  (name) => name.replace('_', '%255f'),
  (name) => `amp;${name}`,
  (name) => `${name}.`,
  (name) => `.${name}`,
  (name) => `${name}%25`,
  (name) => `${name}:`,
  (name) => `"${name}"`,
  (name) => `${name}%3d`,
];

const separators = [';', '&&', ',', '&amp;', '&;', '\n', '\r\n', '%26', '%3b', '|', ' & ', '&\0', '\t'];

const surroundings = ['&', '?', ';', '&&', '\r\n', ' ', '\0', '=', '&=', '#', '\xef\xbb\xbf'];

const frameworkParameters = [
  ['_charset_', 'utf-7'],
  ['_charset_', 'utf-16'],
  ['_method', 'GET'],
  ['_METHOD', 'PUT'],
  ['utf8', '%E2%9C%93'],
  ['isindex', 'x'],
];

// Bad or unusual spellings of bytes: NUL and controls, overlong UTF-8, surrogates, cut escapes, IIS's %u.
const spellings = [
  '%00', '%0a', '%0D%0A', '%08', '%1b', '%7f', '%80', '%85', '%a0', '%ff', '%fe%ff', '%c0%80', '%c0%af',
  '%c1%a1', '%e0%80%af', '%f0%80%80%af', '%ed%a0%80', '%ed%a0%bd%ed%b8%80', '%f4%90%80%80', '%f8%88%80%80%80',
  '%c3', '%e2%82', '%', '%4', '%zz', '%G1', '%u0061', '%u00', '%%41', '%25', '%2541', '% 41', '%+1', '%-1',
  '%0x41', '%c3%28', '\0', '\x01', '\n', '\r', '\x7f', '\x80', '\xe9', '\xff', '\xc3\xa9', ' ', '"', "'", '<',
  '\\', '^', '`', '{', '|', '~', '+', '%20', '%2b', '%2B', '%26', '%3d', '=', '%3D', '%e2%80%8b', '%EF%BB%BF',
  '%E2%80%A8', '&#97;', '%C2%AD', ';', '#',
];

export const formMutations = {
  'repeats a name'(draft, random) {
    const { name, value } = decoy(draft, random);
    plant(draft, random, name, value);
  },
  'repeats a name with the same value'(draft, random) {
    plant(draft, random, ...anyParameter(draft, random));
  },
  'repeats a name in another spelling'(draft, random) {
    const { name, value } = decoy(draft, random);
    plant(draft, random, name.replace(/[a-z_]/, (byte) => `%${byte.charCodeAt(0).toString(16)}`), value);
  },
  'folds a name onto another'(draft, random) {
    const { name, value } = decoy(draft, random);
    plant(draft, random, random.pick(foldings)(name), value);
  },
  'renames a parameter'(draft, random) {
    const parameter = anyParameter(draft, random);
    parameter[0] = random.pick(foldings)(parameter[0]);
  },
  'separates with something else'(draft, random) {
    draft.separator = random.pick(separators);
  },
  'hides a parameter in a value'(draft, random) {
    const { name, value } = decoy(draft, random);
    const parameter = anyParameter(draft, random);
    parameter[1] = `${parameter[1] ?? ''}${random.pick(separators)}${name}=${value}`;
  },
  'has separators around it'(draft, random) {
    draft[random.pick(['before', 'after'])] = random.pick(surroundings);
  },
  'spells a value strangely'(draft, random) {
    splice(anyParameter(draft, random), 1, random, random.pick(spellings));
  },
  'spells a name strangely'(draft, random) {
    splice(anyParameter(draft, random), 0, random, random.pick(spellings));
  },
  'repeats, and ends the first one strangely'(draft, random) {
    const { name, value } = decoy(draft, random);
    plant(draft, random, name, value + random.pick(spellings));
  },
  'has a parameter without a value'(draft, random) {
    const { name } = decoy(draft, random);
    plant(draft, random, name, random.pick([undefined, '']));
  },
  'has a parameter without a name'(draft, random) {
    plant(draft, random, '', decoy(draft, random).value);
  },
  'has two equals signs'(draft, random) {
    const parameter = anyParameter(draft, random);
    parameter[1] = `=${parameter[1] ?? ''}`;
  },
  'drops a parameter'(draft, random) {
    draft.parameters.splice(random.below(draft.parameters.length), 1);
  },
  'adds what another grant has'(draft, random) {
    const { value } = decoy(draft, random);
    const names = ['username', 'refresh_token', 'code', 'assertion', 'subject_token', 'device_code'];
    plant(draft, random, random.pick(names), value);
  },
  'names a charset or a method'(draft, random) {
    plant(draft, random, ...random.pick(frameworkParameters));
  },
  'encodes the body in another charset'(draft, random) {
    const encode = random.pick([
      (body) => Buffer.from(body.toString('latin1'), 'utf16le'),
      (body) => Buffer.concat([Buffer.from('\xff\xfe', 'latin1'), Buffer.from(body.toString('latin1'), 'utf16le')]),
      (body) => Buffer.from(body.toString('latin1').replace(/&/g, '+ACY-'), 'latin1'),
      (body) => Buffer.from(body.toString('latin1').replace(/=/g, '+AD0-'), 'latin1'),
    ]);
    draft.rewrite = encode;
  },
  'hides behind padding'(draft, random) {
    const { name, value } = decoy(draft, random);
    const size = random.pick([8, 16, 32, 60, 64, 128]) * 1024 + random.below(5) - 2;
    draft.add('padding', 'x'.repeat(size));
    draft.add(name, value);
  },
  'has very many parameters'(draft, random) {
    const { name, value } = decoy(draft, random);
    const many = random.pick([50, 100, 999, 1001, 5000]);
    for (let number = 0; number < many; number += 1) draft.add(`p${number}`, 'x');
    if (random.chance(0.7)) draft.add(name, value);
  },
};
