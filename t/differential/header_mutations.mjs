// What can be done to the method, the headers and the framing of a token request.

import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { decoy } from './decoys.mjs';
import { basic, encode } from './draft.mjs';
import { framings } from './framings.mjs';
import { apps } from './world.mjs';

const formType = 'application/x-www-form-urlencoded';
const base64 = (text) => Buffer.from(text, 'latin1').toString('base64');

// D14, D15, B08.
const contentTypes = [
  'application/json', 'text/plain', 'text/plain;charset=UTF-8', 'application/xml',
  'multipart/form-data; boundary=x', '', formType.toUpperCase(), `${formType};`, `${formType}; charset=utf-16`,
  `${formType}; charset=utf-7`, `${formType}; charset=iso-8859-1`, `${formType}; charset="utf-8"`,
  `${formType}; charset=utf-8; charset=utf-7`, `${formType}; a=b`, `${formType};charset=utf-8;`,
  `${formType}, application/json`, `application/json, ${formType}`, `${formType}\t`, `${formType} x`,
  `"${formType}"`, `${formType}; boundary=x`, `x-${formType}`, `${formType}+json`,
  'application/x-www-form-urlencoded-v2', 'application/*', '*/*', `${formType};charset=utf8`, `${formType}\x0c`,
  `${formType}\x0b; charset=utf-8`, `${formType};charset=utf-8 `, `${formType};\tcharset=utf-8`,
  `${formType}\xa0`,
];

const authorizations = [
  (app) => `basic ${base64(`${app}:s`)}`,
  (app) => `BASIC ${base64(`${app}:s`)}`,
  (app) => `Basic  ${base64(`${app}:s`)}`,
  (app) => `Basic\t${base64(`${app}:s`)}`,
  (app) => `Basic ${base64(`${app}:s`)} `,
  (app) => `Basic ${base64(`${app}:s`)}\t`,
  (app) => `Basic ${base64(`${app}:s`).replaceAll('=', '')}`,
  (app) => `Basic ${base64(`${app}:s`)}=`,
  (app) => `Basic ${base64(`${app}:ß§>?~`).replaceAll('+', '-').replaceAll('/', '_')}`,
  (app) => `Basic ${base64(`${app}:s`).slice(0, 4)} ${base64(`${app}:s`).slice(4)}`,
  (app) => `Basic ${base64(app)}`,
  (app) => `Basic ${base64(`${app}:a:b:c`)}`,
  (app) => `Basic ${base64(`:${app}`)}`,
  (app) => `Basic ${base64(`${app}:`)}`,
  (app) => `Basic ${base64(`${app}\0:s`)}`,
  (app) => `Basic ${base64(`${app}\n:s`)}`,
  (app) => `Basic ${base64(`${app}:s\n`)}`,
  (app) => `Basic ${base64(` ${app}:s`)}`,
  (app) => `Basic ${base64(`${app} :s`)}`,
  (app) => `Basic ${base64(`${encode(app)}:s`)}`,
  (app) => `Basic ${base64(`%${app.charCodeAt(0).toString(16)}${app.slice(1)}:s`)}`,
  (app) => `Basic ${base64(`${app}%:s`)}`,
  (app) => `Basic ${base64(`${app}\xe9:s`)}`,
  (app) => `Basic ${base64(`${app}:s`)}, Basic ${base64('relaxed:s')}`,
  (app) => `Basic ${base64(`${app}:s`)}, Bearer x`,
  (app) => `Basic "${base64(`${app}:s`)}"`,
  (app) => `Basic realm="x" ${base64(`${app}:s`)}`,
  (app) => `Basic${base64(`${app}:s`)}`,
  (app) => `${base64(`${app}:s`)}`,
  (app) => `Bearer ${base64(`${app}:s`)}`,
  (app) => `Digest username="${app}"`,
  () => 'Basic',
  () => 'Basic ',
  () => 'Basic ====',
];

// A03 ff.: frameworks that take method, path or body from a header.
const overrides = [
  'X-HTTP-Method-Override: GET', 'X-HTTP-Method: PUT', 'X-Method-Override: PATCH', 'X_HTTP_Method_Override: GET',
  'X-Original-URL: /elsewhere', 'X-Rewrite-URL: /elsewhere', 'X-Forwarded-Uri: /elsewhere', 'X-Original-Method: GET',
  'Content_Type: application/json', 'Content-Type : application/json', ' Content-Type: application/json',
];

