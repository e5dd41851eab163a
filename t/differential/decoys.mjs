// What an attacker would like a provider to read, when the gate reads what the request says beside it.

import { encode } from './draft.mjs';
import { codes, refreshTokens } from './world.mjs';

const values = {
  grant_type: ['password', 'refresh_token', 'authorization_code', 'client_credentials', 'urn:example:grant'],
  client_id: ['relaxed', 'web', 'service'],
  username: ['robin', 'alice@example.com'],
  refresh_token: refreshTokens.map(({ value }) => value),
  code: codes.map(({ value }) => value),
};

export const decoyNames = Object.keys(values);

// A name that the request has already, when there is one, and another value for it, encoded.
export function decoy(draft, random) {
  const present = decoyNames.filter((name) => draft.position(name) >= 0);
  const name = random.pick(present.length > 0 && random.chance(0.8) ? present : decoyNames);
  const own = draft.parameters[draft.position(name)]?.[1];
  const others = values[name].map(encode).filter((value) => value !== own);
  return { name, value: random.pick(others) };
}

// Before or behind what it is to replace.
export function plant(draft, random, name, value) {
  draft.insert(random.pick([0, draft.parameters.length, random.below(draft.parameters.length + 1)]), name, value);
}
