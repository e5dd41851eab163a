// What comes to the browser itself: implicit and hybrid responses, form_post pages, pushed requests. The provider
// is the real one; its redirects and pages are what the gate reads.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Browser } from './browser.mjs';
import { Gate } from './gate.mjs';
import { fetchFrom } from './network.mjs';
import { companyServer, continuousPolicy, inside, outside, secretOf, users } from './world.mjs';

const gate = await Gate.start({ policy: continuousPolicy, server: companyServer });
after(() => gate.stop());

const callback = 'https://app.example.com/callback';

// Signs in at the authorization endpoint and returns where the provider leads in the end, or its last page.
async function authorize(address, parameters) {
  const browser = new Browser(address, 'alice');
  const query = new URLSearchParams({
    client_id: 'spa',
    redirect_uri: callback,
    scope: 'openid profile',
    nonce: 'n',
    state: 's',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    ...parameters,
  });
  const result = await browser.visit(`${gate.issuer}/auth?${query}`, callback);
  return { browser, result };
}

const responseTypes = {
  id_token: 'user_agent',
  'id_token token': 'user_agent',
  'code id_token': 'web_server',
};

const released = () => gate.audit().filter(({ kind, phase }) => kind === 'authorization' && phase === 'response').at(-1);

for (const [type, flow] of Object.entries(responseTypes)) {
  test(`${type}: from inside, the browser gets what the app asked for`, async () => {
    const { result } = await authorize(inside, { response_type: type });
    const fragment = new URLSearchParams(new URL(result).hash.slice(1));
    for (const member of type.split(' ').map((word) => (word === 'token' ? 'access_token' : word))) {
      assert.ok(fragment.get(member), `${member} in ${result}`);
    }
    const { decision, reason, ...line } = released();
    assert.deepEqual([decision, reason, line.flow, line.user], ['allow', 'login_ip_range', flow, users.alice]);
  });

  test(`${type}: from outside, it gets nothing`, async () => {
    const { result } = await authorize(outside, { response_type: type });
    assert.match(result, /<h1>Forbidden<\/h1>\s*<p>ip restricted<\/p>/);
    assert.equal(released().reason, 'outside_login_ip_ranges');
  });
}

test('an access token of the fragment is known to the API', async () => {
  const { result } = await authorize(inside, { response_type: 'id_token token' });
  const token = new URLSearchParams(new URL(result).hash.slice(1)).get('access_token');
  gate.conceal(token);
  const call = (address) => fetchFrom(address)(`${gate.issuer}/api`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal((await call(inside)).status, 200);
  assert.equal((await call(outside)).status, 403);
  const line = gate.audit().at(-1);
  assert.deepEqual([line.flow, line.user, line.app], ['user_agent', users.alice, 'spa']);
});

test('form_post: the page of tokens reaches only who may have it', async () => {
  const what = { response_type: 'code id_token', response_mode: 'form_post' };
  const query = async (address) => {
    const browser = new Browser(address, 'alice');
    await browser.visit(`${gate.issuer}/auth?${new URLSearchParams({
      client_id: 'spa', redirect_uri: callback, scope: 'openid profile', nonce: 'n', response_type: 'id_token',
    })}`, callback);
    gate.audit();
    return browser.fetch(`${gate.issuer}/auth?${new URLSearchParams({
      client_id: 'spa', redirect_uri: callback, scope: 'openid profile', nonce: 'n', ...what,
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256',
    })}`);
  };
  const page = await query(inside);
  assert.equal(page.status, 200);
  assert.match(page.body, /name="id_token"/);
  assert.equal(released().reason, 'login_ip_range');
});

test('a pushed request leads to a code that knows its app', async () => {
  const pushed = await fetchFrom(inside)(`${gate.issuer}/request`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`web:${encodeURIComponent(secretOf('web'))}`)}` },
    body: new URLSearchParams({
      client_id: 'web', redirect_uri: 'http://127.0.0.1:9/callback', response_type: 'code', scope: 'openid',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256',
    }),
  });
  const { request_uri: uri } = await pushed.json();
  const url = `${gate.issuer}/auth?${new URLSearchParams({ client_id: 'web', request_uri: uri })}`;
  const result = await new Browser(inside, 'alice').visit(url, 'http://127.0.0.1:9/callback');
  assert.ok(new URL(result).searchParams.get('code'), result);
  assert.equal(released().reason, 'user_undetermined');
});

// The provider takes the session that comes with the last step, and the gate learns for which app that is from the exchange.
test('who has stolen a session gets no code that is worth anything where a login comes back from its pages', async () => {
  const redirect = 'http://127.0.0.1:9/callback';
  const query = new URLSearchParams({
    client_id: 'web',
    response_type: 'code',
    redirect_uri: redirect,
    scope: 'openid profile',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  });
  const exchange = async (url) => {
    const code = new URL(url).searchParams.get('code');
    gate.conceal(code);
    const { status } = await fetchFrom(inside)(`${gate.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirect,
        client_id: 'web',
        client_secret: secretOf('web'),
        code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
      }),
    });
    return status;
  };
  const browser = new Browser(inside, 'alice');
  assert.equal(await exchange(await browser.visit(`${gate.issuer}/auth?${query}`, redirect)), 200);
  const stolen = ['_session', '_session.sig'].map((name) => `${name}=${browser.cookie(name)}`);

  const visit = async (path, cookies) => {
    const headers = { accept: 'text/html', cookie: cookies.join('; ') };
    return fetchFrom(outside)(new URL(path, gate.issuer).href, { headers, redirect: 'manual' });
  };
  assert.equal((await visit(`/auth?${query}`, stolen)).status, 403);
  for (const more of ['', '?client_id=web&prompt=login']) {
    const begun = await visit(`/auth?${query}`, []);
    const uid = begun.headers.get('location').split('/').at(-1);
    const resume = begun.headers.getSetCookie().map((cookie) => cookie.split(';')[0]).filter((cookie) => cookie.includes('resume'));
    const handedOut = await visit(`/auth/${uid}${more}`, [...resume, ...stolen]);
    gate.audit();
    assert.equal(await exchange(handedOut.headers.get('location')), 400);
    const { user, ip, reason } = gate.audit().at(-1);
    assert.deepEqual([user, ip, reason], [users.alice, outside, 'outside_login_ip_ranges']);
    const again = handedOut.headers.getSetCookie().find((cookie) => /^_session=/.test(cookie));
    if (again) stolen[0] = again.split(';')[0];
    const signature = handedOut.headers.getSetCookie().find((cookie) => /^_session\.sig=/.test(cookie));
    if (signature) stolen[1] = signature.split(';')[0];
  }
});
