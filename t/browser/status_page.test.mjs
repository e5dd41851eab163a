// The page of ipfence_status in a real browser: what it shows is what the gate did, while it does it; names that
// somebody made up are text; it keeps to its own policy, and people can use it without a mouse or without seeing it.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Child } from '../e2e/child.mjs';
import { Gate, accepts } from '../e2e/gate.mjs';
import { freePort } from '../e2e/network.mjs';
import { policy as worldPolicy, users } from '../e2e/world.mjs';
import { Chromium } from './chromium.mjs';
import { requestToken, statusPage, trustedProxy } from './traffic.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const inside = '203.0.113.7';
const outside = '192.0.2.1';

const hostileUser = '<img src=x onerror="document.title=\'user\'">"\'&amp;';
const hostileApp = '<script>document.title="app"</script>\u202emoc.elpmaxe\u200b';

const policy = {
  ...worldPolicy,
  networks: { ...worldPolicy.networks, office: ['203.0.113.0/24'] },
  users: { ...worldPolicy.users, [hostileUser]: 'office' },
};
const gate = await Gate.start({ policy, http: trustedProxy, server: statusPage });
const chromium = await Chromium.start({ viewport: { width: 1180, height: 1000 } });
after(async () => {
  await chromium.stop();
  await gate.stop();
});

const url = `${gate.issuer}/ipfence/`;
const deny = (who = {}) => requestToken(gate, { user: users.alice, app: 'web', address: outside, ...who });

// A test with a page of its own, which must have kept to its policy and to its own server.
const pageTest = (name, body, { errors = 0 } = {}) =>
  test(name, async () => {
    const { page, account } = await chromium.open(url);
    await page.getByText('Live', { exact: true }).waitFor();
    await body(page);
    assert.deepEqual(account.violations, []);
    assert.deepEqual(account.requests.filter((asked) => !asked.startsWith(url)), []);
    assert.equal(account.errors.length > 0, errors > 0, account.errors.join('\n'));
    await page.close();
  });

const rows = (page) => page.locator('#denials tr.denial:visible');
const explainButtons = (page) => page.getByRole('button', { name: /^Explain/ });
const tile = (page, name) => page.locator('#totals .tile').filter({ has: page.getByRole('heading', { name, exact: true }) });
const until = (locator) => locator.waitFor({ timeout: 30_000 });

test('what the policy of the page forbids is noticed', async () => {
  const { page, account } = await chromium.open(url);
  await page.evaluate(() => {
    const image = new Image();
    image.src = 'http://127.0.0.1:9/elsewhere.png';
    document.body.append(image);
    document.body.setAttribute('style', 'color: red');
  });
  await assert.rejects(page.evaluate(() => { document.body.innerHTML = '<p>markup</p>'; }), /TrustedHTML/);
  await page.waitForTimeout(100);
  const forbidden = account.violations.map((what) => what.split(':')[0]);
  assert.deepEqual(forbidden.sort(), ['img-src', 'require-trusted-types-for', 'style-src-attr']);
  await page.close();
});

pageTest('an idle gate has nothing to show, and says so', async (page) => {
  await until(page.getByText('Nothing has been decided yet.'));
  assert.equal(await tile(page, 'Denied').locator('.total').textContent(), '0 in all');
});

pageTest('audit lines that could not be written are said, and only those', async (page) => {
  assert.equal(await page.locator('#audit-lost').isVisible(), false);
  await page.route('**/status.json', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...await response.json(), audit_lost: 12 } });
  });
  await until(page.getByText('12 audit lines are lost: the error log says why'));
});

pageTest('a policy file that is faulty is said', async (page) => {
  assert.equal(await page.locator('#policy-faulty').isVisible(), false);
  await page.route('**/status.json', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...await response.json(), policy_faulty: true, candidate_policy_faulty: true } });
  });
  await until(page.getByText('File of the policy and the candidate faulty, not in force: the error log says why'));
});

pageTest('what happens is shown while it happens', async (page) => {
  await deny();
  await requestToken(gate, { user: users.alice, app: 'web', address: inside });
  await until(page.getByRole('cell', { name: 'outside_login_ip_ranges' }).first());
  assert.equal(await tile(page, 'Denied').locator('.total').textContent(), '1 in all');
  const row = await rows(page).first().innerText();
  for (const part of [users.alice, 'web', outside, 'login', 'username_password', 'profiles.office.login_ip_ranges']) {
    assert.ok(row.includes(part), `${part} in ${row}`);
  }
  await until(page.locator('#users').getByRole('rowheader', { name: users.alice }));
  await until(page.locator('#apps').getByRole('rowheader', { name: 'web' }));
  assert.ok((await page.locator('#policy').textContent()).match(/^[0-9a-f]{12}$/));
});

