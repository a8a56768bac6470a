// Mutations of streams: order (delete, repeat, swap, move, splice, cut), fields at every depth
// (remove, null, other type, other id, unknown member, unknown tag, numbers at their bounds) and
// the text of single units. Lexemes that JSON.stringify cannot write travel as marked strings.
// SPDX-License-Identifier: MIT
import {
  EVENTS, EVENT_TYPES, IDS, RETIRED, SHAPES, UNIONS, event_of, json_value, object_of, value_of,
} from './shapes.mjs';
import { mostly_right_stream } from './streams.mjs';

const TYPES = [...EVENT_TYPES, ...Object.keys(RETIRED)];
const LEXEMES = [
  '5.0', '1e3', '-0', '1.5', '-1', '9007199254740992', '-9007199254740992', '9007199254740991.0',
  '9007199254740993', '18446744073709551616', '-9223372036854775809', '1e-400', '1E+2', '1e400',
  '0.1e1', '123456789012345678901234567890',
];
const STRANGE_KEYS = ['zzz', 'toString', 'constructor', '__proto__', 'hasOwnProperty', 'ag-ui',
  'Type', 'subagentRunId', 'messageId', 'role', ''];
const raw = (lexeme) => `@@raw:${lexeme}@@`;

/// The text of an event; marked strings and keys become what they stand for.
export function unit_of(event) {
  const text = JSON.stringify(event);
  if (!text.includes('@@')) return text;
  return text.replace(/"@@raw:(.*?)@@"/g, '$1').replaceAll('@@twice"', '"');
}

/// Every object and list inside a value, as [container, key] of each member.
function places(value, out = []) {
  if (typeof value !== 'object' || value === null) return out;
  for (const key of Object.keys(value)) {
    out.push([value, key]);
    places(value[key], out);
  }
  return out;
}

function containers(value, out = []) {
  if (typeof value !== 'object' || value === null) return out;
  if (!Array.isArray(value)) out.push(value);
  for (const key of Object.keys(value)) containers(value[key], out);
  return out;
}

/// The own member `key` of an object, `__proto__` included.
function set(object, key, value) {
  Object.defineProperty(object, key,
    { value, enumerable: true, configurable: true, writable: true });
}

function shape_of(object) {
  if (Object.hasOwn(EVENTS, object.type)) return EVENTS[object.type];
  if (Object.hasOwn(SHAPES, object.type)) return SHAPES[object.type];
  if (Object.hasOwn(SHAPES, object.role)) return SHAPES[object.role];
  return { ...SHAPES.Interrupt, ...SHAPES.Usage, ...SHAPES.Input, ...SHAPES.File };
}

const FIELD = [
  ['remove', 5], ['null', 5], ['other_type', 5], ['id', 5], ['tag', 8], ['unknown_key', 4],
  ['known_key', 4], ['unknown_tag', 3], ['lexeme', 3], ['nested', 5], ['twice', 1],
  ['surrogate', 1], ['empty_list', 2], ['no_items', 1], ['pointer', 1], ['type', 4],
  ['optionals', 4],
];

