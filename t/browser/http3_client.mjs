// Sends requests by HTTP/3, as Chromium does: of each line of standard input, which is a request in JSON (`path`, and
// what else `fetch` takes; `leave`: after how many milliseconds it is given up), and writes a line for each answer.
//
//   t/e2e/node/node t/browser/http3_client.mjs PORT CERTIFICATE

import { X509Certificate, createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Chromium } from './chromium.mjs';

const [port, certificate] = process.argv.slice(2);
const origin = `https://localhost:${port}`;
const key = new X509Certificate(readFileSync(certificate)).publicKey.export({ type: 'spki', format: 'der' });
const trusted = createHash('sha256').update(key).digest('base64');

const chromium = await Chromium.start({
  more: [
    `--origin-to-force-quic-on=localhost:${port}`,
    `--ignore-certificate-errors-spki-list=${trusted}`,
    '--host-resolver-rules=MAP localhost 127.0.0.1', // and not to ::1
  ],
});
const { page } = await chromium.open(`${origin}/`);

// In the page.
async function send({ path, leave, ...request }) {
  performance.clearResourceTimings();
  const signal = leave === undefined ? undefined : AbortSignal.timeout(leave);
  try {
    const response = await fetch(path, { redirect: 'manual', signal, ...request });
    const body = await response.text();
    const [{ nextHopProtocol: protocol }] = performance.getEntriesByType('resource');
    return { status: response.status, body, protocol, headers: Object.fromEntries(response.headers) };
  } catch (error) {
    return { error: error.name };
  }
}

for await (const line of createInterface(process.stdin)) {
  console.log(JSON.stringify(await page.evaluate(send, JSON.parse(line))));
}
await chromium.stop();
