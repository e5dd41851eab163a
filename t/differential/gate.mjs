// nginx with the module and the configuration that this project ships, before a provider that records.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Child } from '../e2e/child.mjs';
import { freePort } from '../e2e/network.mjs';
import { sanitizerEnvironment } from '../e2e/gate.mjs';
import { repository, writeConfiguration } from '../e2e/nginx_configuration.mjs';
import { exchange, statusOf } from './client.mjs';
import { Draft, encode } from './draft.mjs';
import { Recorder } from './recorder.mjs';
import { addressOf, codes, jwt, policy, refreshTokens } from './world.mjs';

const nginx = process.env.IPFENCE_NGINX ?? '/usr/sbin/nginx';
const module = resolve(process.env.IPFENCE_MODULE ?? join(repository, 'build/ngx_http_ipfence_module.so'));

const inside = addressOf(-1, true); // none of the corpus's

export class Gate {
  provider = new Recorder();
  #auditRead = 0;

  static async start() {
    const gate = new Gate();
    gate.directory = mkdtempSync(join(tmpdir(), 'ipfence-'));
    process.on('exit', () => rmSync(gate.directory, { recursive: true, force: true }));
    gate.port = await freePort();
    const providerPort = await freePort();
    await gate.provider.listen(providerPort);
    writeConfiguration(gate.directory, { module, port: gate.port, providerPort, policy, mode: 'enforce' });
    const file = (name) => join(gate.directory, name);
    gate.nginx = new Child(
      nginx,
      ['-p', gate.directory, '-e', file('error.log'), '-c', file('nginx.conf'), '-g', 'daemon off;'],
      { log: file('nginx.log'), environment: sanitizerEnvironment() },
    );
    await gate.#untilItAnswers();
    await gate.#issueCredentials();
    return gate;
  }

  send(request) {
    return exchange({ port: this.port, ...request });
  }

  // The audit lines since this was last asked.
  audit() {
    const text = this.#read('ipfence.ndjson');
    const fresh = text.slice(this.#auditRead);
    this.#auditRead = text.length;
    return fresh.split('\n').slice(0, -1).map((line) => JSON.parse(line));
  }

  get errorLog() {
    return this.#read('error.log') + this.#read('nginx.log');
  }

  async stop() {
    await this.nginx.stop('SIGQUIT');
    await this.provider.stop();
  }

  #read(name) {
    return readFileSync(join(this.directory, name), 'utf8');
  }

  async #untilItAnswers() {
    const target = Buffer.from('GET /elsewhere HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
    while (statusOf(await this.send({ address: inside, bytes: target })) === 0) {
      if (this.nginx.hasExited) throw new Error(`nginx did not start:\n${this.errorLog}`);
      await pause(20);
    }
  }

  // So that the gate's reading of a credential shows: in the user and the app that it was issued to.
  async #issueCredentials() {
    const ordinary = this.provider.answer;
    for (const { app, user, value } of refreshTokens) {
      const draft = new Draft();
      draft.add('grant_type', 'password');
      draft.add('username', encode(user));
      draft.add('client_id', encode(app));
      const tokens = { access_token: `access ${value}`, refresh_token: value, id_token: jwt({ sub: user }) };
      await this.#issue(draft, { status: 200, body: JSON.stringify(tokens) });
    }
    for (const { app, user, value } of codes) {
      const draft = new Draft();
      draft.method = 'GET';
      draft.target = `/auth?response_type=code+id_token&client_id=${encode(app)}`;
      const fragment = `code=${encode(value)}&id_token=${jwt({ sub: user, aud: app })}`;
      const headers = [`Location: https://app.example.com/callback#${fragment}`];
      await this.#issue(draft, { status: 302, headers, body: '' });
    }
    this.provider.answer = ordinary;
    this.provider.take();
    this.audit();
  }

  async #issue(draft, answer) {
    this.provider.answer = answer;
    const response = await this.send({ address: inside, bytes: draft.bytes });
    if (statusOf(response) !== answer.status) throw new Error(`nothing was issued: ${response}`);
  }
}