/// A copy of an event with one field changed.
export function mutate_field(event, random, ids) {
  const copy = structuredClone(event);
  const spots = places(copy);
  const [holder, key] = spots.length > 0 ? random.pick(spots) : [copy, 'type'];
  const members = Object.keys(copy);
  let top = random.pick(members);
  if (top === 'type') top = random.pick(members);
  const [where, name] = random.chance(0.6) ? [copy, top] : [holder, key];
  switch (random.weighted(FIELD)) {
    case 'remove':
      if (Array.isArray(where)) where.splice(Number(name), 1);
      else delete where[name];
      return copy;
    case 'null':
      set(where, name, null);
      return copy;
    case 'other_type':
      set(where, name, json_value(random));
      return copy;
    case 'id':
      set(where, name, random.pick(ids));
      return copy;
    case 'tag':
      if (random.chance(0.3)) delete copy.subagentRunId;
      else copy.subagentRunId = random.pick(ids);
      return copy;
    case 'unknown_key':
      set(random.pick(containers(copy)), random.pick(STRANGE_KEYS), json_value(random));
      return copy;
    case 'known_key': {
      const object = random.pick(containers(copy));
      const shape = shape_of(object);
      const member = random.pick(Object.keys(shape));
      set(object, member, random.chance(0.3) ? null : value_of(shape[member], random, ids));
      return copy;
    }
    case 'unknown_tag': {
      const tagged = containers(copy).filter((o) => o.type ?? o.role ?? o.op ?? o.status ?? o.subtype);
      const rare = tagged.filter((o) => o.status ?? o.subtype);
      const object = random.pick(rare.length ? rare : tagged.length ? tagged : [copy]);
      const tag = random.pick(['type', 'role', 'op', 'status', 'subtype'].filter((t) => t in object)
        .concat('role'));
      set(object, tag, random.pick(['hologram', 'paused', 'tool', 'user', 'file', 'success', '',
        'binary', 'message', 'add', raw('7'), 'toString']));
      return copy;
    }
    case 'lexeme': {
      const numbers = spots.filter(([o, k]) => typeof o[k] === 'number');
      const [object, member] = numbers.length ? random.pick(numbers) : [copy, 'timestamp'];
      set(object, member, raw(random.pick(LEXEMES)));
      return copy;
    }
    case 'nested': return nest(copy, random, ids);
    case 'twice':
      if (!Array.isArray(where)) set(where, `${name}@@twice`, random.chance(0.5) ? where[name] : 'x');
      return copy;
    case 'surrogate':
      set(where, name, random.pick(['\ud83d', 'a\udc00b', '\ud83d\ude00']));
      return copy;
    case 'empty_list':
      set(where, name, random.pick([[], {}, [null], [[]], [{}]]));
      return copy;
    case 'no_items': {
      const lists = spots.filter(([o, k]) => Array.isArray(o[k]));
      const [object, member] = lists.length ? random.pick(lists) : [where, name];
      set(object, member, []);
      return copy;
    }
    case 'pointer': {
      const pointers = spots.filter(([o, k]) => !Array.isArray(o) && (k === 'path' || k === 'from'));
      const [object, member] = pointers.length ? random.pick(pointers) : [where, name];
      set(object, member, random.pick(['a', 'a/b', '/~', '/~2', '/a~', '~0', '#/a', ' /']));
      return copy;
    }
    case 'type':
      copy.type = random.pick(TYPES);
      return { ...event_of(copy.type, random, ids, {}), ...copy };
    default:
      return event_of(Object.hasOwn(EVENTS, copy.type) ? copy.type : random.pick(TYPES), random, ids,
        Object.hasOwn(EVENTS, copy.type) ? {} : copy, 0.7);
  }
}

/// Puts a random nested value, broken now and then, where its type is due.
function nest(copy, random, ids) {
  const shape = EVENTS[copy.type];
  if (shape === undefined) return copy;
  const nested = Object.keys(shape).filter((k) => /^!?(Input|Outcome|SubOutcome|content|.*\[\])$/
    .test(shape[k]));
  if (nested.length === 0) return copy;
  const member = random.pick(nested);
  const type = shape[member].replace('!', '');
  copy[member] = value_of(type, random, ids);
  const element = type.replace('[]', '');
  if (type.endsWith('[]') && (element in UNIONS || Object.hasOwn(SHAPES, element))) {
    const name = element in UNIONS ? random.pick(UNIONS[element]) : element;
    copy[member].push(object_of(SHAPES[name], random, ids, 0.6));
  }
  const inside = containers(copy[member]);
  if (inside.length > 0 && random.chance(0.5)) {
    const object = random.pick(inside);
    const keys = Object.keys(object);
    const name = keys.length > 0 ? random.pick(keys) : 'type';
    const kind = random.below(3);
    if (kind === 0) delete object[name];
    else set(object, name, kind === 1 ? null : json_value(random));
  }
  return copy;
}

