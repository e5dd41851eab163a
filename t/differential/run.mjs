// One run: the corpus is sent through the gate, and what reached the provider is held against what the gate and
// the parsers say of it. The result lists what is wrong, and counts.

import { basicClientOf, expectedAudit, formOf, objectionTo } from './agreement.mjs';
import { inParallel, statusOf } from './client.mjs';
import { makeCorpus } from './corpus.mjs';
import { Gate } from './gate.mjs';
import { headProblemOf } from './head.mjs';
import { mayBeTokenEndpoint } from './lenient_router.mjs';
import { readAll } from './readings.mjs';
import { valuesOf } from './recorder.mjs';

const batchSize = 5_000;
const clients = 32;
const refusedSample = 500;

function* batches(items) {
  let batch = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length === batchSize) yield batch.splice(0);
  }
  if (batch.length > 0) yield batch;
}

const groupBy = (items, keyOf) => {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
};

const short = (bytes) => {
  const text = JSON.stringify(Buffer.from(bytes).toString('latin1'));
  return text.length > 1_500 ? `${text.slice(0, 750)} … ${text.slice(-750)}` : text;
};

class Run {
  findings = { readings: [], refusals: [], paths: [], benign: [] };
  counts = {
    sent: 0,
    benign: 0,
    forwarded: 0,
    judged: 0, // forwarded token requests
    preflights: 0,
    readings: 0,
    refusedAndRead: 0,
    bitten: 0, // refused, and read in several ways
  };
  usedBy = new Map(); // mutations
  readBy = new Map(); // parsers

  constructor(gate) {
    this.gate = gate;
  }

  async batch(requests) {
    await inParallel(requests, clients, async (request) => {
      request.status = statusOf(await this.gate.send(request));
    });
    const records = groupBy(this.gate.provider.take(), (record) => valuesOf(record, 'x-forwarded-for').join());
    const audits = groupBy(this.gate.audit(), ({ peer }) => peer);
    const judged = [];
    const refused = [];
    for (const request of requests) {
      request.records = records.get(request.address) ?? [];
      request.audits = audits.get(request.address) ?? [];
      records.delete(request.address);
      this.#count(request);
      this.#checkRefusal(request);
      this.#checkPath(request);
      this.#checkBenign(request);
      if (request.records.length === 0) refused.push(request);
      else if (request.audits[0]?.kind === 'token') judged.push(request);
    }
    for (const [address, [record]] of records) {
      this.#find('refusals', { bytes: record.body }, `forwarded, but sent by nobody: ${address}`);
    }
    await this.#checkReadings(judged);
    await this.#readWithoutGate(refused.slice(0, refusedSample));
  }

  #find(kind, { number, mutations, bytes }, what) {
    this.findings[kind].push(`request ${number} (${mutations?.join(', ')}): ${what}\n  sent: ${short(bytes)}`);
  }

  #count({ mutations, records, isBenign }) {
    this.counts.sent += 1;
    this.counts.forwarded += records.length;
    this.counts.benign += isBenign;
    for (const name of mutations) this.usedBy.set(name, (this.usedBy.get(name) ?? 0) + 1);
  }

  // What is denied is not forwarded; what is forwarded, is so once, for one decision at most.
  #checkRefusal(request) {
    const { records, audits } = request;
    const isDenied = audits.some(({ decision }) => decision === 'deny');
    if (records.length > 1) this.#find('refusals', request, `forwarded ${records.length} times`);
    if (audits.length > 1) this.#find('refusals', request, `decided ${audits.length} times`);
    if (isDenied && records.length > 0) this.#find('refusals', request, `forwarded though ${audits[0].reason}`);
  }

  #checkPath(request) {
    for (const { target } of request.records) {
      if (request.audits[0]?.kind !== 'token' && mayBeTokenEndpoint(target)) {
        const kind = request.audits[0]?.kind ?? 'off';
        this.#find('paths', request, `forwarded to ${JSON.stringify(target)}, as of kind ${kind}`);
      }
    }
  }

  #checkBenign(request) {
    if (!request.isBenign || !request.isInside) return;
    const [record] = request.records;
    if (!record) this.#find('benign', request, `answered ${request.status}: ${request.audits[0]?.reason}`);
    else if (!record.body.equals(request.body)) this.#find('benign', request, `another body: ${short(record.body)}`);
  }

  async #checkReadings(requests) {
    const readings = await readAll(requests.map(({ records }) => records[0]));
    requests.forEach((request, index) => {
      const [audit] = request.audits;
      if (audit.reason === 'preflight') return this.#checkPreflight(request);
      this.counts.judged += 1;
      this.#countReadings(readings[index]);
      const problem = problemOf(request, audit, readings[index]);
      if (problem) this.#find('readings', request, problem);
    });
  }

  // Nothing of it is read, so it must have nothing to read.
  #checkPreflight(request) {
    this.counts.preflights += 1;
    const [{ method, body }] = request.records;
    if (method !== 'OPTIONS' || body.length > 0) this.#find('readings', request, 'a preflight with a body');
  }

  #countReadings(readings) {
    for (const [parser, reading] of Object.entries(readings)) {
      const read = this.readBy.get(parser) ?? 0;
      this.readBy.set(parser, read + ('error' in reading ? 0 : 1));
      this.counts.readings += 1;
    }
  }

  // What the parsers would have made of what was refused: that they disagree shows that they can.
  async #readWithoutGate(requests) {
    const asSent = requests.map(({ method, body }) => ({
      method,
      target: '/token',
      headers: [['content-type', 'application/x-www-form-urlencoded'], ['content-length', `${body.length}`]],
      body,
    }));
    for (const readings of await readAll(asSent)) {
      this.counts.refusedAndRead += 1;
      this.counts.bitten += 'disagreement' in formOf(readings) ? 1 : 0;
    }
  }
}

// Why what came through must not have, or nothing.
function problemOf({ isInside, address, records }, audit, readings) {
  const headProblem = headProblemOf(records[0]);
  if (headProblem) return headProblem;
  const { form, disagreement } = formOf(readings);
  if (disagreement) return `parsers disagree: ${JSON.stringify(disagreement)}`;
  const basic = basicClientOf(readings);
  if (basic.disagreement) return `parsers of Basic disagree: ${JSON.stringify(basic.disagreement)}`;
  if (!form.grant_type) return 'no parser finds a grant_type';
  const expected = expectedAudit(form, basic.client);
  const said = Object.fromEntries(Object.keys(expected).map((member) => [member, audit[member]]));
  if (JSON.stringify(said) !== JSON.stringify(expected)) {
    return `the gate reads ${JSON.stringify(said)}, the parsers ${JSON.stringify(expected)}`;
  }
  if (audit.ip !== address) return `the gate takes the address for ${audit.ip}`;
  return objectionTo(form, expected, isInside);
}

export async function differentialRun({ seed, requests }) {
  const gate = await Gate.start();
  const run = new Run(gate);
  try {
    for (const batch of batches(makeCorpus({ seed, requests }))) await run.batch(batch);
  } finally {
    await gate.stop();
  }
  run.providerFaults = gate.provider.faults;
  const faults = /\[(alert|emerg|crit)\]|exited on signal|AddressSanitizer|runtime error/;
  run.crashes = gate.errorLog.split('\n').filter((line) => faults.test(line));
  return run;
}
