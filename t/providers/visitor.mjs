// Somebody at an address, with a cookie jar: requests as pages and apps send them.

import { fetchFrom } from '../e2e/network.mjs';

export class Visitor {
  #origin;
  #fetch;
  #cookies = new Map();

  constructor(origin, address) {
    this.#origin = origin;
    this.#fetch = fetchFrom(address);
  }

  // The same cookies at another address, or at another server.
  from(address, origin = this.#origin) {
    const moved = new Visitor(origin, address);
    moved.#cookies = this.#cookies;
    return moved;
  }

  get cookies() {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async request(method, path, { body, headers = {} } = {}) {
    const response = await this.#fetch(new URL(path, this.#origin), {
      method,
      body,
      headers: { ...headers, ...(this.#cookies.size > 0 && { cookie: this.cookies }) },
      redirect: 'manual',
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = cookie.match(/^([^=]+)=([^;]*)/);
      this.#cookies.set(name, value);
    }
    return {
      status: response.status,
      location: response.headers.get('location'),
      headers: response.headers,
      body: await response.text(),
    };
  }

  get(path, headers) {
    return this.request('GET', path, { headers });
  }

  form(method, path, fields, headers) {
    return this.request(method, path, { body: new URLSearchParams(fields), headers });
  }

  json(method, path, value) {
    return this.request(method, path, { body: JSON.stringify(value), headers: { 'content-type': 'application/json' } });
  }
}