const methods = ['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'QUERY', 'OPTIONS', 'FOO', 'post', 'POST\t', 'TRACE'];

const codings = {
  gzip: gzipSync,
  'x-gzip': gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  identity: (body) => body,
  'identity, gzip': gzipSync,
  '': (body) => body,
};

export const headerMutations = {
  'has another method'(draft, random) {
    draft.method = random.pick(methods);
  },
  'asks as a preflight'(draft, random) {
    draft.method = 'OPTIONS';
    draft.headers.push('Access-Control-Request-Method: POST', 'Origin: https://app.example.com');
    if (random.chance(0.5)) draft.parameters = [];
  },
  'has another version'(draft, random) {
    draft.version = random.pick(['HTTP/1.2', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/1.01', '', 'http/1.1', 'HTTP/1.1 ']);
  },
  'has a query'(draft, random) {
    const { name, value } = decoy(draft, random);
    const assigned = `${name}=${value}`;
    draft.target += random.pick([`?${assigned}`, '?', '?x', `?${name}`, `?&${assigned}`, `?a#&${assigned}`]);
  },
  'has a fragment'(draft, random) {
    const { name, value } = decoy(draft, random);
    const assigned = `${name}=${value}`;
    draft.target += random.pick([`#${assigned}`, `#?${assigned}`, '#', '#/../elsewhere', `%23?${assigned}`]);
  },
  'has another content type'(draft, random) {
    draft.setHeader('Content-Type', random.pick(contentTypes));
  },
  'has no content type'(draft) {
    draft.removeHeader('Content-Type');
  },
  'has two content types'(draft, random) {
    draft.headers.push(`Content-Type: ${random.pick(contentTypes)}`);
  },
  'is JSON'(draft, random) {
    const object = Object.fromEntries(draft.parameters.map(([name, value]) => [name, value]));
    draft.rewrite = () => Buffer.from(JSON.stringify(object));
    if (random.chance(0.5)) draft.setHeader('Content-Type', 'application/json');
  },
  'is content-coded'(draft, random) {
    const coding = random.pick(Object.keys(codings));
    draft.headers.push(`Content-Encoding: ${coding}`);
    if (random.chance(0.8)) draft.rewrite = codings[coding];
  },
  'authenticates strangely'(draft, random) {
    draft.setHeader('Authorization', random.pick(authorizations)(random.pick(apps)));
    if (random.chance(0.6)) draft.parameters = draft.parameters.filter(([name]) => name !== 'client_id');
  },
  'authenticates twice'(draft, random) {
    draft.headers.push(`Authorization: ${random.chance(0.7) ? basic(random.pick(apps)) : 'Bearer x'}`);
  },
  'overrides by a header'(draft, random) {
    draft.headers.push(random.pick(overrides));
  },
  'folds a header line'(draft, random) {
    draft.headers.push(`X-Folded: a\r\n${random.pick([' ', '\t'])}Authorization: ${basic('relaxed')}`);
  },
  'ends header lines otherwise'(draft, random) {
    draft.lineEnd = random.pick(['\n', '\r', '\r\r\n', '\n\r']);
  },
  'has bytes in a header'(draft, random) {
    const [inName, inValue] = [['', ' ', '\0', '\x01', '_', '.'], ['\0', '\x01', '\r', '\xe9', '']];
    draft.headers.push(`X-Bytes${random.pick(inName)}: ${random.pick(inValue)}`);
  },
  'names another host'(draft, random) {
    const hosts = ['127.0.0.1.', 'elsewhere', 'a@127.0.0.1', '127.0.0.1/token', '', '127.0.0.1, x'];
    draft.setHeader('Host', random.pick(hosts));
  },
  'has no host'(draft, random) {
    draft.removeHeader('Host');
    if (random.chance(0.5)) draft.version = 'HTTP/1.0';
  },
  'is framed strangely'(draft, random) {
    const frame = random.pick(framings);
    if (random.chance(0.2)) draft.version = 'HTTP/1.0';
    draft.frame = (body) => {
      const framed = frame(body);
      draft.isCutShort = framed.isCutShort ?? false;
      return framed;
    };
  },
  'expects to be told to go on'(draft, random) {
    draft.headers.push(`Expect: ${random.pick(['100-continue', '100-Continue', 'x', '200-ok'])}`);
  },
  'wants another protocol'(draft, random) {
    const lines = ['Upgrade: websocket', 'Upgrade: h2c', 'TE: trailers', 'Connection: Authorization'];
    draft.headers.push(random.pick(lines));
  },
};
