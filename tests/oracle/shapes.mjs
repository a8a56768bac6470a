// The events of AG-UI as a table, and random values of every type in it. Types: id, str, bool, obj,
// any, set (any but null), ts, count, role, ptr, =constant, a shape, a union (a tag picks the shape),
// T[] for lists; a leading ! marks a required member. Deliberately a second table beside the
// validator's own: the generator must not share its mistakes.
// SPDX-License-Identifier: MIT

export const SHAPES = {
  Success: { type: '!=success', pendingToolCallIds: 'id[]' },
  InterruptOutcome: { type: '!=interrupt', interrupts: '!Interrupt[]' },
  Cancelled: { type: '!=cancelled' },
  SubSuccess: { type: '!=success' },
  Suspended: { type: '!=suspended', interruptIds: 'id[]' },
  Interrupt: {
    id: '!id', reason: '!str', message: 'str', toolCallId: 'id', responseSchema: 'obj',
    expiresAt: 'str', metadata: 'obj', subagentRunId: 'id',
  },
  Resume: { interruptId: '!id', status: '!status', payload: 'set', metadata: 'obj' },
  Usage: {
    provider: 'str', model: 'str', inputTokens: 'count', outputTokens: 'count',
    totalTokens: 'count', reasoningTokens: 'count', cachedInputTokens: 'count',
    cacheWriteInputTokens: 'count',
  },
  ...Object.fromEntries(['developer', 'system'].map((role) => [role, {
    id: '!id', role: `!=${role}`, content: '!str', name: 'id', encryptedValue: 'str',
    encryptedValueType: 'str', metadata: 'obj', subagentRunId: 'id',
  }])),
  assistant: {
    id: '!id', role: '!=assistant', content: 'str', toolCalls: 'ToolCall[]', name: 'id',
    encryptedValue: 'str', encryptedValueType: 'str', metadata: 'obj', subagentRunId: 'id',
  },
  user: {
    id: '!id', role: '!=user', content: '!content', name: 'id', encryptedValue: 'str',
    metadata: 'obj', subagentRunId: 'id',
  },
  tool: {
    id: '!id', role: '!=tool', content: '!content', toolCallId: '!id', error: 'str',
    encryptedValue: 'str', metadata: 'obj', subagentRunId: 'id',
  },
  activity: {
    id: '!id', role: '!=activity', activityType: '!id', content: '!obj', metadata: 'obj',
    subagentRunId: 'id',
  },
  reasoning: {
    id: '!id', role: '!=reasoning', content: '!str', encryptedValue: 'str',
    encryptedValueType: 'str', metadata: 'obj', subagentRunId: 'id',
  },
  ToolCall: {
    id: '!id', type: '!=function', function: '!Function', encryptedValue: 'str',
    encryptedValueType: 'str', metadata: 'obj',
  },
  Function: { name: '!id', arguments: '!str' },
  Text: { type: '!=text', text: '!str', id: 'id', metadata: 'set' },
  ...Object.fromEntries(['image', 'audio', 'video', 'document'].map((type) => [type, {
    type: `!=${type}`, source: '!Source', id: 'id', metadata: 'set',
  }])),
  Binary: {
    type: '!=binary', mimeType: '!str', id: 'id', url: 'str', data: 'str', filename: 'str',
  },
  Data: { type: '!=data', value: '!str', mimeType: '!str' },
  Url: { type: '!=url', value: '!str', mimeType: 'str' },
  File: { type: '!=file', value: '!str', provider: 'str', mimeType: 'str' },
  Tool: { name: '!id', description: '!str', parameters: 'set', metadata: 'obj' },
  Context: { description: '!str', value: '!str' },
  Input: {
    threadId: '!id', runId: '!id', messages: '!Message[]', protocolVersion: 'str',
    parentRunId: 'id', state: 'set', tools: 'Tool[]', context: 'Context[]', forwardedProps: 'set',
    resume: 'Resume[]',
  },
  ...Object.fromEntries(['add', 'replace', 'test'].map((op) => [`op_${op}`, {
    op: `!=${op}`, path: '!ptr', value: '!any',
  }])),
  op_remove: { op: '!=remove', path: '!ptr' },
  ...Object.fromEntries(['move', 'copy'].map((op) => [`op_${op}`, {
    op: `!=${op}`, from: '!ptr', path: '!ptr',
  }])),
};

