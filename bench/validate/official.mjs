// Feeds a JSON Lines file to the pipeline of @ag-ui/client and prints events per second, the best
// of three rounds. Usage: node official.mjs FILE (beside a node_modules folder that has the client)
// SPDX-License-Identifier: MIT
import { readFileSync } from "node:fs";
import * as client from "@ag-ui/client";
import { from } from "rxjs";

const lines = readFileSync(process.argv[2], "utf8").split("\n").filter((line) => line !== "");

function* events() {
  for (const line of lines) yield JSON.parse(line);
}

function round() {
  let seen = 0;
  let failure = null;
  const begin = process.hrtime.bigint();
  const input = { threadId: "t", runId: "r", messages: [], tools: [], context: [], state: {} };
  new client.CompatibilityBoundary()
    .run(input, { run: () => from(events()) })
    .pipe(client.enforceEvents(false), client.transformChunks(false), client.verifyEvents(false))
    .subscribe({ next: () => { seen += 1; }, error: (error) => { failure = error; } });
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  if (failure !== null || seen !== lines.length) {
    console.error(`rejected after ${seen} events: ${failure}`);
    process.exit(1);
  }
  return lines.length / seconds;
}

console.log(Math.max(round(), round(), round()));
