// Debian's Glewlwyd on loopback, with an OIDC plugin, a second factor, apps and people of these tests.

import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Child } from '../e2e/child.mjs';
import { freePort } from '../e2e/network.mjs';
import { redirectUri } from './code_flow.mjs';
import { Visitor } from './visitor.mjs';

const schema = '/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3';

const configurationOf = (directory, port, external) => `
port = ${port}
bind_address = "127.0.0.1"
external_url = "${external}"
login_url = "login.html"
api_prefix = "api"
log_mode = "console"
log_level = "INFO"
cookie_secure = 0
session_expiration = 3600
session_key = "GLEWLWYD2_SESSION_ID"
admin_scope = "g_admin"
profile_scope = "g_profile"
allow_multiple_user_per_session = false
login_api_enabled = true
user_module_path = "/usr/lib/glewlwyd/user"
client_module_path = "/usr/lib/glewlwyd/client"
user_auth_scheme_module_path = "/usr/lib/glewlwyd/scheme"
plugin_module_path = "/usr/lib/glewlwyd/plugin"
hash_algorithm = "SHA512"
static_files_path = "/usr/share/glewlwyd/webapp/"
database = { type = "sqlite3" path = "${directory}/glewlwyd.db" }
`;

const scopes = ['openid', 'api'];


// By name; every secret is as long as the provider wants it.
export const secretOf = (clientId) => `the-secret-of-${clientId}`;
export const passwordOf = (user) => `the password of ${user}`;

const pluginOf = (issuer) => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return {
    module: 'oidc',
    name: 'oidc',
    display_name: 'OIDC',
    parameters: {
      iss: `${issuer}/api/oidc`,
      'jwt-type': 'rsa',
      'jwt-key-size': '256',
      key: privateKey,
      cert: publicKey,
      'access-token-duration': 3600,
      'refresh-token-duration': 86400,
      'code-duration': 600,
      'refresh-token-rolling': true,
      'refresh-token-one-use': 'always',
      'allow-non-oidc': true,
      'auth-type-code-enabled': true,
      'auth-type-code-revoke-replayed': true,
      'auth-type-token-enabled': false,
      'auth-type-id-token-enabled': true,
      'auth-type-none-enabled': false,
      'auth-type-password-enabled': true,
      'auth-type-client-enabled': true,
      'auth-type-refresh-enabled': true,
      'auth-type-device-enabled': true,
      'device-authorization-expiration': 600,
      'device-authorization-interval': 1,
      'client-cert-source': 'header',
      'client-cert-header-name': 'X-Client-Certificate',
      'client-cert-use-endpoint-aliases': true,
      'pkce-allowed': true,
      'pkce-method-plain-allowed': false,
      'pkce-required': true,
      'pkce-scopes': [],
      'introspection-revocation-allowed': true,
      'introspection-revocation-allow-target-client': true,
      'jwks-show': true,
      'subject-type': 'public',
      'restrict-scope-client-property': '',
      scope: [],
      'additional-parameters': [{ 'user-parameter': 'username', 'token-parameter': 'preferred_username', 'token-changed': false }],
      claims: [{ name: 'preferred_username', 'user-property': 'username', type: 'string', mandatory: true, 'on-demand': false }],
      'allowed-scope': scopes,
    },
  };
};

const secondFactor = (issuer) => ({
  module: 'otp',
  name: 'otp',
  display_name: 'One-time passwords',
  expiration: 600,
  max_use: 0,
  allow_user_register: true,
  parameters: {
    issuer,
    'secret-minimum-size': 16,
    'otp-length': 6,
    'hotp-allow': true,
    'hotp-window': 0,
    'totp-allow': true,
    'totp-window': 1,
    'totp-start-offset': 0,
  },
});

// Who has this scope may register the second factor.
const withSecondFactor = {
  name: 'second_factor',
  display_name: 'Second factor',
  description: 'What needs one',
  password_required: true,
  scheme: { one: [{ scheme_type: 'otp', scheme_name: 'otp' }] },
  scheme_required: { one: 1 },
};

const clientOf = (clientId, grants) => ({
  client_id: clientId,
  name: clientId,
  confidential: true,
  password: secretOf(clientId),
  redirect_uri: [redirectUri],
  authorization_type: grants,
  scope: scopes,
  enabled: true,
  token_endpoint_auth_method: ['client_secret_basic', 'client_secret_post'],
});

const userOf = (username) => ({
  username,
  name: username,
  password: passwordOf(username),
  enabled: true,
  scope: [...scopes, 'second_factor', 'g_profile'],
});

async function setUp(port, issuer) {
  const administrator = new Visitor(`http://127.0.0.1:${port}`, '127.0.0.1');
  const post = async (path, body) => {
    const answer = await administrator.json('POST', path, body);
    if (answer.status !== 200) throw new Error(`Glewlwyd answers ${answer.status} to ${path}: ${answer.body}`);
  };
  await post('/api/auth', { username: 'admin', password: 'password' });
  await post('/api/mod/plugin/', pluginOf(issuer));
  await post('/api/mod/scheme/', secondFactor(issuer));
  await post('/api/scope/', { name: 'api', display_name: 'API', description: 'An API', password_required: true, scheme: {} });
  await post('/api/scope/', withSecondFactor);
  for (const user of ['alice', 'robin']) await post('/api/user/', userOf(user));
  await post('/api/client/', clientOf('web', ['code', 'refresh_token', 'password', 'device_authorization']));
  await post('/api/client/', clientOf('relaxed', ['code', 'refresh_token', 'password']));
  await post('/api/client/', clientOf('service', ['client_credentials']));
}

async function untilItListens(port, provider, log) {
  for (;;) {
    if (provider.hasExited) throw new Error(`Glewlwyd did not start:\n${readFileSync(log)}`);
    const socket = connect(port, '127.0.0.1');
    const connected = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false)]).catch(() => false);
    socket.destroy();
    if (connected) return;
    await pause(20);
  }
}

async function start(issuer, { directory }) {
  const port = await freePort();
  const log = join(directory, 'provider.log');
  execFileSync('sqlite3', [join(directory, 'glewlwyd.db')], { input: readFileSync(schema) });
  writeFileSync(join(directory, 'glewlwyd.conf'), configurationOf(directory, port, issuer));
  const provider = new Child('/usr/bin/glewlwyd', ['--config-file', join(directory, 'glewlwyd.conf')], { log });
  await untilItListens(port, provider, log);
  await setUp(port, issuer);
  return { provider, port };
}

export const glewlwyd = { start, preset: 'glewlwyd', revocation: '/api/oidc/revoke', jwks: '/api/oidc/jwks' };
