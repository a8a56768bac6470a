// Sets of a map, each one an update that a second replica takes in. Prints for each library:
// name, updates per second of CPU at the second replica, bytes per update, bytes of the whole state.
// Usage: node rivals.mjs FILE, which holds the number of updates and the number of keys.
// SPDX-License-Identifier: MIT
import { readFileSync } from "node:fs";

const [updates, keys] = readFileSync(process.argv[2], "utf8").split(" ").map(Number);

let seed = 1;
function random() {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed;
}

function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function report(name, messages, apply, documentBytes) {
  const begin = cpuSeconds();
  for (const message of messages) apply(message);
  const seconds = cpuSeconds() - begin;
  const bytes = messages.reduce((sum, message) => sum + message.length, 0);
  console.log(name, Math.round(messages.length / seconds), (bytes / messages.length).toFixed(2),
    documentBytes());
}

async function yjs() {
  const Y = await import("yjs");
  const writer = new Y.Doc();
  const reader = new Y.Doc();
  const messages = [];
  writer.on("update", (update) => messages.push(update));
  const map = writer.getMap("m");
  for (let i = 0; i < updates; i += 1) map.set(`k${random() % keys}`, random());
  report("yjs", messages, (update) => Y.applyUpdate(reader, update),
    () => Y.encodeStateAsUpdate(reader).length);
}

async function loro() {
  const { LoroDoc } = await import("loro-crdt");
  const writer = new LoroDoc();
  const reader = new LoroDoc();
  const messages = [];
  const map = writer.getMap("m");
  for (let i = 0; i < updates; i += 1) {
    const before = writer.version();
    map.set(`k${random() % keys}`, random());
    writer.commit();
    messages.push(writer.export({ mode: "update", from: before }));
  }
  report("loro", messages, (update) => reader.import(update),
    () => reader.export({ mode: "snapshot" }).length);
}

async function automerge() {
  const A = await import("@automerge/automerge");
  const some = Math.min(updates, 4000);
  let writer = A.from({});
  let reader = A.init();
  const messages = [];
  [reader] = A.applyChanges(reader, A.getAllChanges(writer));
  for (let i = 0; i < some; i += 1) {
    const key = `k${random() % keys}`;
    const value = random();
    writer = A.change(writer, (doc) => { doc[key] = value; });
    messages.push(A.getLastLocalChange(writer));
  }
  report("automerge", messages, (change) => { [reader] = A.applyChanges(reader, [change]); },
    () => A.save(reader).length);
}

for (const library of [yjs, loro, automerge]) {
  try {
    await library();
  } catch (error) {
    console.error(`${library.name}: ${error}`);
  }
}
