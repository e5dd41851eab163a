// Debian's LemonLDAP::NG on loopback, behind an nginx with the configuration that Debian ships for its portal. Its users are
// those of its own demonstration: dwho, msmith and rtyler, whose passwords are their names.

import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Child } from '../e2e/child.mjs';
import { freePort } from '../e2e/network.mjs';
import { redirectUri } from './code_flow.mjs';

const patience = 60_000; // of a busy machine

const portalConfiguration = '/etc/lemonldap-ng/portal-nginx.conf';

// It refuses to run as root.
const isRoot = process.getuid() === 0;
const account = 'www-data';

export const secretOf = (clientId) => `the-secret-of-${clientId}`;

const clientOf = (clientId, more) => ({
  oidcRPMetaDataOptionsClientID: clientId,
  oidcRPMetaDataOptionsClientSecret: secretOf(clientId),
  oidcRPMetaDataOptionsRedirectUris: redirectUri,
  oidcRPMetaDataOptionsBypassConsent: 1,
  oidcRPMetaDataOptionsIDTokenSignAlg: 'RS256',
  oidcRPMetaDataOptionsUserIDAttr: 'uid',
  oidcRPMetaDataOptionsRefreshToken: 1,
  oidcRPMetaDataOptionsAllowOffline: 1,
  ...more,
});

const clients = {
  web: clientOf('web', { oidcRPMetaDataOptionsAllowPasswordGrant: 1 }),
  relaxed: clientOf('relaxed'),
  service: clientOf('service', { oidcRPMetaDataOptionsAllowClientCredentialsGrant: 1 }),
};

function configurationOf(issuer, directory) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const storage = (name) => ({ Directory: join(directory, name), LockDirectory: join(directory, name, 'lock'), generateModule: 'Lemonldap::NG::Common::Apache::Session::Generate::SHA256' });
  return {
    cfgNum: 1,
    cfgAuthor: 'ipfence',
    cfgDate: 1,
    cfgVersion: '2.16.1',
    authentication: 'Demo',
    userDB: 'Same',
    passwordDB: 'Demo',
    registerDB: 'Null',
    domain: '127.0.0.1',
    portal: `${issuer}/`,
    cookieName: 'lemonldap',
    securedCookie: 0,
    key: 'a key of these tests',
    demoExportedVars: { cn: 'cn', mail: 'mail', uid: 'uid' },
    whatToTrace: '_whatToTrace',
    macros: { _whatToTrace: 'lc($_user)' },
    timeout: 3600,
    globalStorage: 'Apache::Session::File',
    globalStorageOptions: storage('sessions'),
    persistentStorage: 'Apache::Session::File',
    persistentStorageOptions: storage('psessions'),
    localSessionStorage: 'Cache::FileCache',
    localSessionStorageOptions: { namespace: 'sessions', cache_root: join(directory, 'cache'), cache_depth: 1 },
    locationRules: {},
    exportedHeaders: {},
    portalRequireOldPassword: 1,
    requireToken: 0,
    portalDisplayChangePassword: 1,
    totp2fSelfRegistration: 1,
    totp2fActivation: 1,
    issuerDBOpenIDConnectActivation: 1,
    oidcServicePrivateKeySig: privateKey,
    oidcServicePublicKeySig: publicKey,
    oidcServiceKeyIdSig: 'key',
    oidcServiceAllowAuthorizationCodeFlow: 1,
    oidcServiceAllowImplicitFlow: 1,
    oidcServiceAllowHybridFlow: 1,
    oidcRPMetaDataOptions: clients,
    oidcRPMetaDataExportedVars: Object.fromEntries(Object.keys(clients).map((id) => [id, { preferred_username: 'uid', email: 'mail' }])),
  };
}

