// A program that runs beside the tests and ends with them, unless it is released.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';

const patience = 10_000;
const running = new Set();

export class Child {
  #process;
  #exited;

  // Output goes to `log`, or is left to the caller as `stdout`. What may be released later is `keep`: it does not
  // hear the terminal's signals.
  constructor(program, parameters, { log, environment = {}, keep = false, stdout }) {
    const output = openSync(log, 'a');
    this.#process = spawn(program, parameters, {
      stdio: ['ignore', stdout ?? output, output],
      env: { ...process.env, ...environment },
      detached: keep,
    });
    closeSync(output);
    this.#exited = once(this.#process, 'exit');
    running.add(this.#process);
  }

  get pid() {
    return this.#process.pid;
  }

  get stdout() {
    return this.#process.stdout;
  }

  get hasExited() {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  // Lets it live on when this process ends.
  release() {
    this.#process.stdout?.destroy();
    this.#process.unref();
    running.delete(this.#process);
  }

  async stop(signal = 'SIGTERM') {
    if (!this.hasExited) {
      const timer = setTimeout(() => this.#process.kill('SIGKILL'), patience);
      this.#process.kill(signal);
      await this.#exited;
      clearTimeout(timer);
    }
    running.delete(this.#process);
  }
}

process.on('exit', () => running.forEach((child) => child.kill('SIGTERM')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));
