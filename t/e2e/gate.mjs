// nginx with the module in front of a real provider, on free ports of 127.0.0.1, in a temporary directory.
//
//   IPFENCE_MODULE     the module to load (build/ngx_http_ipfence_module.so)
//   IPFENCE_SANITIZE   when 1, nginx runs with the sanitizers' runtimes preloaded

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Child } from './child.mjs';
import { Concealed } from './concealed.mjs';
import { issuedIn } from './issued.mjs';
import { closeConnections, fetchFrom, freePort } from './network.mjs';
import { repository, writeConfiguration } from './nginx_configuration.mjs';
import { passwordOf, policy as worldPolicy, users } from './world.mjs';

const nginx = process.env.IPFENCE_NGINX ?? '/usr/sbin/nginx';
export const module = resolve(
  process.env.IPFENCE_MODULE ?? join(repository, 'build/ngx_http_ipfence_module.so'),
);

export function sanitizerEnvironment() {
  if (process.env.IPFENCE_SANITIZE !== '1') return {};
  const library = (name) => execFileSync('g++', [`-print-file-name=${name}`], { encoding: 'utf8' }).trim();
  return {
    LD_PRELOAD: [library('libasan.so'), library('libubsan.so')].join(' '),
    ASAN_OPTIONS: 'detect_leaks=0',
  };
}

const directories = new Set();

function makeDirectory() {
  const directory = mkdtempSync(join(tmpdir(), 'ipfence-'));
  directories.add(directory);
  return directory;
}

function removeDirectory(directory) {
  rmSync(directory, { recursive: true, force: true });
  directories.delete(directory);
}

process.on('exit', () => directories.forEach(removeDirectory));

async function startOidcProvider(issuer, { directory, keep }) {
  const program = fileURLToPath(new URL('provider.mjs', import.meta.url));
  const provider = new Child(process.execPath, [program, issuer], {
    log: join(directory, 'provider.log'),
    stdout: 'pipe',
    keep,
  });
  const [port] = await Promise.race([
    once(createInterface(provider.stdout), 'line'),
    once(provider.stdout, 'close').then(() => {
      throw new Error(`the provider did not start:\n${readFileSync(join(directory, 'provider.log'))}`);
    }),
  ]);
  return { provider, port: Number(port) };
}

// A provider: how it is started (as something that stops, and its port), its map in conf/providers, and its paths.
const oidcProvider = {
  start: startOidcProvider,
  preset: 'oidc-provider',
  revocation: '/token/revocation',
  jwks: '/jwks',
};

// What `ipfence_jwks` and `ipfence_device_cookie` may name.
async function writeKeys(directory, providerPort, path) {
  const jwks = await fetch(`http://127.0.0.1:${providerPort}${path}`);
  writeFileSync(join(directory, 'jwks.json'), await jwks.text());
  writeFileSync(join(directory, 'device.keys'), `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
}

export async function accepts(port) {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function startNginx({ directory, keep, port }) {
  const errorLog = join(directory, 'error.log');
  const parameters = ['-p', directory, '-e', errorLog, '-c', join(directory, 'nginx.conf'), '-g', 'daemon off;'];
  const environment = sanitizerEnvironment();
  const server = new Child(nginx, parameters, { log: join(directory, 'nginx.log'), environment, keep });
  while (!(await accepts(port))) {
    if (server.hasExited) throw new Error(`nginx did not start:\n${readFileSync(errorLog)}`);
    await pause(20);
  }
  return server;
}

export class Gate {
  #auditLinesRead = 0;
  #concealed = new Concealed();

  // `beside`: another gate, before whose provider this one is, too; clients know the provider by the other's address.
  static async start({
    policy = worldPolicy,
    mode = 'enforce',
    http = '',
    server = '',
    keep = false,
    of = oidcProvider,
    files = {},
    beside = undefined,
  } = {}) {
    const gate = new Gate();
    gate.directory = makeDirectory();
    gate.port = await freePort();
    gate.issuer = beside?.issuer ?? `http://127.0.0.1:${gate.port}`;
    gate.isBeside = beside !== undefined;
    const { provider, port: providerPort } = beside
      ? { provider: beside.provider, port: beside.providerPort }
      : await of.start(gate.issuer, { ...gate, keep });
    Object.assign(gate, { provider, providerPort });
    await writeKeys(gate.directory, providerPort, of.jwks);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(gate.directory, name), text, { mode: 0o600 });
    const { port } = gate;
    writeConfiguration(gate.directory, { module, port, providerPort, policy, mode, http, server, ...of });
    gate.nginx = await startNginx({ ...gate, keep });
    return gate;
  }

  // A fetch from an address, whose requests to the provider's address go through this gate.
  fetchFrom(address) {
    return fetchFrom(address, this.isBeside ? this.port : undefined);
  }

  // The audit lines since this was last asked.
  audit() {
    const lines = this.#read('ipfence.ndjson').split('\n').slice(0, -1);
    const fresh = lines.slice(this.#auditLinesRead);
    this.#auditLinesRead = lines.length;
    return fresh.map((line) => JSON.parse(line));
  }

  // What must be in nothing that the gate writes, besides all that the provider issues.
  conceal(...secrets) {
    this.#concealed.add(...secrets);
  }

  get errorLog() {
    return this.#read('error.log') + this.#read('nginx.log');
  }

  get providerLog() {
    return this.#read('provider.log');
  }

  get accessLog() {
    return this.#read('access.log');
  }

  // Ends it all; fails when a log has what no log may have.
  async stop() {
    await closeConnections();
    await this.nginx.stop('SIGQUIT');
    if (!this.isBeside) await this.provider.stop();
    this.conceal(...Object.keys(users).map(passwordOf), ...issuedIn(this.providerLog), this.#read('device.keys').trim());
    const snapshot = this.#read('ipfence.snapshot');
    const logs = this.errorLog + this.#read('ipfence.ndjson') + this.accessLog;
    removeDirectory(this.directory);

    const faults = /AddressSanitizer|runtime error|exited on signal|\[emerg\]|\[alert\]/;
    assert.deepEqual(logs.split('\n').filter((line) => faults.test(line)), []);
    assert.ok(snapshot.startsWith('ipfence'), 'a snapshot was written');
    assert.deepEqual(this.#concealed.foundIn(logs + snapshot), []);
  }

  // Lets it live on when this process ends.
  async release() {
    await closeConnections();
    this.nginx.release();
    this.provider.release();
    directories.delete(this.directory);
  }

  #read(name) {
    const path = join(this.directory, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }
}
