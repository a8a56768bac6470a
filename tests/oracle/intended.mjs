// The differences that are meant: each row says who rejects, when, and which decision of the rule
// catalogue wants it. A difference outside this table fails; a row that no longer occurs is told.
// SPDX-License-Identifier: MIT

function is_utf8(unit) {
  return Buffer.isBuffer(unit) ? Buffer.from(unit.toString()).equals(unit) : true;
}

/// Some member of the unit appears more than once in its object.
function has_twice(unit, event) {
  const members = (value) =>
    typeof value !== 'object' || value === null ? 0 :
      Object.values(value).reduce((sum, one) => sum + members(one),
        Array.isArray(value) ? 0 : Object.keys(value).length);
  const text = new TextDecoder().decode(Buffer.from(unit));
  return (text.match(/"(\\.|[^"\\])*"\s*:?/g) ?? []).filter((one) => one.endsWith(':')).length >
    members(event);
}

/// Some number of the value is too large for a double.
function has_infinity(value) {
  if (value === Infinity || value === -Infinity) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(has_infinity);
}

/// `ours`: codes that we reject with where the client passes. `client`: what it says where it
/// rejects and we pass. `rules` and `when(unit, event)` narrow a row to what it is about.
export const INTENDED = [
  {
    name: 'truncated', ours: [2010],
    why: 'A stream that ends inside a run must not read as success; the client is silent.',
  },
  {
    name: 'one thread', ours: [2005], why: 'A stream has one thread; the client compares none.',
  },
  {
    name: 'end names the run', ours: [2007, 2008],
    when: (unit, event) => event.type === 'RUN_FINISHED',
    why: 'RUN_FINISHED repeats the ids of its run; the client compares none.',
  },
  {
    name: 'interrupt ids', ours: [6020],
    when: (unit, event) => event.outcome?.type === 'interrupt',
    why: 'Interrupts of one outcome have different ids; the client does not compare.',
  },
  {
    name: 'not an object', ours: [1002],
    when: (unit, event) => typeof event !== 'object' || Array.isArray(event),
    why: 'An event is an object; the client drops lists and scalars as unknown events.',
  },
  {
    name: 'no type', ours: [1003], when: (unit, event) => typeof event.type !== 'string',
    why: 'Without a string type nothing is described; the client drops it as an unknown event.',
  },
  {
    name: 'no tag', ours: [1109],
    why: 'A union value without a string tag is malformed; the client drops it as unknown.',
  },
  {
    name: 'twice', ours: [1004, 1005, 1101, 1102, 1103, 1104, 1105, 1106, 1107, 1108, 1109],
    when: has_twice,
    why: 'A described member that appears twice is ambiguous; JSON.parse keeps the last.',
  },
  {
    name: 'surrogate in id', ours: [1005], when: (unit) => /\\u[dD][89a-fA-F]/.test(unit),
    why: 'An id with half a surrogate pair has no UTF-8 form; the client keeps it as UTF-16.',
  },
  {
    name: 'depth', ours: [1007], when: (unit) => unit.length > 512,
    why: 'Depth is bounded by 512; the client has no bound.',
  },
  {
    name: 'not UTF-8', ours: [1001], when: (unit) => !is_utf8(unit),
    why: 'A unit is UTF-8; the client replaces what is not.',
  },
  {
    name: 'infinite number', ours: [1001], when: (unit, event) => has_infinity(event),
    why: 'A number is finite as a double; JSON.parse makes it Infinity.',
  },
  {
    name: 'type of encryption', ours: [1102, 1103], rules: /^agui-1\.1/,
    when: (unit) => unit.includes('encryptedValueType'),
    why: 'encryptedValueType is judged from 1.1 on; the client speaks 1.0 and strips it.',
  },
  {
    name: 'unknown subtype', client: /^schema: subtype: Invalid option/,
    when: (unit, event) => typeof event.subtype === 'string',
    why: 'An unknown subtype is a newer peer, the event is dropped; the client fails the run.',
  },
  {
    name: 'unknown status', client: /^schema: input\/resume\/\d+\/status: Invalid option/,
    when: (unit, event) => event.input.resume.some((one) => typeof one?.status === 'string'),
    why: 'An unknown status drops its entry, as unknown members do; the client fails the run.',
  },
];

export const row_of = (rules, verdict, theirs, we, unit, event) =>
  INTENDED.find((row) =>
    (we ? row.ours?.includes(verdict.code) : row.client?.test(theirs.message)) &&
    (row.rules === undefined || row.rules.test(rules)) &&
    (row.when === undefined || row.when(unit, event)));
