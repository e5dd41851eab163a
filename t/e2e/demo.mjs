// Runs real apps at a real provider through the gate, from an allowed and from a forbidden address, and prints
// what became of each. Exits 0 only if every decision was as announced.
//
//   node demo.mjs [--keep]      --keep leaves nginx and the provider running

import { ResponseBodyError } from 'openid-client';
import { approveDevice, clientCredentials, pollDevice, refresh, signIn, startDevice } from './apps.mjs';
import { Browser } from './browser.mjs';
import { Gate } from './gate.mjs';
import { fetchFrom } from './network.mjs';
import { companyHttp, companyServer, continuousPolicy, inside, outside, users } from './world.mjs';

const keep = process.argv.includes('--keep');

async function watchTelevision(gate, address) {
  const device = await startDevice(gate, 'television', address);
  await approveDevice(device, address);
  return pollDevice(gate, device);
}

// Each signs in inside first, for a refresh token of its own: the provider takes it once only.
async function refreshAt(gate, clientId, address) {
  const tokens = await signIn(gate, clientId, inside);
  gate.audit();
  return refresh(gate, clientId, address, tokens);
}

// Signs in inside, and calls the API with the access token from `address`.
async function callApi(gate, clientId, address) {
  const { access_token: token } = await signIn(gate, clientId, inside);
  gate.audit();
  return fetchFrom(address)(`${gate.issuer}/api`, { headers: { authorization: `Bearer ${token}` } });
}

// Signs in inside, and changes the password in the same browser from `address`.
async function changePassword(gate, clientId, address) {
  const browser = new Browser(inside, 'alice');
  await signIn(gate, clientId, inside, { browser });
  gate.audit();
  return browser.from(address).fetch(`${gate.issuer}/account/password`, { method: 'POST' });
}

const scenes = [
  {
    what: 'login, app "web"',
    act: (gate) => signIn(gate, 'web', inside),
    expected: ['200', inside, 'allow', 'login_ip_range'],
    because: 'Authorization code with PKCE. The ID Token in the answer says alice; her profile allows 127.0.1.0/24.',
  },
  {
    what: 'login, app "web"',
    act: (gate) => signIn(gate, 'web', outside),
    expected: ['400', outside, 'deny', 'outside_login_ip_ranges'],
    because: 'The provider did issue tokens; they were held back until their user was known, and withheld.',
  },
  {
    what: 'login, app "relaxed"',
    act: (gate) => signIn(gate, 'relaxed', outside),
    expected: ['200', outside, 'allow', 'relaxed_app'],
    because: 'The same user at the same address: the policy relaxes the ranges for this app.',
  },
  {
    what: 'login, app "web", as robin',
    act: (gate) => signIn(gate, 'web', outside, { user: 'robin' }),
    expected: ['200', outside, 'allow', 'no_login_ip_ranges'],
    because: "Another user at the same app and address: robin's profile has no restrictions.",
  },
  {
    what: 'refresh, app "web"',
    act: (gate) => refreshAt(gate, 'web', inside),
    expected: ['200', inside, 'allow', 'login_ip_range'],
    because: 'The refresh token buys new tokens inside the ranges.',
  },
  {
    what: 'refresh, app "web"',
    act: (gate) => refreshAt(gate, 'web', outside),
    expected: ['400', outside, 'deny', 'outside_login_ip_ranges'],
    because: 'The session began inside; taking its refresh token elsewhere does not help. The provider never saw it.',
  },
  {
    what: 'refresh, app "relaxed_refresh"',
    act: (gate) => refreshAt(gate, 'relaxed_refresh', outside),
    expected: ['200', outside, 'allow', 'refresh_token'],
    because: 'This app is relaxed for refresh tokens, and the gate remembers that the session began with a code.',
  },
  {
    what: 'API call, app "web"',
    act: (gate) => callApi(gate, 'web', inside),
    expected: ['200', inside, 'allow', 'login_ip_range'],
    because: 'Continuous enforcement: the token is known from when it was issued, and its user is inside the ranges.',
  },
  {
    what: 'API call, app "web"',
    act: (gate) => callApi(gate, 'web', outside),
    expected: ['403', outside, 'deny', 'outside_login_ip_ranges'],
    because: 'The same token, carried out of the ranges.',
  },
  {
    what: 'password change, app "web"',
    act: (gate) => changePassword(gate, 'web', inside),
    expected: ['200', inside, 'allow', 'login_ip_range'],
    because: "The provider's session cookie says nothing; the gate knows whose it is since its code was exchanged.",
  },
  {
    what: 'password change, app "web"',
    act: (gate) => changePassword(gate, 'web', outside),
    expected: ['403', outside, 'deny', 'outside_login_ip_ranges'],
    because: 'A sensitive operation is never relaxed.',
  },
  {
    what: 'password change, app "relaxed"',
    act: (gate) => changePassword(gate, 'relaxed', inside),
    expected: ['403', inside, 'deny', 'sensitive_operation'],
    because: 'Who uses a relaxed app cannot do sensitive operations in that session, wherever they are.',
  },
  {
    what: 'client credentials, "service"',
    act: (gate) => clientCredentials(gate, 'service', inside),
    expected: ['200', inside, 'allow', 'login_ip_range'],
    because: 'Nobody signs in: the app runs as alice, so her ranges hold.',
  },
  {
    what: 'client credentials, "service"',
    act: (gate) => clientCredentials(gate, 'service', outside),
    expected: ['400', outside, 'deny', 'outside_login_ip_ranges'],
    because: 'The request alone decided; the provider never saw it.',
  },
  {
    what: 'device flow, "television"',
    act: (gate) => watchTelevision(gate, inside),
    expected: ['200', inside, 'allow', 'login_ip_range'],
    because: 'The device polled while alice signed in; the answer names her.',
  },
  {
    what: 'device flow, "television"',
    act: (gate) => watchTelevision(gate, outside),
    expected: ['400', outside, 'deny', 'outside_login_ip_ranges'],
    because: 'The device is outside, and gets no token.',
  },
];

