// Compares verdict, first rejected index and reason of the validator with the official client on
// random streams. node oracle.mjs --client FOLDER --judge PROGRAM [--events N] [--seed S] [--only N]
// SPDX-License-Identifier: MIT
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

import { RULE_SETS } from './compare.mjs';
import { INTENDED } from './intended.mjs';
import { REACHED } from './reasons.mjs';
import { page_is_current } from './table.mjs';

const WHOLE = 1e6;  // events from which on every row and every code must have occurred

const options = { events: WHOLE, seed: 1, only: null, jobs: Math.min(4, availableParallelism()) };
for (let i = 2; i < process.argv.length; i += 2) {
  const name = process.argv[i].replace('--', '');
  const value = process.argv[i + 1];
  const text = name === 'client' || name === 'judge';
  if (!text && (!(name in options) || !/^\d+$/.test(value))) {
    console.error('usage: scripts/oracle [--events N] [--seed S] [--only STREAM] [--jobs N]');
    process.exit(2);
  }
  options[name] = text ? value : Number(value);
}

function part(first, step) {
  const { client, judge, seed, only } = options;
  const events = Math.ceil(options.events / step);
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('worker.mjs', import.meta.url),
      { workerData: { client, judge, seed, first, step, events, only: only !== null } });
    worker.on('message', resolve);
    worker.on('error', reject);
    worker.on('exit', () => reject(new Error('a thread of the comparison ended early')));
  });
}

function add(sum, one) {
  for (const key in one) sum[key] = (sum[key] ?? 0) + one[key];
  return sum;
}

const began = performance.now();
const parts = await Promise.all(options.only === null
  ? Array.from({ length: options.jobs }, (_, i) => part(i, options.jobs))
  : [part(options.only, 1)]);
const total = (name) => parts.reduce((sum, one) => sum + one[name], 0);
const merged = (name) => parts.reduce((sum, one) => add(sum, one[name]), {});
const [streams, events, clean] = ['streams', 'events', 'clean'].map(total);
const [codes, rows, kinds] = ['codes', 'rows', 'kinds'].map(merged);

const shown = new Set();
for (const { number, rules, kind, small } of parts.flatMap((one) => one.faults)) {
  if (small === null || shown.has(kind) || shown.size >= 8) continue;
  shown.add(kind);
  const { units, ours, theirs } = small;
  console.log(`\nDIFFERENCE in stream ${number} under ${RULE_SETS[rules]}`);
  units.forEach((unit, i) => console.log(`  ${i}: ${unit}`));
  console.log(`  ours:   ${ours.code ? `rejected at ${ours.index} with ${ours.code}` : 'accepted'}`);
  console.log(`  client: ${theirs ? `rejected at ${theirs.index}: ${theirs.message}` : 'accepted'}`);
  console.log(`  replay: scripts/oracle --seed ${options.seed} --only ${number}`);
}
const by_count = Object.entries(kinds).sort((a, b) => b[1] - a[1]);
for (const [kind, n] of by_count.slice(0, 40)) console.log(`${n} x ${kind}`);

let failed = by_count.reduce((sum, [, n]) => sum + n, 0);
const seconds = (performance.now() - began) / 1000;
console.log(`${events} events in ${streams} streams compared in ${seconds.toFixed(0)} s by ` +
  `${parts.length} threads, ${clean} streams without a fault`);
console.log('Rejected first with: ' +
  Object.entries(codes).map(([code, n]) => `${code} (${n})`).join(', '));
console.log('Intended differences: ' +
  INTENDED.map((row) => `${row.name} (${rows[row.name]})`).join(', '));
if (events >= WHOLE) {
  for (const { name } of INTENDED.filter((row) => rows[row.name] === 0)) {
    console.log(`The row '${name}' no longer occurs: take it out of tests/oracle/intended.mjs.`);
    ++failed;
  }
  for (const code of REACHED.filter((one) => !(one in codes))) {
    console.log(`No stream was rejected with ${code}: the generator no longer reaches it.`);
    ++failed;
  }
}
if (!page_is_current()) {
  console.log('docs/oracle.md shows another table than tests/oracle/table.mjs prints.');
  ++failed;
}
console.log(`${Math.max(0, streams - failed)} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
