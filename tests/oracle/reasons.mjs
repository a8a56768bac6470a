// Which of our codes say the same as a message of the client. Where both reject one event, its
// stage must agree, and past decoding the very rule.
// SPDX-License-Identifier: MIT

const OWNER = {
  TEXT_MESSAGE_START: 3006, TEXT_MESSAGE_CONTENT: 3007, TEXT_MESSAGE_END: 3007,
  TOOL_CALL_START: 3107, TOOL_CALL_ARGS: 3106, TOOL_CALL_END: 3106,
  REASONING_START: 3208, REASONING_MESSAGE_START: 3208, REASONING_MESSAGE_CONTENT: 3209,
  REASONING_MESSAGE_END: 3209, REASONING_END: 3209, REASONING_ENCRYPTED_VALUE: 3210,
  ACTIVITY_DELTA: 5105,
};

const STRUCTURE = [1004, 1005, 1101, 1102, 1103, 1104, 1105, 1106, 1107, 1108, 1109];
const REASONS = [
  [/^schema: /, STRUCTURE],
  // A stage before the schema reads a member of what should have been an object.
  [/^Cannot read properties of (null|undefined) /, [1002, ...STRUCTURE]],
  [/^First event must be/, [2001]],
  [/already errored with 'RUN_ERROR'/, [2002]],
  [/already finished with 'RUN_FINISHED'/, [2003]],
  [/^Cannot send 'RUN_STARTED' while a run is still active/, [2004]],
  [/^Step ".*" is already active/s, [2101]],
  [/A step must be finished by whoever started it\.$/, [2102]],
  [/^Cannot send 'STEP_FINISHED' for step ".*" that was not started$/s, [2103]],
  [/while steps are still active/, [2104]],
  [/^Cannot send 'TEXT_MESSAGE_START' event/, [3001]],
  [/^Cannot send 'TEXT_MESSAGE_CONTENT' event/, [3002]],
  [/^Cannot send 'TEXT_MESSAGE_END' event/, [3003]],
  [/while text messages are still active/, [3004]],
  [/^Cannot send 'TOOL_CALL_START' event/, [3101]],
  [/^Cannot send 'TOOL_CALL_ARGS' event/, [3102]],
  [/^Cannot send 'TOOL_CALL_END' event/, [3103]],
  [/while tool calls are still active/, [3104]],
  [/does not match its parent message/, [3108]],
  [/^Cannot send 'TOOL_CALL_START': tool call '.*' is owned by/s, [3107]],
  [/^Cannot send 'REASONING_MESSAGE_START' event/, [3201]],
  [/^Cannot send 'REASONING_MESSAGE_CONTENT' event/, [3202]],
  [/^Cannot send 'REASONING_MESSAGE_END' event/, [3203]],
  [/while reasoning messages are still active/, [3204]],
  [/^Cannot send 'REASONING_START' event/, [3205]],
  [/^Cannot send 'REASONING_END' event/, [3206]],
  [/while reasoning spans are still active/, [3207]],
  [/^First \w+_CHUNK must have a (messageId|toolCallId)/, [3301]],
  [/^First TOOL_CALL_CHUNK must have a toolCallName/, [3302]],
  [/: chunk role '/, [3303]],
  [/: chunk name '/, [3304]],
  [/: chunk toolCallName '/, [3305]],
  [/: chunk parentMessageId '/, [3306]],
  [/: chunk subagentRunId '/, [3307]],
  [/^Ambiguous \w+_CHUNK/, [3308]],
  [/^Cannot send 'SUBAGENT_STARTED': subagent '.*' is already active/s, [4001]],
  [/^Cannot send 'SUBAGENT_STARTED': subagent '.*' has already finished/s, [4002]],
  [/^Cannot send 'SUBAGENT_STARTED': parentSubagentRunId/, [4003]],
  [/no active subagent found/, [4004]],
  [/while subagents are still active/, [4005]],
];

/// True when `code` is what the client's message means. Parse errors mean nothing beyond
/// their index: they are 1001 or 1002, which the table of a runtime cannot name.
export function same_reason(code, message) {
  const owner = /^Cannot send '(\w+)': subagentRunId '.*' does not match the (?!its)/s.exec(message);
  if (owner && !message.includes('does not match its parent')) return OWNER[owner[1]] === code;
  const reason = REASONS.find(([text]) => text.test(message));
  return reason === undefined ? code === 1001 || code === 1002 : reason[1].includes(code);
}

/// Codes that a million events must have reached, or the streams are too tame.
export const REACHED = [
  1001, 1002, 1003, 1004, 1005, 1007, 1101, 1102, 1103, 1104, 1105, 1106, 1107, 1108, 1109, 2010,
  6020, 2005, 2007, 2008, ...new Set([...REASONS.slice(2).flatMap(([, codes]) => codes),
    ...Object.values(OWNER)]),
];
