// A provider that understands nothing: it keeps the bytes of every request that reaches it, and answers what it
// is told to. It reads one request a connection, by its own few rules, and says when they do not hold.

import { once } from 'node:events';
import { createServer } from 'node:net';

const headEnd = Buffer.from('\r\n\r\n');

// As far as it has arrived; undefined while the head has not.
function parse(bytes) {
  const end = bytes.indexOf(headEnd);
  if (end < 0) return undefined;
  const [requestLine, ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const [method, target, version] = requestLine.split(' ');
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { method, target, version, headers, body: bytes.subarray(end + headEnd.length) };
}

export const valuesOf = ({ headers }, name) => headers.filter(([known]) => known === name).map(([, value]) => value);

function lengthOf(request) {
  const lengths = valuesOf(request, 'content-length');
  const isPlain = lengths.length <= 1 && lengths.every((length) => /^\d+$/.test(length));
  if (!isPlain || valuesOf(request, 'transfer-encoding').length > 0) {
    throw new Error(`a request is framed in two ways: ${JSON.stringify(request.headers)}`);
  }
  return Number(lengths[0] ?? 0);
}

export class Recorder {
  requests = [];
  faults = [];
  answer = { status: 400, body: '{"error":"temporarily_unavailable"}' };
  #server = createServer((socket) => this.#serve(socket));

  async listen(port) {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  // What was recorded since this was last asked.
  take() {
    return this.requests.splice(0);
  }

  async stop() {
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket) {
    let bytes = Buffer.alloc(0);
    let isAnswered = false;
    socket.on('error', () => socket.destroy());
    socket.on('data', (part) => {
      bytes = Buffer.concat([bytes, part]);
      try {
        if (isAnswered) throw new Error('bytes follow a request');
        isAnswered = this.#take(parse(bytes), socket);
      } catch (error) {
        this.faults.push(`${error.message}: ${JSON.stringify(bytes.toString('latin1'))}`);
        socket.destroy();
      }
    });
  }

  // Whether that was the whole request.
  #take(request, socket) {
    if (request === undefined) return false;
    const length = lengthOf(request);
    if (request.body.length < length) return false;
    if (request.body.length > length) throw new Error('bytes follow a request');
    this.requests.push(request);
    socket.end(this.#response());
    return true;
  }

  #response() {
    const { status, headers = [], body } = this.answer;
    return [
      `HTTP/1.1 ${status} x`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      ...headers,
      '',
      body,
    ].join('\r\n');
  }
}