pageTest('a curve and a figure say how many there are a second', async (page) => {
  const rate = tile(page, 'Denied').locator('.rate');
  do {
    await deny();
    await page.waitForTimeout(200);
  } while (!(Number(await rate.textContent()) > 0));
  await page.waitForFunction(() => document.querySelector('.tile.deny path').getAttribute('d').split('L').length > 3);
});

pageTest('a pause is kept until it ends', async (page) => {
  const pause = page.getByRole('button', { name: 'Pause' });
  await pause.click();
  assert.equal(await pause.getAttribute('aria-pressed'), 'true');
  await until(page.getByText('Paused', { exact: true }));
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  const shown = await rows(page).count();
  await deny();
  await page.waitForTimeout(2500); // longer than two updates are apart
  assert.deepEqual(asked, []);
  assert.equal(await rows(page).count(), shown);
  await pause.click();
  await until(rows(page).nth(shown));
});

pageTest('an explanation stays where it is while denials come in', async (page) => {
  await deny();
  await until(explainButtons(page).first());
  const button = await explainButtons(page).first().elementHandle();
  const shown = await rows(page).count();
  await button.focus();
  await page.keyboard.press('Enter');
  const explanation = page.locator('td.explanation:visible');
  await until(explanation.getByText(`No: ${outside} is outside all of them.`));
  assert.match(await explanation.innerText(), /deny outside_login_ip_ranges by profiles\.office\.login_ip_ranges/);
  await deny({ app: 'another' });
  await until(rows(page).nth(shown));
  assert.equal(await button.getAttribute('aria-expanded'), 'true');
  assert.ok(await button.evaluate((element) => element === document.activeElement), 'the focus is where it was');
  await page.keyboard.press('Enter');
  assert.equal(await button.getAttribute('aria-expanded'), 'false');
  assert.equal(await explanation.count(), 0);
});

pageTest('a denial is tried with changes', async (page) => {
  await until(explainButtons(page).first());
  await explainButtons(page).last().click();
  await page.getByRole('button', { name: 'Try it with changes' }).click();
  const address = page.getByLabel('Address');
  assert.ok(await address.evaluate((element) => element === document.activeElement));
  assert.equal(await page.getByLabel('User', { exact: true }).inputValue(), users.alice);
  await address.fill(inside);
  await page.keyboard.press('Enter');
  await until(page.locator('#answer').getByText(`Yes: ${inside} is inside 203.0.113.0/24.`));
});

pageTest('denials are found by any word of theirs', async (page) => {
  await deny({ app: 'needle' });
  await until(rows(page).filter({ hasText: 'needle' }));
  await page.getByLabel('Filter').fill('NEEDLE');
  assert.equal(await rows(page).count(), 1);
  await page.getByLabel('Filter').fill('in no denial at all');
  assert.equal(await rows(page).count(), 0);
});

// By Tab to what has this name; what has the focus on the way must be seen to have it.
async function tabTo(page, name) {
  for (let presses = 0; presses < 100; presses += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const label = element.labels?.[0]?.textContent ?? element.getAttribute('aria-label') ?? element.textContent;
      return { label: label.trim(), outlined: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2, tag: element.tagName };
    });
    if (focused.tag === 'BODY') continue;
    assert.ok(focused.outlined, `the focus is seen on ${focused.tag} ${focused.label}`);
    if (focused.label.startsWith(name)) return;
  }
  assert.fail(`Tab leads to no ${name}`);
}

pageTest('"what if" is asked and answered by keyboard alone', async (page) => {
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to content');
  await page.keyboard.press('Enter');
  await tabTo(page, 'Address');
  await page.keyboard.type('127.0.3.9');
  await tabTo(page, 'User');
  await page.keyboard.type(users.alice);
  await tabTo(page, 'App');
  await page.keyboard.type('relaxed_refresh');
  await tabTo(page, 'Operation');
  await page.keyboard.press('ArrowDown');
  await tabTo(page, 'Flow');
  await page.keyboard.type('web');
  await tabTo(page, 'was refreshed');
  await page.keyboard.press('Space');
  await tabTo(page, 'Ask');
  await page.keyboard.press('Enter');
  const answer = page.locator('#answer');
  await until(answer.getByText('refresh_token', { exact: true }));
  assert.match(await answer.innerText(), /^allow refresh_token by apps\.relaxed_refresh\.ip_relaxation/);
  assert.equal(await answer.getAttribute('role'), 'status', 'and a screen reader says it');
});

