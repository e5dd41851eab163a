// Sends bytes and says what came back, whatever that is.

import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const patience = 5_000;

// The rest of nginx's reading is another event.
const pauseBetweenPieces = 2;

async function write(socket, bytes, pieces) {
  const size = Math.ceil(bytes.length / pieces);
  for (let at = 0; at < bytes.length && socket.writable; at += size) {
    if (at > 0) await pause(pauseBetweenPieces);
    socket.write(bytes.subarray(at, at + size));
  }
}

// All that came back, as text of bytes; empty when the connection was closed without a word.
export function exchange({ port, address, bytes, pieces = 1, isCutShort = false }) {
  return new Promise((resolve) => {
    const parts = [];
    const socket = connect({ port, host: '127.0.0.1', localAddress: address, noDelay: true });
    const timer = setTimeout(() => socket.destroy(), patience);
    socket.on('data', (part) => parts.push(part));
    socket.on('error', () => {}); // nginx resets connections whose request it refused before it had all of it
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(parts).toString('latin1'));
    });
    // A client that ends its side looks like one that gave up, so only who has nothing to wait for does.
    if (isCutShort) socket.end(bytes);
    else write(socket, bytes, pieces);
  });
}

export const statusOf = (response) => Number(/^HTTP\/1\.1 (\d{3})/.exec(response)?.[1] ?? 0);

// Calls `work` on every item, some of them at a time.
export async function inParallel(items, width, work) {
  const iterator = items[Symbol.iterator]();
  const worker = async () => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
