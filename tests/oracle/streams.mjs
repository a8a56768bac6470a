// Streams that are mostly right: a small model of what is open picks each next event, so that most
// streams reach deep states (lanes, reopened items, owners, several runs) before they end. It may
// be wrong: verdicts are compared, never assumed.
// SPDX-License-Identifier: MIT
import { EVENT_TYPES, IDS, event_of, value_of } from './shapes.mjs';

const MOVES = [
  ['text', 12], ['text_more', 24], ['text_end', 9], ['text_chunk', 10], ['tool', 8],
  ['tool_more', 14], ['tool_end', 6], ['tool_chunk', 8], ['result', 4], ['step', 5],
  ['step_end', 4], ['span', 4], ['span_end', 3], ['thought', 5], ['thought_more', 8],
  ['thought_end', 4], ['thought_chunk', 5], ['encrypted', 3], ['state', 5], ['snapshot', 2],
  ['activity', 4], ['activity_delta', 4], ['opaque', 4], ['subagent', 5], ['subagent_end', 4],
  ['thinking', 4], ['future', 2], ['any', 1],
];

class Model {
  constructor(random) {
    this.random = random;
    this.ids = Array.from({ length: 2 + random.below(6) }, () => random.pick(IDS));
    this.tags = [undefined, ...Array.from({ length: random.below(4) }, () => random.pick(IDS))];
    this.thread = random.pick(this.ids);
    this.thinking = { span: false, text: false };
    this.events = [];
    this.runs = 0;
    this.reset();
  }

  reset() {
    this.text = new Map();
    this.tool = new Map();
    this.thought = new Map();
    this.span = new Map();
    this.steps = [];
    this.active = new Set();
    this.closed = new Set();
    this.lanes = new Map();
    this.owners = { message: new Map(), tool: new Map(), reasoning: new Map(), activity: new Map() };
  }

  id() {
    return this.random.pick(this.ids);
  }

  tag() {
    return this.random.chance(0.6) ? undefined : this.random.pick(this.tags);
  }

  emit(type, fixed) {
    this.events.push(event_of(type, this.random, this.ids, fixed));
  }

  /// What may follow in an item of `owner`: its tag, or none.
  same_owner(owner) {
    return this.random.chance(0.6) ? owner : undefined;
  }

  close_lane(owner) {
    this.lanes.delete(owner);
  }

  own(map, id, tag) {
    if (!map.has(id)) map.set(id, tag);
    return tag === undefined || map.get(id) === tag;
  }

  open(set, owners, start, field, extra = {}) {
    const id = this.id();
    const owner = this.tag();
    if (set.has(id)) return;
    if (!this.own(owners, id, owner)) return;
    this.close_lane(owner);
    set.set(id, owners.get(id));
    this.emit(start, { [field]: id, subagentRunId: owner, ...extra });
  }

  more(set, type, field, closes) {
    if (set.size === 0) return;
    const id = this.random.pick([...set.keys()]);
    const tag = this.same_owner(set.get(id));
    this.close_lane(tag);
    if (closes) set.delete(id);
    this.emit(type, { [field]: id, subagentRunId: tag });
  }

  chunk(kind, set, owners, type, field, extra) {
    const tag = this.tag();
    const lane = this.lanes.get(tag);
    const none = Object.fromEntries(Object.keys(extra).map((key) => [key, undefined]));
    const same = [...this.lanes.values()].filter((open) => open.kind === kind).length;
    const parent = this.lanes.get(undefined)?.kind === kind;
    if (same > 0 && this.random.chance(parent || same === 1 ? 0.1 : 0.03)) {
      this.emit(type, { ...none, [field]: undefined, subagentRunId: undefined });
      return;
    }
    const continues = lane?.kind === kind && this.random.chance(0.75);
    if (continues) {
      const repeat = this.random.chance(0.15);
      const other = this.random.chance(0.01);
      this.emit(type, {
        ...none,
        ...(other ? extra : repeat ? lane.extra : {}),
        [field]: this.random.chance(0.5) ? lane.id : undefined,
        subagentRunId: tag,
      });
      return;
    }
    const id = this.id();
    for (const [other, open] of this.lanes) {
      if (open.kind === kind && open.id === id && other !== tag) return;
    }
    if (set.has(id) || !this.own(owners, id, tag)) return;
    this.lanes.delete(tag);
    this.lanes.set(tag, { kind, id, extra });
    this.emit(type, { [field]: id, subagentRunId: tag, ...extra });
  }

