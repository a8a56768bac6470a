// Compares the two judgements of numbered streams, batch by batch. Past an intended difference the
// event that shows it is taken out and the rest of its stream compared again.
// SPDX-License-Identifier: MIT
import { load_client } from './client.mjs';
import { INTENDED, row_of } from './intended.mjs';
import { Judge } from './judge.mjs';
import { units_of_stream } from './mutations.mjs';
import { Random } from './random.mjs';
import { same_reason } from './reasons.mjs';
import { shrink } from './shrink.mjs';

export const RULE_SETS = ['agui-1.0/consumer/compat', 'agui-1.1/consumer/compat'];
const BATCH_UNITS = 10000;
const FAULTS_MAX = 200;

function event_of_unit(unit) {
  try {
    return JSON.parse(new TextDecoder().decode(Buffer.from(unit)));
  } catch {
    return undefined;
  }
}

/// null when both sides agree, else where they part, and the row that means it if there is one.
function difference(units, rules, ours, theirs) {
  const our_index = ours.code === 0 ? Infinity : ours.index < 0 ? units.length : ours.index;
  const their_index = theirs === null ? Infinity : theirs.index;
  if (our_index === Infinity && theirs === null) return null;
  const index = Math.min(our_index, their_index);
  const we = our_index <= their_index;
  const unit = units[index];
  const event = unit === undefined ? undefined : event_of_unit(unit);
  const row = row_of(rules, ours, theirs, we, unit, event);
  if (our_index !== their_index) return { index, row };
  // One event may break several rules: we may name one that the client has not, and pass what it names.
  const meant = row ?? row_of(rules, ours, theirs, false, unit, event);
  return meant || same_reason(ours.code, theirs.message) ? null : { index };
}

export class Comparison {
  constructor({ client, judge, seed }) {
    this.client = load_client(client);
    this.judge = new Judge(judge, RULE_SETS);
    this.seed = seed;
    this.streams = 0;
    this.events = 0;
    this.clean = 0;
    this.codes = {};
    this.rows = Object.fromEntries(INTENDED.map((row) => [row.name, 0]));
    this.faults = [];
    this.kinds = {};
  }

  /// Compares the streams first, first + step, ... until `events` events were judged by both.
  async run({ first, step, events, only }) {
    let number = first;
    let again = [];
    while (this.events < events || again.length > 0) {
      const batch = again;
      again = [];
      for (let units = 0; units < BATCH_UNITS && this.events < events; number += step) {
        const stream = units_of_stream(new Random(this.seed, number));
        batch.push({ number, units: stream, from: 0 });
        units += stream.length;
        if (only) break;
      }
      const answer = this.judge.judge(batch.map((one) => one.units));
      const theirs = batch.map((one) => this.client(one.units));
      const ours = await answer;
      batch.forEach((one, i) => {
        const rest = this.compare(one, ours[i], theirs[i]);
        if (rest !== null) again.push(rest);
      });
      if (this.faults.length >= FAULTS_MAX) break;
      if (only) events = 0;
    }
    return this;
  }

  /// What is left to compare of a stream, or null.
  compare({ number, units, from }, verdicts, theirs) {
    if (from === 0) ++this.streams;
    const [ours] = verdicts;
    const judged = Math.min(units.length, ours.code === 0 || ours.index < 0 ? Infinity : ours.index + 1,
      theirs === null ? Infinity : theirs.index + 1);
    this.events += Math.max(0, judged - from);
    if (from === 0 && ours.code === 0 && theirs === null) ++this.clean;
    if (ours.code !== 0) this.codes[ours.code] = (this.codes[ours.code] ?? 0) + 1;
    let parting = null;
    let faulty = false;
    verdicts.forEach((verdict, rules) => {
      const found = difference(units, RULE_SETS[rules], verdict, theirs);
      if (found === null) return;
      if (found.row) {
        if (parting === null || found.index < parting) parting = found.index;
        if (rules === 0 || found.row.rules) ++this.rows[found.row.name];
        return;
      }
      faulty = true;
      const text = theirs === null ? 'passed' : theirs.message
        .replace(/'[^']*'/g, "'…'").replace(/(active:|step) .*/s, '$1 …');
      const kind = `${verdict.code} | ${text}`;
      if ((this.kinds[kind] = (this.kinds[kind] ?? 0) + 1) === 1) {
        this.faults.push({ number, units, rules, kind });
      }
    });
    if (faulty || parting === null || parting >= units.length || units.length === 1) return null;
    return { number, units: units.filter((_, i) => i !== parting), from: parting };
  }

  /// The smallest stream that still shows a fault of the same kind, and both judgements of it.
  async smallest({ units, rules }) {
    const look = async (candidates) => {
      const ours = await this.judge.judge(candidates);
      return candidates.map((one, i) => {
        const theirs = this.client(one);
        const found = difference(one, RULE_SETS[rules], ours[i][rules], theirs);
        return { differs: found !== null && !found.row, ours: ours[i][rules], theirs };
      });
    };
    const small = await shrink(units, async (list) => (await look(list)).map((p) => p.differs));
    const [{ ours, theirs }] = await look([small]);
    return { units: small.map(String), ours, theirs };
  }
}
