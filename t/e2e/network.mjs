// Where requests come from: a fetch that uses one of this machine's addresses, and ports that are free.

import { createServer } from 'node:net';
import { once } from 'node:events';
import { Agent, fetch } from 'undici';

const agents = new Map();

export function fetchFrom(address) {
  if (!agents.has(address)) agents.set(address, new Agent({ localAddress: address }));
  return (url, options) => fetch(url, { ...options, dispatcher: agents.get(address) });
}

// Connections that are kept alive keep the process alive, too.
export async function closeConnections() {
  await Promise.all([...agents.values()].map((agent) => agent.close()));
  agents.clear();
}

// Below the ports that the system gives to connections (from 32768): one of those could take the port between this
// look and the server's bind.
export async function freePort() {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 20_000);
    if (await canListen(port)) return port;
  }
}

async function canListen(port) {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