pageTest('a question that is none is answered with what is wrong', async (page) => {
  await page.getByLabel('Address').fill('1.2.3');
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  await until(page.locator('#answer').getByText('ip is no IP address'));
}, { errors: 1 }); // Chromium's console names the 400

pageTest('names are text, whatever is in them', async (page) => {
  await deny({ user: hostileUser, app: hostileApp });
  const row = rows(page).filter({ hasText: '<img src=x' });
  await until(row);
  const text = await row.innerText();
  assert.ok(text.includes(hostileUser), text);
  assert.ok(text.includes('<script>document.title="app"</script>\\u{202e}moc.elpmaxe\\u{200b}'), text);
  await row.getByRole('button').click();
  await until(page.locator('td.explanation:visible li').first());
  await page.getByRole('button', { name: 'Try it with changes' }).click();
  assert.equal(await page.getByLabel('User', { exact: true }).inputValue(), hostileUser);
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  await until(page.locator('#answer').getByText('outside_login_ip_ranges'));
  assert.equal(await page.title(), 'ipfence status');
  assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll('main img, main script')].length), 0);
});

pageTest('a server that cannot be reached is said, and so is its return', async (page) => {
  await chromium.context.setOffline(true);
  await until(page.getByText(/^Not live/));
  await chromium.context.setOffline(false);
  await until(page.getByText('Live', { exact: true }));
}, { errors: 1 });

pageTest('on a telephone nothing has to be pushed sideways but tables', async (page) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await until(rows(page).first());
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 320);
});

// The browser ends before this gate does: it may hold a connection ready on which it has asked nothing, and nginx waits
// for the first request of such a one before it ends.
test('a shared store has its place, and what is wrong with it is said', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ipfence-store-'));
  writeFileSync(join(directory, 'key'), randomBytes(32).toString('base64'), { mode: 0o600 });
  const port = await freePort();
  const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', directory];
  const redis = new Child('/usr/bin/redis-server', options, { log: join(directory, 'redis.log') });
  while (!(await accepts(port))) await pause(20);
  const store = `    ipfence_store redis://127.0.0.1:${port} key=${join(directory, 'key')};\n`;
  const shared = await Gate.start({ http: store, server: statusPage });
  const visitor = await Chromium.start();
  const { page } = await visitor.open(`${shared.issuer}/ipfence/`);
  const section = page.getByRole('region', { name: 'Shared store' });
  await until(section.getByText('reached, changes are heard of'));
  await redis.stop();
  await until(section.getByText(/^changes are not heard of|without it$/));
  await visitor.stop();
  await shared.stop();
  rmSync(directory, { recursive: true });
});

// WCAG 2.2 to level AA and axe's best practices, with everything open that can be. axe draws on the page itself, which the
// page's policy forbids: hence a browser that does not keep to it.
for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing in the ${colorScheme} page`, async () => {
    const lenient = await Chromium.start({ bypassCSP: true, colorScheme });
    try {
      const { page } = await lenient.open(url);
      await until(explainButtons(page).first());
      await explainButtons(page).first().click();
      await until(page.locator('td.explanation:visible li').first());
      await page.getByRole('button', { name: 'Ask', exact: true }).click();
      await until(page.locator('#answer li').first());
      await page.evaluate(axe);
      const { violations, passes } = await page.evaluate(() => axe.run(document));
      assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]), []);
      assert.ok(passes.some(({ id }) => id === 'color-contrast'));
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const [red] = ground.match(/\d+/g).map(Number);
      assert.equal(red < 128, colorScheme === 'dark', ground);
    } finally {
      await lenient.stop();
    }
  });
}

test('without scripts the page says where the same is', async () => {
  const scriptless = await Chromium.start({ javaScriptEnabled: false });
  try {
    const page = await scriptless.context.newPage();
    await page.goto(url);
    assert.ok(await page.getByRole('link', { name: 'status.json' }).first().isVisible());
  } finally {
    await scriptless.stop();
  }
});
