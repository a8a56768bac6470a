// One thread of the comparison: every n-th stream, with a judge of its own.
// SPDX-License-Identifier: MIT
import { parentPort, workerData } from 'node:worker_threads';

import { Comparison } from './compare.mjs';

const comparison = new Comparison(workerData);
await comparison.run(workerData);
const { streams, events, clean, codes, rows, kinds } = comparison;
const faults = [];
for (const fault of comparison.faults) {
  const { number, rules, kind } = fault;
  const small = faults.length < 5 ? await comparison.smallest(fault) : null;
  faults.push({ number, rules, kind, small });
}
comparison.judge.end();
parentPort.postMessage({ streams, events, clean, codes, rows, kinds, faults });