const columns = [32, 11, 5, 9, 24];

const row = (cells) => cells.map((cell, index) => cell.padEnd(columns[index])).join(' ').trimEnd();

// What the app got: tokens, an answer, the gate's refusal, or what is never announced.
function statusOf(result, error) {
  if (!error) return String(result.status ?? 200);
  const isGate = error instanceof ResponseBodyError && error.error_description === 'ip restricted';
  return isGate ? String(error.status) : `${error.message}: ${error.error_description ?? error.code}`;
}

// What became of a scene: status, address, decision and reason, the last three from the audit log.
async function play(gate, { act }) {
  gate.audit();
  const [result, error] = await act(gate).then((got) => [got], (refused) => [undefined, refused]);
  const status = statusOf(result, error);
  const { ip, decision, reason } = gate.audit().at(-1) ?? { ip: '-', decision: '-', reason: '-' };
  return [status, ip, decision, reason];
}

async function playAll(gate) {
  let surprises = 0;
  console.log(`\n${row(['what', 'from', 'HTTP', 'decision', 'reason'])}`);
  for (const scene of scenes) {
    const outcome = await play(gate, scene);
    const [status, ip, decision, reason] = outcome;
    console.log(`\n${row([scene.what, ip, status, decision, reason])}`);
    console.log(`    ${scene.because}`);
    if (String(outcome) !== String(scene.expected)) {
      surprises += 1;
      console.log(`    NOT AS ANNOUNCED: expected ${scene.expected.join(' ')}`);
    }
  }
  return surprises;
}

function introduce(gate) {
  console.log(`
A real provider (oidc-provider) is behind nginx with ipfence, and real apps (openid-client) come to
${gate.issuer} from two addresses of this machine: ${inside}, which is in the login IP ranges of
${users.alice}, and ${outside}, which is not. Status is what the app got, the rest is of the audit log.`);
}

function farewell(gate) {
  console.log(`
The gate is still running:
  provider, through nginx   ${gate.issuer}/.well-known/openid-configuration
  policy                    ${gate.directory}/policy.json
  nginx.conf                ${gate.directory}/nginx.conf
  audit log                 ${gate.directory}/ipfence.ndjson
From outside the ranges, a service is refused:
  curl --interface ${outside} -d grant_type=client_credentials -d client_id=service \\
      --data-urlencode 'client_secret=the secret of service, 32 bytes at least' ${gate.issuer}/token
and from inside them, with --interface ${inside}, it is not. To end it:
  kill ${gate.nginx.pid} ${gate.provider.pid}; rm -r ${gate.directory}`);
}

const gate = await Gate.start({ keep, policy: continuousPolicy, http: companyHttp, server: companyServer });
try {
  introduce(gate);
  const surprises = await playAll(gate);
  console.log(`\n${scenes.length - surprises} of ${scenes.length} decisions were as announced.`);
  process.exitCode = surprises ? 1 : 0;
  if (keep) {
    farewell(gate);
    await gate.release();
  }
} finally {
  if (!keep) await gate.stop();
}