const ORDER = [['delete', 4], ['repeat', 4], ['swap', 4], ['move', 3], ['splice', 2], ['cut', 1],
  ['insert', 3], ['retype', 2]];

function mutate_order(events, random, ids) {
  const at = random.below(events.length);
  const to = random.below(events.length);
  switch (random.weighted(ORDER)) {
    case 'delete': events.splice(at, 1); break;
    case 'repeat': events.splice(random.chance(0.5) ? at : to, 0, events[at]); break;
    case 'swap': [events[at], events[to]] = [events[to], events[at]]; break;
    case 'move': events.splice(to, 0, events.splice(at, 1)[0]); break;
    case 'splice': {
      const other = mostly_right_stream(random);
      const from = random.below(other.length);
      events.splice(at, random.below(3), ...other.slice(from, from + 1 + random.below(12)));
      break;
    }
    case 'cut': events.length = Math.max(1, at); break;
    case 'insert': events.splice(at, 0, event_of(random.pick(TYPES), random, ids)); break;
    default: {
      const type = random.pick(TYPES);
      events[at] = { ...event_of(type, random, ids), ...events[at], type };
    }
  }
}

const TEXT = [['cut', 3], ['delete', 3], ['insert', 3], ['replace', 3], ['wrap', 2], ['space', 3],
  ['bytes', 2], ['deep', 1], ['not_object', 2]];

/// A unit with its text changed; a Buffer where the bytes are no UTF-8.
export function mutate_text(unit, random) {
  const at = random.below(unit.length);
  const stray = random.pick(['{', '}', '"', ',', ':', '\\', ']', '0', '\t', '\u0001', 'e', '\ufeff']);
  switch (random.weighted(TEXT)) {
    case 'cut': return unit.slice(0, Math.max(1, at));
    case 'delete': return unit.slice(0, at) + unit.slice(at + 1) || '{}';
    case 'insert': return unit.slice(0, at) + stray + unit.slice(at);
    case 'replace': return unit.slice(0, at) + stray + unit.slice(at + 1);
    case 'wrap': return random.pick([`[${unit}]`, `${unit}${unit}`, `${unit},`, `"${unit}"`]);
    case 'space': return ` \t${unit}  `;
    case 'bytes': {
      const bytes = Buffer.from(unit);
      bytes[random.below(bytes.length)] = random.pick([0xff, 0x80, 0xc0, 0xed, 0xf5]);
      return bytes;
    }
    case 'deep': {
      const depth = random.pick([400, 509, 510, 511, 512, 513, 600]);
      return `{"type":"RAW","event":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    }
    default: return random.pick(['[]', '7', 'null', '"RUN_STARTED"', 'true', '{}', '[{}]', '1e400']);
  }
}

/// The units of stream number `random` was made for: right, or with one to four mutations.
export function units_of_stream(random) {
  const events = mostly_right_stream(random);
  const ids = random.chance(0.7) ? [...new Set(ids_in(events))] : IDS;
  if (random.chance(0.25)) return events.map(unit_of);
  for (let n = random.weighted([[1, 5], [2, 2], [4, 1]]); n > 0 && events.length > 0; --n) {
    if (random.chance(0.4)) mutate_order(events, random, ids);
    else {
      const at = random.below(events.length);
      events[at] = mutate_field(events[at], random, ids);
    }
  }
  const units = events.map(unit_of);
  if (random.chance(0.06) && units.length > 0) {
    const at = random.below(units.length);
    units[at] = mutate_text(units[at], random);
  }
  return units.length > 0 ? units : ['{"type":"RUN_STARTED"}'];
}

function ids_in(events) {
  const ids = events.flatMap((e) => [e.messageId, e.toolCallId, e.subagentRunId, e.stepName])
    .filter((id) => typeof id === 'string');
  return ids.length > 0 ? ids : IDS;
}
