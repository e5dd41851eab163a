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

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
