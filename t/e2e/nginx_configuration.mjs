// The nginx.conf that this project ships, moved to a directory, addresses and ports of the tests: so that what
// users copy is what is tested.

import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const shipped = join(repository, 'conf');

function substitute(text, replacements) {
  for (const [what, by] of replacements) {
    if (!text.includes(what)) throw new Error(`conf/nginx.conf has no "${what}" any more`);
    text = text.replaceAll(what, () => by);
  }
  return text;
}

const temporaryPaths = (directory) =>
  ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `    ${name}_temp_path ${directory}/${name};\n`)
    .join('');

// `port` is the gate's, `providerPort` the provider's; `http` and `server` are text for the blocks of that name;
// `preset` is a map in conf/providers, and `revocation` the provider's path for that.
export function writeConfiguration(
  directory,
  { module, port, providerPort, policy, mode, http = '', server = '', preset = 'oidc-provider', revocation = '/token/revocation' },
) {
  cpSync(join(shipped, 'providers'), join(directory, 'providers'), { recursive: true });
  writeFileSync(join(directory, 'policy.json'), JSON.stringify(policy, null, 2));

  const text = substitute(readFileSync(join(shipped, 'nginx.conf'), 'utf8'), [
    ['modules/ngx_http_ipfence_module.so', module],
    ['user www-data;', process.getuid() === 0 ? 'user root;' : ''],
    ['/run/nginx.pid', join(directory, 'nginx.pid')],
    ['/var/log/nginx', directory],
    ['/var/lib/nginx', directory],
    ['worker_processes auto', 'worker_processes 2'],
    ['ipfence_mode enforce', `ipfence_mode ${mode}`],
    ['providers/oidc-provider.conf', `providers/${preset}.conf`],
    ['http://provider/token/revocation', `http://provider${revocation}`],
    ['server 127.0.0.1:3000', `server 127.0.0.1:${providerPort}`],
    ['listen 443 ssl http2', `listen 127.0.0.1:${port}`],
    ['listen 443 ssl default_server', `listen 127.0.0.1:${port} default_server`],
    ['server_name id.example.com', 'server_name 127.0.0.1'],
    ['        ssl_certificate /etc/nginx/tls/id.example.com.pem; # CHANGE\n', ''],
    ['        ssl_certificate_key /etc/nginx/tls/id.example.com.key; # CHANGE\n', ''],
    ['        ipfence $ipfence_kind;\n', `        ipfence $ipfence_kind;\n${server}`],
    ['http {\n', `http {\n${temporaryPaths(directory)}${http}`],
  ]);
  writeFileSync(join(directory, 'nginx.conf'), text);
}
