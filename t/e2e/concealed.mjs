// What may be in nothing that the gate writes, and the search for it.

const spellings = (secret) => [
  secret,
  encodeURIComponent(secret),
  secret.replaceAll(' ', '+'),
  Buffer.from(secret).toString('base64url'),
  Buffer.from(secret).toString('hex'),
];

export class Concealed {
  #secrets = new Set();

  add(...secrets) {
    secrets.filter(Boolean).forEach((secret) => this.#secrets.add(secret));
  }

  get size() {
    return this.#secrets.size;
  }

  foundIn(text) {
    return [...this.#secrets].filter((secret) => spellings(secret).some((spelling) => text.includes(spelling)));
  }
}
