// Debian's Chromium without a window, and the pages that it shows.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const program = process.env.IPFENCE_CHROMIUM ?? '/usr/bin/chromium';

const flags = [
  '--headless',
  '--no-sandbox', // which it has none of where the tests run as root
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export class Chromium {
  // `more`: flags besides those above. It speaks no HTTP/3 unless they say so.
  static async start({ more = ['--disable-quic'], ...options } = {}) {
    const started = new Chromium();
    started.directory = mkdtempSync(join(tmpdir(), 'ipfence-chromium-'));
    started.context = await chromium.launchPersistentContext(started.directory, {
      executablePath: program,
      args: [...flags, ...more],
      ...options,
    });
    return started;
  }

  // A page that keeps account of what it asked for, of what its policy forbade, and of its errors.
  async open(url) {
    const page = await this.context.newPage();
    const account = { requests: [], violations: [], errors: [] };
    page.on('request', (request) => account.requests.push(request.url()));
    page.on('pageerror', (error) => account.errors.push(`${error}`));
    page.on('console', (message) => {
      if (message.type() === 'error') account.errors.push(message.text());
    });
    await page.exposeFunction('ipfenceViolation', (what) => account.violations.push(what));
    await page.addInitScript(() =>
      document.addEventListener('securitypolicyviolation', (event) =>
        window.ipfenceViolation(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`),
      ),
    );
    await page.goto(url);
    return { page, account };
  }

  async stop() {
    await this.context.close();
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}
