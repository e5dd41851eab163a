// Token requests that the gate decides by itself, from any address: the gate of these tests trusts 127.0.0.1 to
// say where a request is from.

export const trustedProxy = '    ipfence_trusted_proxies 127.0.0.1;\n';

export const statusPage = `
        location /ipfence/ {
            ipfence_status;
            allow 127.0.0.1;
            deny all;
        }
`;

// Resource owner password credentials (RFC 6749, section 4.3): the request says who the user is, so that no
// provider is needed to decide it.
export async function requestToken(gate, { user, app, address, path = '/token', refreshToken }) {
  const grant = refreshToken
    ? { grant_type: 'refresh_token', refresh_token: refreshToken }
    : { grant_type: 'password', username: user, password: 'not looked at' };
  const response = await fetch(new URL(path, gate.issuer), {
    method: 'POST',
    headers: { 'X-Forwarded-For': address },
    body: new URLSearchParams({ ...grant, client_id: app }),
  });
  await response.arrayBuffer();
  return response.status;
}
