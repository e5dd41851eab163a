// What frameworks for Node.js read: Express (qs or not), Fastify, Koa and oidc-provider (node:querystring), and
// whatever is written with URLSearchParams.

import { readFileSync } from 'node:fs';
import { parse as parseQueryString } from 'node:querystring';
import { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import basicAuth from 'basic-auth';
import bodyParser from 'body-parser';
import { parse as parseFastQueryString } from 'fast-querystring';
import qs from 'qs';

const fields = JSON.parse(readFileSync(new URL('fields.json', import.meta.url)));

const base64 = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64');

// A list of strings is a name given several times; anything else that is no string is a structure.
function listOf(value) {
  if (value === undefined) return [];
  const isList = Array.isArray(value) && value.every((one) => typeof one === 'string');
  return (isList ? value : [value]).map(base64);
}

const pick = (valueOf) => ({ parameters: Object.fromEntries(fields.map((name) => [name, listOf(valueOf(name))])) });

const pickFromObject = (parsed) => pick((name) => (Object.hasOwn(parsed, name) ? parsed[name] : undefined));

const stackParsers = { 'body-parser': { extended: false }, 'body-parser, extended': { extended: true } };

// With the content type, the coding and the charset, as Express does.
function readAsExpress(options, request) {
  const stream = Object.assign(Readable.from([request.bytes]), {
    method: request.method,
    headers: Object.fromEntries(request.headers),
  });
  return new Promise((resolve, reject) => {
    bodyParser.urlencoded(options)(stream, {}, (error) =>
      error ? reject(error) : resolve(pickFromObject(stream.body ?? {})),
    );
  });
}

const formParsers = {
  URLSearchParams(text) {
    const parsed = new URLSearchParams(text);
    return pick((name) => (parsed.has(name) ? parsed.getAll(name) : undefined));
  },
  'node:querystring': (text) => pickFromObject(parseQueryString(text, undefined, undefined, { maxKeys: 0 })),
  'fast-querystring': (text) => pickFromObject(parseFastQueryString(text)),
  qs: (text) => pickFromObject(qs.parse(text, { parameterLimit: Infinity })),
  'qs with dots': (text) => pickFromObject(qs.parse(text, { allowDots: true, parameterLimit: Infinity })),
};

async function attempt(read) {
  try {
    return await read();
  } catch (error) {
    return { error: error.message };
  }
}

function readBasic({ headers }) {
  const authorization = headers.find(([name]) => name === 'authorization')?.[1];
  const credentials = basicAuth({ headers: { authorization } });
  return { client: credentials ? base64(credentials.name) : null };
}

async function read(request) {
  request.bytes = Buffer.from(request.body, 'base64');
  const readings = { 'basic-auth': await attempt(() => readBasic(request)) };
  for (const [name, parse] of Object.entries(formParsers)) {
    readings[name] = await attempt(() => parse(request.bytes.toString()));
  }
  for (const [name, options] of Object.entries(stackParsers)) {
    readings[name] = await attempt(() => readAsExpress(options, request));
  }
  return { id: request.id, readings };
}

for await (const line of createInterface(process.stdin)) {
  process.stdout.write(`${JSON.stringify(await read(JSON.parse(line)))}\n`);
}
