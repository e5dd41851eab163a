// What a person's browser does: it follows redirects, keeps cookies, and fills in the forms it is shown.

import { fetchFrom } from './network.mjs';
import { passwordOf } from './world.mjs';

const formAction = /<form[^>]*\baction="([^"]+)"/;
const fields = /<input[^>]*\btype="hidden"[^>]*\bname="([^"]+)"[^>]*\bvalue="([^"]*)"/g;
const unescape = (html) => html.replaceAll('&amp;', '&').replaceAll('&quot;', '"');

export class Browser {
  #fetch;
  #user;
  #cookies = new Map();

  constructor(address, user) {
    this.#fetch = fetchFrom(address);
    this.#user = user;
  }

  // Opens a page, signs in and consents where asked; answers with the URL of the first redirect to `end`,
  // or with the last page when there is no form left on it.
  async visit(url, end) {
    let page = await this.#request(url);
    for (let steps = 0; steps < 30; steps += 1) {
      if (page.redirect?.startsWith(end)) return page.redirect;
      if (page.redirect) {
        page = await this.#request(page.redirect);
      } else if (formAction.test(page.html)) {
        page = await this.#submit(page);
      } else {
        return page.html;
      }
    }
    throw new Error(`${url} goes round in circles`);
  }

  // The same browser, with the same cookies, carried to another address.
  from(address) {
    const moved = new Browser(address, this.#user);
    moved.#cookies = this.#cookies;
    return moved;
  }

  // One request as it is, with this browser's cookies: its status, and its body.
  async fetch(url, options = {}) {
    const { status, html } = await this.#request(url, options);
    return { status, body: html };
  }

  cookie(name) {
    return this.#cookies.get(name);
  }

  // Throws away one cookie.
  forget(name) {
    this.#cookies.delete(name);
  }

  async #request(url, options = {}) {
    const headers = { accept: 'text/html', ...options.headers, cookie: this.#cookieHeader() };
    const response = await this.#fetch(url, { ...options, headers, redirect: 'manual' });
    response.headers.getSetCookie().forEach((cookie) => this.#keep(cookie));
    const location = response.headers.get('location');
    return {
      url,
      status: response.status,
      html: await response.text(),
      redirect: location && new URL(location, url).href,
    };
  }

  #submit({ url, html }) {
    const body = new URLSearchParams([...html.matchAll(fields)].map(([, name, value]) => [name, unescape(value)]));
    if (html.includes('name="login"')) {
      body.set('login', this.#user);
      body.set('password', passwordOf(this.#user));
    }
    return this.#request(new URL(unescape(html.match(formAction)[1]), url).href, { method: 'POST', body });
  }

  #keep(cookie) {
    const [, name, value] = cookie.match(/^([^=]+)=([^;]*)/);
    if (value === '') this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }

  #cookieHeader() {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }
}