export const UNIONS = {
  Outcome: ['Success', 'InterruptOutcome', 'Cancelled'],
  SubOutcome: ['SubSuccess', 'Suspended'],
  Message: ['developer', 'system', 'assistant', 'user', 'tool', 'activity', 'reasoning'],
  Part: ['Text', 'image', 'audio', 'video', 'document', 'Binary'],
  Source: ['Data', 'Url', 'File'],
  Op: ['op_add', 'op_replace', 'op_test', 'op_remove', 'op_move', 'op_copy'],
};

const BASE = { timestamp: 'ts', rawEvent: 'set', metadata: 'obj' };
const TAG = { subagentRunId: 'id' };
const ID = { messageId: '!id' };
const DELTA = { messageId: '!id', delta: '!str' };
const PARENTS = ['RUN_STARTED', 'RUN_FINISHED', 'RUN_ERROR', 'MESSAGES_SNAPSHOT'];

const OWN = {
  RUN_STARTED: {
    threadId: '!id', runId: '!id', protocolVersion: 'str', parentRunId: 'id', input: 'Input',
  },
  RUN_FINISHED: {
    threadId: '!id', runId: '!id', result: 'set', outcome: 'Outcome', usage: 'Usage[]',
  },
  RUN_ERROR: { message: '!str', code: 'str', usage: 'Usage[]' },
  STEP_STARTED: { stepName: '!id' },
  STEP_FINISHED: { stepName: '!id' },
  TEXT_MESSAGE_START: { messageId: '!id', role: 'role', name: 'id' },
  TEXT_MESSAGE_CONTENT: DELTA,
  TEXT_MESSAGE_END: ID,
  TEXT_MESSAGE_CHUNK: { messageId: 'id', role: 'role', delta: 'str', name: 'id' },
  TOOL_CALL_START: { toolCallId: '!id', toolCallName: '!id', parentMessageId: 'id' },
  TOOL_CALL_ARGS: { toolCallId: '!id', delta: '!str' },
  TOOL_CALL_END: { toolCallId: '!id' },
  TOOL_CALL_CHUNK: { toolCallId: 'id', toolCallName: 'id', parentMessageId: 'id', delta: 'str' },
  TOOL_CALL_RESULT: {
    messageId: '!id', toolCallId: '!id', content: '!content', role: '=tool',
  },
  REASONING_START: ID,
  REASONING_END: ID,
  REASONING_MESSAGE_START: { messageId: '!id', role: '!=reasoning' },
  REASONING_MESSAGE_CONTENT: DELTA,
  REASONING_MESSAGE_END: ID,
  REASONING_MESSAGE_CHUNK: { messageId: 'id', delta: 'str' },
  REASONING_ENCRYPTED_VALUE: {
    subtype: '!subtype', entityId: '!id', encryptedValue: '!str', encryptedValueType: 'str',
  },
  STATE_SNAPSHOT: { snapshot: '!any' },
  STATE_DELTA: { delta: '!Op[]' },
  MESSAGES_SNAPSHOT: { messages: '!Message[]' },
  ACTIVITY_SNAPSHOT: { messageId: '!id', activityType: '!id', content: '!obj', replace: 'bool' },
  ACTIVITY_DELTA: { messageId: '!id', activityType: '!id', patch: '!Op[]' },
  RAW: { event: '!any', source: 'str' },
  CUSTOM: { name: '!id', value: '!any' },
  SUBAGENT_STARTED: {
    subagentRunId: '!id', name: '!id', description: 'str', parentSubagentRunId: 'id',
    parentToolCallId: 'id', parentMessageId: 'id',
  },
  SUBAGENT_FINISHED: { subagentRunId: '!id', result: 'set', outcome: 'SubOutcome' },
  SUBAGENT_ERROR: { subagentRunId: '!id', message: '!str', code: 'str' },
};

export const RETIRED = {
  THINKING_START: { title: 'str' },
  THINKING_END: {},
  THINKING_TEXT_MESSAGE_START: {},
  THINKING_TEXT_MESSAGE_CONTENT: { delta: '!str' },
  THINKING_TEXT_MESSAGE_END: {},
};

