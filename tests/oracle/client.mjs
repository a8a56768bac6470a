// The other side of the oracle: the pipeline of the official client, assembled from its own stages
// in its own order (AbstractAgent.runAgent): SSE parser, compatibility boundary, enforcement, chunk
// expansion, verification. Applying events to messages is left out: it rejects nothing.
// SPDX-License-Identifier: MIT
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

/// Loads the client installed in `folder` and returns judge(units) => null | {index, message}.
/// A unit is a string or a Buffer; `index` is that of the event the client failed at.
export function load_client(folder) {
  Error.stackTraceLimit = 0;
  process.env.SUPPRESS_TRANSFORMATION_WARNINGS = 'true';
  const require = createRequire(resolve(folder, 'package.json'));
  const client = require('@ag-ui/client');
  const { Subject } = require('rxjs');
  const { tap } = require('rxjs/operators');
  const frame_start = Buffer.from('data: ');
  const frame_end = Buffer.from('\n\n');

  const wire = (units) =>
    units.every((unit) => typeof unit === 'string')
      ? Buffer.from(units.map((unit) => `data: ${unit}\n\n`).join(''))
      : Buffer.concat(units.flatMap((unit) => [frame_start, Buffer.from(unit), frame_end]));

  return (units) => {
    let parsed = 0;
    let broken = false;
    let fault = null;
    const bytes = new Subject();
    const source = client.parseSSEStream(bytes).pipe(
      tap({ next: () => ++parsed, error: () => (broken = true) }));
    const agent = { run: () => source, messages: [], state: {} };
    new client.CompatibilityBoundary().run({ messages: [] }, agent).pipe(
      client.enforceEvents(),
      client.transformChunks(),
      client.verifyEvents(),
    ).subscribe({
      error: (error) => {
        fault = { index: broken ? parsed : parsed - 1, message: text_of(error) };
      },
    });
    bytes.next({ type: client.HttpEventType?.DATA ?? 'data', data: wire(units) });
    bytes.complete();
    return fault;
  };
}

function text_of(error) {
  if (Array.isArray(error?.issues)) {
    const issue = error.issues[0];
    return `schema: ${issue.path.join('/')}: ${issue.message}`;
  }
  return String(error?.message ?? error);
}
