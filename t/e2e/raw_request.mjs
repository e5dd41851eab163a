// A request whose target is sent as it is written, which no client library does.

import { request } from 'node:http';

export function rawRequest({ port, host, target, address, method = 'POST', headers = {}, body = '' }) {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path: target,
      method,
      localAddress: address,
      agent: false,
      headers: { Host: host, 'Content-Length': Buffer.byteLength(body), ...headers },
    };
    const sent = request(options, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts).toString() }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

export const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
