// Makes docs/status-light.png and docs/status-dark.png: the page of a gate with the traffic of an invented company.
//
//   t/e2e/node/node t/browser/screenshots.mjs      takes two minutes; needs Debian's pngquant

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Gate } from '../e2e/gate.mjs';
import { freePort } from '../e2e/network.mjs';
import { repository } from '../e2e/nginx_configuration.mjs';
import { Chromium } from './chromium.mjs';
import { requestToken, statusPage, trustedProxy } from './traffic.mjs';

const names = ['amara', 'bjorn', 'chen', 'dolores', 'emre', 'fatima', 'goran', 'hanna', 'ines', 'jonas'];
const user = (name) => `${name}@example.com`;
const apps = ['mobile', 'crm-web', 'reporting', 'sync-agent'];

const policy = {
  ipfence: 1,
  organization: { default_profile: 'staff', continuous_ip_enforcement: true },
  networks: { offices: ['203.0.113.0/24', '2001:db8:17::/48'], vpn: ['198.51.100.0/28'] },
  profiles: {
    staff: { login_ip_ranges: ['network:offices', 'network:vpn'] },
    finance: { login_ip_ranges: ['network:offices'] },
  },
  users: Object.fromEntries(names.map((name, index) => [user(name), index < 8 ? 'staff' : 'finance'])),
  apps: {
    mobile: { ip_relaxation: 'relax_for_refresh_tokens' },
    'crm-web': { ip_relaxation: 'enforce' },
    reporting: { ip_relaxation: 'relax_for_activated_devices', trusted_ip_ranges: ['192.0.2.64/28'] },
    'sync-agent': { ip_relaxation: 'relax' },
  },
};
const candidate = { ...policy, apps: { ...policy.apps, 'sync-agent': { ip_relaxation: 'enforce' } } };

// The same company every time.
let drawn = 0;
const random = (below) => createHash('sha256').update(`${(drawn += 1)}`).digest().readUInt32BE() % below;
const oneOf = (list) => list[random(list.length)];

function someRequest() {
  const from = random(10);
  const address = from < 6 ? `203.0.113.${1 + random(250)}` : from < 9 ? `198.51.100.${1 + random(14)}` : '2001:db8:17::2a';
  return { user: user(oneOf(names)), app: oneOf(apps.slice(0, 2)), address };
}

const strangers = ['192.0.2.18', '192.0.2.201', '2001:db8:bad::7', '198.51.100.77'];
const refusedRequest = () => ({ user: user(oneOf(names.slice(0, 6))), app: oneOf(apps), address: oneOf(strangers) });

// What issues the company's tokens: nginx itself, whose tokens are worth nothing.
const issuer = (port) => `
    upstream issuer { server 127.0.0.1:${port}; }
    server {
        listen 127.0.0.1:${port};
        default_type application/json;
        return 200 '{"access_token":"a-$request_id","refresh_token":"r-$request_id","token_type":"Bearer","expires_in":600}';
    }
`;

const directory = mkdtempSync(join(tmpdir(), 'ipfence-candidate-'));
writeFileSync(join(directory, 'candidate.json'), JSON.stringify(candidate));
const issuerPort = await freePort();
const gate = await Gate.start({
  policy,
  http: `${trustedProxy}    ipfence_candidate ${join(directory, 'candidate.json')};\n${issuer(issuerPort)}`,
  server: `${statusPage}
        location = /token { ipfence token; proxy_pass http://issuer; }
        location = /pilot/token { ipfence token; ipfence_mode monitor; proxy_pass http://issuer; }
`,
});

async function traffic(until) {
  while (!until()) {
    const busy = 2 + random(4);
    for (let count = 0; count < busy; count += 1) await requestToken(gate, someRequest());
    if (random(3) === 0) await requestToken(gate, refusedRequest());
    if (random(6) === 0) await requestToken(gate, { ...refusedRequest(), path: '/pilot/token' });
    await pause(250);
  }
}

const chromium = await Chromium.start({ viewport: { width: 1080, height: 1100 }, timezoneId: 'UTC' });
try {
  const { page } = await chromium.open(`${gate.issuer}/ipfence/`);
  let done = false;
  const running = traffic(() => done);
  await pause(110_000);
  done = true;
  await running;
  await page.getByRole('button', { name: /^Explain/ }).nth(1).click();
  await page.locator('td.explanation li').last().waitFor();
  for (const colorScheme of ['light', 'dark']) {
    const path = join(repository, 'docs', `status-${colorScheme}.png`);
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path });
    execFileSync('pngquant', ['--force', '--ext', '.png', '--quality', '70-95', path]);
  }
} finally {
  await chromium.stop();
  await gate.stop();
  rmSync(directory, { recursive: true });
}