/// Type name -> every member and its type, `type` left out.
export const EVENTS = Object.fromEntries(
  [...Object.entries(OWN), ...Object.entries(RETIRED)].map(([type, own]) => [type, {
    ...BASE, ...(PARENTS.includes(type) || type.startsWith('SUBAGENT_') ? {} : TAG), ...own,
  }]));
export const EVENT_TYPES = Object.keys(OWN);
export const IDS = ['a', 'b', 'c', '', '__proto__', 'toString', 'a ', 'A', 'é', '𝄞', '0'];

const STRINGS = ['', 'x', 'hello', '{"a":', 'é𝄞', 'a\nb', '\u0000', '\u2028', 'x'.repeat(40)];
const NUMBERS = [0, 1, -1, 7, 1.5, -0.25, 1e21, 9007199254740991];
const VERSIONS = ['1.0', '1.1', '1.2', '0.9', 'draft', '1', ''];
const POINTERS = ['', '/', '/a', '/a/0', '/a/-', '/~0~1', '/b/c/d', '/0', '/ ', '/é'];

export function json_value(random, depth = 0) {
  const kind = random.below(depth > 2 ? 5 : 7);
  switch (kind) {
    case 0: return null;
    case 1: return random.chance(0.5);
    case 2: return random.pick(NUMBERS);
    case 3: return random.pick(STRINGS);
    case 4: return random.pick(IDS);
    case 5: return Array.from({ length: random.below(3) }, () => json_value(random, depth + 1));
    default: return json_object(random, depth + 1);
  }
}

function json_object(random, depth = 0) {
  const out = {};
  for (let n = random.below(3); n > 0; --n) {
    out[random.pick(['a', 'b', 'type', 'id', 'ag-ui', ''])] = json_value(random, depth);
  }
  return out;
}

/// A random value of a type; `ids` is the pool that ids come from.
export function value_of(type, random, ids = IDS) {
  if (type.startsWith('!')) type = type.slice(1);
  if (type.startsWith('=')) return type.slice(1);
  if (type.endsWith('[]')) {
    const least = type === 'Interrupt[]' ? 1 : 0;
    const length = least + (random.chance(0.6) ? random.below(3) : 0);
    return Array.from({ length }, () => value_of(type.slice(0, -2), random, ids));
  }
  switch (type) {
    case 'id': return random.pick(ids);
    case 'str': return random.pick(random.chance(0.1) ? VERSIONS : STRINGS);
    case 'bool': return random.chance(0.5);
    case 'obj': return json_object(random);
    case 'any': return json_value(random);
    case 'set': return json_value(random) ?? 0;
    case 'ts': return random.pick([0, 1, 1700000000000, -5, 9007199254740991, -9007199254740991]);
    case 'count': return random.pick([0, 1, 2, 10, 9007199254740991]);
    case 'role': return random.pick(['developer', 'system', 'assistant', 'user']);
    case 'status': return random.pick(['resolved', 'cancelled']);
    case 'subtype': return random.pick(['tool-call', 'message']);
    case 'ptr': return random.pick(POINTERS);
    case 'content':
      return random.chance(0.5) ? random.pick(STRINGS) : value_of('Part[]', random, ids);
  }
  const shape = type in UNIONS ? random.pick(UNIONS[type]) : type;
  return object_of(SHAPES[shape], random, ids);
}

/// A random object of a shape: all required members, each other one with probability `optional`.
export function object_of(members, random, ids = IDS, optional = 0.25) {
  const out = {};
  for (const name in members) {
    const type = members[name];
    if (!type.startsWith('!') && !random.chance(optional)) continue;
    out[name] = value_of(type, random, ids);
  }
  return out;
}

/// A random event: `fixed` members win, `undefined` in it leaves a member out.
export function event_of(type, random, ids, fixed = {}, optional = 0.06) {
  const out = { type, ...object_of(EVENTS[type], random, ids, optional) };
  for (const name in fixed) {
    if (fixed[name] === undefined) delete out[name];
    else out[name] = fixed[name];
  }
  return out;
}