  step() {
    const random = this.random;
    const { message, tool, reasoning, activity } = this.owners;
    switch (random.weighted(MOVES)) {
      case 'text': return this.open(this.text, message, 'TEXT_MESSAGE_START', 'messageId');
      case 'text_more': return this.more(this.text, 'TEXT_MESSAGE_CONTENT', 'messageId', false);
      case 'text_end': return this.more(this.text, 'TEXT_MESSAGE_END', 'messageId', true);
      case 'text_chunk': {
        const extra = {
          role: random.pick([undefined, 'assistant', 'user']),
          name: random.chance(0.8) ? undefined : this.id(),
        };
        return this.chunk('text', this.text, message, 'TEXT_MESSAGE_CHUNK', 'messageId', extra);
      }
      case 'tool': {
        const extra = { parentMessageId: random.chance(0.8) ? undefined : this.id() };
        return this.open(this.tool, tool, 'TOOL_CALL_START', 'toolCallId', extra);
      }
      case 'tool_more': return this.more(this.tool, 'TOOL_CALL_ARGS', 'toolCallId', false);
      case 'tool_end': return this.more(this.tool, 'TOOL_CALL_END', 'toolCallId', true);
      case 'tool_chunk': {
        const extra = {
          toolCallName: this.id(),
          parentMessageId: random.chance(0.8) ? undefined : this.id(),
        };
        return this.chunk('tool', this.tool, tool, 'TOOL_CALL_CHUNK', 'toolCallId', extra);
      }
      case 'result': {
        const id = this.id();
        const tag = this.tag();
        this.close_lane(tag);
        message.set(id, tag);
        return this.emit('TOOL_CALL_RESULT', { messageId: id, subagentRunId: tag });
      }
      case 'step': {
        const step = { stepName: this.id(), subagentRunId: this.tag() };
        const same = (s) => s.stepName === step.stepName && s.subagentRunId === step.subagentRunId;
        if (this.steps.some(same)) return;
        this.close_lane(step.subagentRunId);
        this.steps.push(step);
        return this.emit('STEP_STARTED', step);
      }
      case 'step_end': return this.end_step();
      case 'span': return this.open(this.span, reasoning, 'REASONING_START', 'messageId');
      case 'span_end': return this.more(this.span, 'REASONING_END', 'messageId', true);
      case 'thought':
        return this.open(this.thought, reasoning, 'REASONING_MESSAGE_START', 'messageId');
      case 'thought_more':
        return this.more(this.thought, 'REASONING_MESSAGE_CONTENT', 'messageId', false);
      case 'thought_end':
        return this.more(this.thought, 'REASONING_MESSAGE_END', 'messageId', true);
      case 'thought_chunk':
        return this.chunk('reasoning', this.thought, reasoning, 'REASONING_MESSAGE_CHUNK',
          'messageId', {});
      case 'encrypted': return this.encrypted();
      case 'state': return this.lane_event(random.pick(['STATE_SNAPSHOT', 'STATE_DELTA', 'CUSTOM']));
      case 'snapshot': return this.snapshot();
      case 'activity': {
        const id = this.id();
        const tag = this.tag();
        const replace = random.pick([undefined, true, false]);
        if (!activity.has(id) || replace !== false) activity.set(id, tag);
        return this.emit('ACTIVITY_SNAPSHOT', { messageId: id, subagentRunId: tag, replace });
      }
      case 'activity_delta': {
        const id = this.id();
        const tag = activity.has(id) ? this.same_owner(activity.get(id)) : this.tag();
        return this.emit('ACTIVITY_DELTA', { messageId: id, subagentRunId: tag });
      }
      case 'opaque': return this.emit('RAW', { subagentRunId: this.tag() });
      case 'subagent': {
        const id = this.id();
        if (this.active.has(id) || this.closed.has(id)) return;
        const known = [undefined, ...this.active, ...this.closed];
        this.active.add(id);
        return this.emit('SUBAGENT_STARTED',
          { subagentRunId: id, parentSubagentRunId: random.pick(known) });
      }
      case 'subagent_end': return this.end_subagent();
      case 'thinking': return this.think();
      case 'future': return this.events.push({ type: 'FUTURE_EVENT', messageId: this.id() });
      default: return this.emit(random.pick(EVENT_TYPES), {});
    }
  }

  lane_event(type) {
    const tag = this.tag();
    this.close_lane(tag);
    this.emit(type, { subagentRunId: tag });
  }

  end_step() {
    if (this.steps.length === 0) return;
    const [step] = this.steps.splice(this.random.below(this.steps.length), 1);
    this.close_lane(step.subagentRunId);
    this.emit('STEP_FINISHED', step);
  }

