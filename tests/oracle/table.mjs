// The table of intended differences as docs/oracle.md shows it. `node table.mjs` prints it.
// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';

import { INTENDED } from './intended.mjs';

const PAGE = fileURLToPath(new URL('../../docs/oracle.md', import.meta.url));

export function table() {
  const rows = INTENDED.map((row) =>
    `| ${row.name} | ${row.ours ? row.ours.join(', ') : 'passed'} | ` +
    `${row.ours ? 'passes' : 'rejects'} | ${row.why} |`);
  return ['| row | ours | client | why |', '|---|---|---|---|', ...rows].join('\n');
}

/// True when the page shows the table that is applied.
export function page_is_current() {
  return readFileSync(PAGE, 'utf8').includes(`\n${table()}\n`);
}

if (argv[1] === fileURLToPath(import.meta.url)) console.log(table());
