// The corpus: what is sent is made up from the seed alone.

import { benignMutations } from './benign_mutations.mjs';
import { formMutations } from './form_mutations.mjs';
import { headerMutations } from './header_mutations.mjs';
import { pathMutations } from './path_mutations.mjs';
import { Random } from './random.mjs';
import { tokenRequest } from './token_requests.mjs';
import { addressOf } from './world.mjs';

const named = (mutations) => Object.entries(mutations).map(([name, apply]) => ({ name, apply }));

const benign = named(benignMutations);
const hostile = [formMutations, headerMutations, pathMutations].map(named);

export const mutationNames = [benign, ...hostile].flat().map(({ name }) => name);

// How often a request is only what a client may write, and how many hostile mutations the others have.
const benignShare = 0.25;
const hostileCounts = [1, 1, 1, 1, 2, 2, 3];

function change(draft, random, { name, apply }) {
  apply(draft, random);
  draft.mutations.push(name);
}

function makeRequest(random, number) {
  const draft = tokenRequest(random);
  const isBenign = random.chance(benignShare);
  for (const mutation of random.shuffled(benign).slice(0, random.below(isBenign ? 4 : 2))) {
    change(draft, random, mutation);
  }
  for (let left = isBenign ? 0 : random.pick(hostileCounts); left > 0; left -= 1) {
    change(draft, random, random.pick(random.pick(hostile)));
  }
  const { bytes } = draft; // they say whether they are cut short
  const { body, method, mutations, isInside, isCutShort, pieces } = draft;
  const address = addressOf(number, isInside);
  return { number, address, bytes, pieces, method, body, mutations, isInside, isBenign, isCutShort };
}

export function* makeCorpus({ seed, requests }) {
  const random = new Random(seed);
  for (let number = 0; number < requests; number += 1) yield makeRequest(random, number);
}