  end_subagent() {
    if (this.active.size === 0) return;
    const id = this.random.pick([...this.active]);
    this.active.delete(id);
    this.closed.add(id);
    this.close_lane(id);
    this.emit(this.random.chance(0.7) ? 'SUBAGENT_FINISHED' : 'SUBAGENT_ERROR',
      { subagentRunId: id });
  }

  encrypted() {
    const subtype = this.random.pick(['tool-call', 'message']);
    const entityId = this.id();
    const { tool, message, reasoning } = this.owners;
    const owners = subtype === 'tool-call' ? tool : message.has(entityId) ? message : reasoning;
    const tag = owners.has(entityId) ? this.same_owner(owners.get(entityId)) : this.tag();
    this.emit('REASONING_ENCRYPTED_VALUE', { subtype, entityId, subagentRunId: tag });
  }

  snapshot() {
    this.lanes.clear();
    this.emit('MESSAGES_SNAPSHOT', {});
    const { message, tool, reasoning, activity } = this.owners;
    for (const one of this.events.at(-1).messages) {
      const map = { reasoning, activity }[one.role] ?? message;
      map.set(one.id, one.subagentRunId);
      for (const call of one.toolCalls ?? []) tool.set(call.id, one.subagentRunId);
    }
  }

  think() {
    const now = this.thinking;
    this.close_lane(undefined);
    if (now.text) {
      const more = this.random.chance(0.6);
      now.text = more;
      return this.emit(more ? 'THINKING_TEXT_MESSAGE_CONTENT' : 'THINKING_TEXT_MESSAGE_END',
        { subagentRunId: undefined });
    }
    if (now.span && this.random.chance(0.4)) {
      now.span = false;
      return this.emit('THINKING_END', { subagentRunId: undefined });
    }
    if (now.span) {
      now.text = true;
      return this.emit('THINKING_TEXT_MESSAGE_START', { subagentRunId: undefined });
    }
    now.span = true;
    return this.emit('THINKING_START', { subagentRunId: undefined });
  }

  finish() {
    const { random } = this;
    while (random.chance(0.98) && this.text.size) {
      this.more(this.text, 'TEXT_MESSAGE_END', 'messageId', true);
    }
    while (random.chance(0.98) && this.tool.size) {
      this.more(this.tool, 'TOOL_CALL_END', 'toolCallId', true);
    }
    while (random.chance(0.98) && this.thought.size) {
      this.more(this.thought, 'REASONING_MESSAGE_END', 'messageId', true);
    }
    while (random.chance(0.98) && this.span.size) {
      this.more(this.span, 'REASONING_END', 'messageId', true);
    }
    while (random.chance(0.98) && this.steps.length) this.end_step();
    while (random.chance(0.98) && this.active.size) this.end_subagent();
    while (this.thinking.text || this.thinking.span) this.think();
  }

  run(length) {
    const { random } = this;
    this.reset();
    const run = this.runs++ === 0 || random.chance(0.9) ? `r${this.runs}` : 'r1';
    const started = { threadId: this.thread, runId: run };
    if (random.chance(0.1)) started.input = value_of('Input', random, this.ids);
    this.emit('RUN_STARTED', started);
    for (const one of this.events.at(-1).input?.messages ?? []) {
      const { message, tool, reasoning, activity } = this.owners;
      this.own({ reasoning, activity }[one.role] ?? message, one.id, one.subagentRunId);
      for (const call of one.toolCalls ?? []) this.own(tool, call.id, one.subagentRunId);
    }
    for (let n = 0; n < length; ++n) this.step();
    if (random.chance(0.2)) {
      this.emit('RUN_ERROR', {});
      this.thinking = { span: false, text: false };
      return;
    }
    this.finish();
    const ended = { threadId: this.thread, runId: run };
    if (random.chance(0.1)) ended.outcome = value_of('Outcome', random, this.ids);
    if (random.chance(0.01)) ended.threadId = this.id();
    if (random.chance(0.01)) ended.runId = this.id();
    this.emit('RUN_FINISHED', ended);
    if (random.chance(0.05)) this.emit('RUN_ERROR', {});
  }
}

/// A stream as a list of event objects.
export function mostly_right_stream(random) {
  const model = new Model(random);
  if (random.chance(0.02)) model.emit('RUN_ERROR', {});
  const runs = random.weighted([[1, 6], [2, 3], [3, 1]]);
  const length = random.weighted([[4, 3], [15, 4], [40, 2], [120, 1]]);
  for (let n = 0; n < runs; ++n) model.run(1 + random.below(length));
  if (random.chance(0.01)) model.emit(random.pick(EVENT_TYPES), {});
  return model.events;
}
