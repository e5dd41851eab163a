// Several thousand token requests, mutated, are sent through the gate. What the gate read of those that it let
// through (its audit log says so), every form parser must read as well.
//
//   IPFENCE_DIFFERENTIAL_REQUESTS   how many (4000)
//   IPFENCE_DIFFERENTIAL_SEED       from which the corpus is made up (1)

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { mutationNames } from './corpus.mjs';
import { differentialRun } from './run.mjs';

const requests = Number(process.env.IPFENCE_DIFFERENTIAL_REQUESTS ?? 4_000);
const seed = Number(process.env.IPFENCE_DIFFERENTIAL_SEED ?? 1);

// As many findings as one can look at.
const shown = 10;

let run;
before(async () => {
  run = await differentialRun({ seed, requests });
});

const expectNothing = (findings) => assert.equal(findings.length, 0, `\n${findings.slice(0, shown).join('\n')}`);

test('what was sent', (context) => {
  const { sent, forwarded, judged, preflights, benign, readings, bitten, refusedAndRead } = run.counts;
  context.diagnostic(`seed ${seed}: ${sent} requests, ${benign} of them benign; ${forwarded} reached the provider`);
  context.diagnostic(`${judged} of them were token requests, ${preflights} preflights`);
  context.diagnostic(`${run.readBy.size} parsers made ${readings} readings of what came through`);
  context.diagnostic(`of ${refusedAndRead} that were refused, parsers read ${bitten} differently`);
  assert.equal(sent, requests);
});

test('all parsers read what came through alike, and as the gate did', () => expectNothing(run.findings.readings));

test('what was refused did not reach the provider', () => expectNothing(run.findings.refusals));

test('no spelling of the path of the token endpoint reached the provider unjudged', () =>
  expectNothing(run.findings.paths));

test('what clients may write passes, with its body untouched', () => expectNothing(run.findings.benign));

test('every request that reached the provider was framed in one way', () => expectNothing(run.providerFaults));

test('no worker died', () => expectNothing(run.crashes));

// What keeps the tests above from passing for want of anything to look at.

test('every mutation was tried', () => {
  assert.deepEqual(mutationNames.filter((name) => !run.usedBy.has(name)), []);
});

test('a fifth of the requests and more came through', () => {
  const { sent, judged, benign } = run.counts;
  assert.ok(judged >= sent / 5, `${judged} of ${sent}`);
  assert.ok(benign >= sent / 5, `${benign} of ${sent}`);
});

test('no parser declined more than one of a hundred that came through', () => {
  // The strict one takes no separator at the end, as a tenth of the benign ones have.
  const least = (parser) => (parser === 'urllib, strict' ? 0.9 : 0.99);
  const declining = [...run.readBy].filter(([parser, read]) => read < run.counts.judged * least(parser));
  assert.deepEqual(declining, []);
});

test('the parsers do read differently what the gate refuses', () => {
  const { bitten, refusedAndRead } = run.counts;
  assert.ok(bitten >= refusedAndRead / 20, `${bitten} of ${refusedAndRead}`);
});
