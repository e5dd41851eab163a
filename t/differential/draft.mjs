// A request as it is being made up. All text is of bytes ("latin1"), so that a mutation may write any byte
// anywhere.

const formType = 'application/x-www-form-urlencoded';

// As a client library does.
export const encode = (text) =>
  encodeURIComponent(text)
    .replace(/[!'()*~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%20/g, '+');

export const basic = (user, password = 's e c') =>
  `Basic ${Buffer.from(`${encode(user)}:${encode(password)}`).toString('base64')}`;

export const withLength = (body) => ({ headers: [`Content-Length: ${body.length}`], body });

export class Draft {
  method = 'POST';
  target = '/token';
  version = 'HTTP/1.1';
  isInside = true;
  headers = ['Host: 127.0.0.1', `Content-Type: ${formType}`];
  lineEnd = '\r\n';
  parameters = [];
  separator = '&';
  before = '';
  after = '';
  rewrite = (body) => body; // of the whole body, as bytes
  frame = withLength;
  isCutShort = false; // the client ends before it has sent what it announced
  pieces = 1; // how many writes of the client
  mutations = [];

  // The value in it is encoded already.
  add(name, value) {
    this.parameters.push([name, value]);
  }

  position(name) {
    return this.parameters.findIndex(([known]) => known === name);
  }

  insert(position, name, value) {
    this.parameters.splice(position, 0, [name, value]);
  }

  headerPosition(name) {
    return this.headers.findIndex((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  }

  setHeader(name, value) {
    const position = this.headerPosition(name);
    this.headers.splice(position < 0 ? this.headers.length : position, position < 0 ? 0 : 1, `${name}: ${value}`);
  }

  removeHeader(name) {
    const position = this.headerPosition(name);
    if (position >= 0) this.headers.splice(position, 1);
  }

  get text() {
    const pieces = this.parameters.map(([name, value]) => (value === undefined ? name : `${name}=${value}`));
    return this.before + pieces.join(this.separator) + this.after;
  }

  get body() {
    return this.rewrite(Buffer.from(this.text, 'latin1'));
  }

  get bytes() {
    const { headers, body } = this.frame(this.body);
    const lines = [
      [this.method, this.target, this.version].filter(Boolean).join(' '),
      ...this.headers,
      ...headers,
      'Connection: close',
      '',
      '',
    ];
    return Buffer.concat([Buffer.from(lines.join(this.lineEnd), 'latin1'), body]);
  }
}
