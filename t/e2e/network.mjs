// Where requests come from: a fetch that uses one of this machine's addresses, and ports that are free.

import { createServer } from 'node:net';
import { once } from 'node:events';
import { Agent, buildConnector, fetch } from 'undici';

const agents = new Map();

function agentAt(address, port) {
  if (port === undefined) return new Agent({ localAddress: address });
  const connect = buildConnector({});
  return new Agent({
    connect: (where, callback) => connect({ ...where, port, localAddress: address }, callback),
  });
}

// With `port`, whatever port a URL names, it is asked there.
export function fetchFrom(address, port) {
  const name = `${address} ${port}`;
  if (!agents.has(name)) agents.set(name, agentAt(address, port));
  return (url, options) => fetch(url, { ...options, dispatcher: agents.get(name) });
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
