// Hands requests to the parsers of readers/, each of which is a program of its own, and collects what they read.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

// Debian's own interpreters have Debian's packages.
const programs = {
  'javascript.mjs': [process.execPath],
  'python.py': ['/usr/bin/python3'],
  'php.php': ['/usr/bin/php', '-d', 'max_input_vars=1000000', '-d', 'memory_limit=512M'],
  'perl.pl': ['/usr/bin/perl'],
  'ruby.rb': ['/usr/bin/ruby'],
};

const lineOf = ({ method, target, headers, body }, id) =>
  `${JSON.stringify({ id, method, target, headers, body: body.toString('base64') })}\n`;

async function collect(output, readings) {
  let answers = 0;
  for await (const line of createInterface(output)) {
    const answer = JSON.parse(line);
    Object.assign(readings[answer.id], answer.readings);
    answers += 1;
  }
  return answers;
}

async function runReader(script, requests, readings) {
  const path = fileURLToPath(new URL(`readers/${script}`, import.meta.url));
  const [program, ...options] = programs[script];
  const reader = spawn(program, [...options, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [[status], answers] = await Promise.all([
    once(reader, 'exit'),
    collect(reader.stdout, readings),
    pipeline(Readable.from(requests.map(lineOf)), reader.stdin),
  ]);
  if (status !== 0 || answers !== requests.length) {
    throw new Error(`${script} ended with ${status} after ${answers} of ${requests.length} requests`);
  }
}

// For each request, what every parser read: { parser: { parameters } | { client } | { error } }.
export async function readAll(requests) {
  const readings = requests.map(() => ({}));
  await Promise.all(Object.keys(programs).map((script) => runReader(script, requests, readings)));
  return readings;
}
