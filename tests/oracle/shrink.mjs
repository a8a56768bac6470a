// Makes a failing stream small: fewer units first, then fewer members in them.
// SPDX-License-Identifier: MIT

/// `fails(streams)` answers for each candidate whether it still fails. Returns a stream that does.
export async function shrink(units, fails) {
  let now = units;
  for (let step = Math.ceil(now.length / 2); step >= 1; step = step === 1 ? 0 : step >> 1) {
    for (let again = true; again && now.length > 1;) {
      again = false;
      const candidates = [];
      for (let at = 0; at < now.length; at += step) {
        const one = [...now.slice(0, at), ...now.slice(at + step)];
        if (one.length > 0) candidates.push(one);
      }
      const found = (await fails(candidates)).indexOf(true);
      if (found >= 0) [now, again] = [candidates[found], true];
    }
  }
  for (let again = true; again;) {
    again = false;
    const candidates = now.flatMap((unit, at) =>
      smaller(unit).map((text) => [...now.slice(0, at), text, ...now.slice(at + 1)]));
    const found = (await fails(candidates)).indexOf(true);
    if (found >= 0) [now, again] = [candidates[found], true];
  }
  return now;
}

/// The texts of an event without one of its members or elements, at any depth.
function smaller(unit) {
  if (Buffer.isBuffer(unit)) return [];
  let event;
  try {
    event = JSON.parse(unit);
  } catch {
    return [];
  }
  if (JSON.stringify(event) !== unit) return [];
  return without_one(event).map((one) => JSON.stringify(one));
}

function without_one(value) {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) {
    return value.flatMap((one, at) => [
      value.filter((_, i) => i !== at),
      ...without_one(one).map((less) => value.map((old, i) => (i === at ? less : old))),
    ]);
  }
  const entries = Object.entries(value);
  return entries.flatMap(([key, one], at) => [
    Object.fromEntries(entries.filter((_, i) => i !== at)),
    ...without_one(one).map((less) =>
      Object.fromEntries(entries.map((old, i) => (i === at ? [key, less] : old)))),
  ]);
}