const settingsOf = (directory) => `
[all]
logLevel = warn
checkTime = 3600
[configuration]
type = File
dirName = ${directory}/conf
localStorage = Cache::FileCache
localStorageOptions = { 'namespace' => 'configuration', 'default_expires_in' => 600, 'cache_root' => '${directory}/cache', 'cache_depth' => 1 }
[portal]
staticPrefix = /static
templateDir = /usr/share/lemonldap-ng/portal/templates
languages = en
`;

function writeFiles(issuer, directory) {
  for (const name of ['conf', 'cache', 'sessions/lock', 'psessions/lock']) mkdirSync(join(directory, name), { recursive: true });
  writeFileSync(join(directory, 'conf/lmConf-1.json'), JSON.stringify(configurationOf(issuer, directory)));
  writeFileSync(join(directory, 'lemonldap-ng.ini'), settingsOf(directory));
  chmodSync(directory, 0o711);
  if (isRoot) execFileSync('chown', ['-R', account, directory]);
}

// The server that Debian ships, at a port of the tests'; with `gate`, and the gate in it.
export function writeNginxConfiguration(directory, port, gate = {}) {
  const shipped = readFileSync(portalConfiguration, 'utf8')
    .replaceAll('unix:/var/run/llng-fastcgi-server/llng-fastcgi.sock', `unix:${directory}/fastcgi.sock`)
    .replace('listen 80;', `listen 127.0.0.1:${port};`)
    .replace('listen [::]:80;', '')
    .replace(/server_name .*;/, 'server_name 127.0.0.1;')
    .replaceAll('HTTP_HOST $host', 'HTTP_HOST $http_host') // with its port
    .replace('upstream llng_portal_upstream {', `$& ${gate.upstream ?? ''}`)
    .replace('server_name 127.0.0.1;', `$& ${gate.server ?? ''}`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${directory}/${name};`);
  const file = join(directory, `nginx-${port}.conf`);
  writeFileSync(file, `
${gate.main ?? ''}
${isRoot ? 'user root;' : ''}
pid ${directory}/nginx-${port}.pid;
events {}
http { include /etc/nginx/mime.types; access_log off; ${temporary.join(' ')} ${gate.http ?? ''} ${shipped} }
`);
  return file;
}

async function untilItAnswers(port, server, log) {
  for (const begin = Date.now(); ; ) {
    if (server.hasExited || Date.now() - begin > patience) throw new Error(`LemonLDAP::NG did not start:\n${readFileSync(log)}`);
    const answer = await fetch(`http://127.0.0.1:${port}/.well-known/openid-configuration`).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.status === 200) return;
    await pause(50);
  }
}

async function start(issuer, { directory: logs }) {
  const directory = join(logs, 'lemonldap');
  mkdirSync(directory);
  chmodSync(logs, 0o711); // for the account that it runs as
  const port = await freePort();
  const log = join(logs, 'provider.log');
  writeFiles(issuer, directory);
  const configuration = writeNginxConfiguration(directory, port);
  const server = new Child(
    '/usr/sbin/llng-fastcgi-server',
    ['--foreground', '--proc', '2', '--pid', join(directory, 'pid'), '--socket', join(directory, 'fastcgi.sock'),
      ...(isRoot ? ['--user', account, '--group', account] : [])],
    {
      log,
      environment: {
        LLNG_DEFAULTCONFFILE: join(directory, 'lemonldap-ng.ini'),
        LLNG_DEFAULTLOGGER: 'Lemonldap::NG::Common::Logger::Std',
      },
    },
  );
  while (!existsSync(join(directory, 'fastcgi.sock')) && !server.hasExited) await pause(20);
  const nginx = new Child('/usr/sbin/nginx', ['-e', log, '-c', configuration, '-g', 'daemon off;'], { log });
  const provider = {
    directory,
    async stop() {
      await nginx.stop();
      await server.stop();
    },
  };
  await untilItAnswers(port, server, log);
  return { provider, port };
}

export const lemonldap = { start, preset: 'lemonldap-ng', revocation: '/oauth2/revoke', jwks: '/oauth2/jwks' };
