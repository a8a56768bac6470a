// Compares verdict and first rejected index of the validator with the official client on random
// streams. Usage: node oracle.mjs --client FOLDER --judge PROGRAM [--events N] [--seed S] [--only N]
// SPDX-License-Identifier: MIT
import { load_client } from './client.mjs';
import { INTENDED, row_of } from './intended.mjs';
import { Judge } from './judge.mjs';
import { units_of_stream } from './mutations.mjs';
import { Random } from './random.mjs';
import { shrink } from './shrink.mjs';
import { page_is_current } from './table.mjs';

const RULE_SETS = ['agui-1.0/consumer/compat', 'agui-1.1/consumer/compat'];
const BATCH_EVENTS = 20000;

const options = { events: 1e6, seed: 1, only: null, show: 5 };
for (let i = 2; i < process.argv.length; i += 2) {
  const name = process.argv[i].replace('--', '');
  options[name] = isNaN(process.argv[i + 1]) ? process.argv[i + 1] : Number(process.argv[i + 1]);
}
const client = load_client(options.client);
const judge = new Judge(options.judge, RULE_SETS);

function event_of_unit(unit) {
  try {
    return JSON.parse(new TextDecoder().decode(Buffer.from(unit)));
  } catch {
    return undefined;
  }
}

/// null when both sides agree, else {index, row}: where they part, and the row that means it.
function difference(units, rules, ours, theirs) {
  const our_index = ours.code === 0 ? Infinity : ours.index < 0 ? units.length : ours.index;
  const their_index = theirs === null ? Infinity : theirs.index;
  if (our_index === their_index) return null;
  const index = Math.min(our_index, their_index);
  const we = our_index < their_index;
  const unit = units[index];
  const event = unit === undefined ? undefined : event_of_unit(unit);
  return { index, row: row_of(rules, ours, theirs, we, unit, event) };
}

const stats = { streams: 0, events: 0, clean: 0, codes: new Map(), rows: new Map(), faults: [] };

function count(map, key) {
  map.set(key, (map.get(key) ?? 0) + 1);
}

function compare(number, units, verdicts, theirs) {
  ++stats.streams;
  const ours = verdicts[0];
  const judged = Math.min(units.length, ours.index < 0 ? Infinity : ours.index + 1,
    theirs === null ? Infinity : theirs.index + 1);
  stats.events += judged;
  if (ours.code === 0 && theirs === null) ++stats.clean;
  if (ours.code !== 0) count(stats.codes, ours.code);
  verdicts.forEach((verdict, i) => {
    const found = difference(units, RULE_SETS[i], verdict, theirs);
    if (found === null) return;
    if (found.row) count(stats.rows, found.row);
    else stats.faults.push({ number, units, rules: i, verdict, theirs });
  });
}

async function judged_batch(batch) {
  const answer = judge.judge(batch.map(([, units]) => units));
  const theirs = batch.map(([, units]) => client(units));
  const ours = await answer;
  batch.forEach(([number, units], i) => compare(number, units, ours[i], theirs[i]));
}

async function print_fault({ number, units, rules }) {
  const parts = async (candidates) => {
    const ours = await judge.judge(candidates);
    return candidates.map((one, i) => {
      const theirs = client(one);
      const found = difference(one, RULE_SETS[rules], ours[i][rules], theirs);
      return { differs: found !== null && !found.row, ours: ours[i][rules], theirs };
    });
  };
  const small = await shrink(units, async (list) => (await parts(list)).map((p) => p.differs));
  const [{ ours, theirs }] = await parts([small]);
  console.log(`\nDIFFERENCE in stream ${number} under ${RULE_SETS[rules]}`);
  small.forEach((unit, i) => console.log(`  ${i}: ${unit.toString()}`));
  console.log(`  ours:   ${ours.code ? `rejected at ${ours.index} with ${ours.code}` : 'accepted'}`);
  console.log(`  client: ${theirs ? `rejected at ${theirs.index}: ${theirs.message}` : 'accepted'}`);
  console.log(`  replay: scripts/oracle --seed ${options.seed} --only ${number}`);
}

let batch = [];
let waiting = 0;
for (let number = options.only ?? 0; stats.events < options.events; ++number) {
  const units = units_of_stream(new Random(options.seed, number));
  batch.push([number, units]);
  waiting += units.length;
  if (waiting < BATCH_EVENTS && options.only === null) continue;
  await judged_batch(batch);
  batch = [];
  waiting = 0;
  if (options.only !== null || stats.faults.length >= 1000) break;
}

const seen = new Map();
for (const fault of stats.faults) {
  const key = `${fault.verdict.code} | ${fault.theirs?.message.replace(/'[^']*'/g, "'…'")}`;
  if (!seen.has(key)) seen.set(key, []);
  seen.get(key).push(fault);
}
const kinds = [...seen].sort((a, b) => b[1].length - a[1].length);
for (const [, faults] of kinds.slice(0, options.show)) await print_fault(faults[0]);
for (const [key, faults] of kinds) console.log(`${faults.length} x ${key}`);

console.log(`\n${stats.events} events in ${stats.streams} streams, ${stats.clean} of them clean`);
const codes = [...stats.codes].sort((a, b) => a[0] - b[0]);
console.log(`Rejected first with: ${codes.map(([code, n]) => `${code} (${n})`).join(', ')}`);
console.log('Intended differences:');
let failed = stats.faults.length;
for (const row of INTENDED) {
  const n = stats.rows.get(row) ?? 0;
  console.log(`  ${row.name}: ${n}`);
  if (n > 0 || options.only !== null || stats.events < 1e6) continue;
  console.log(`  The row '${row.name}' no longer occurs: take it out of tests/oracle/intended.mjs.`);
  ++failed;
}
if (!page_is_current()) {
  console.log('docs/oracle.md shows another table than tests/oracle/table.mjs prints.');
  ++failed;
}
console.log(`${stats.streams - stats.faults.length} passed, ${failed} failed`);
judge.end();
process.exitCode = failed > 0 ? 1 : 0;
