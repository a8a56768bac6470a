// SPDX-License-Identifier: MIT
#include "vouch/validator/rules.hpp"

#include <algorithm>

namespace vouch::validator {
namespace {

constexpr auto C = RuleClass::consumer;
constexpr auto P = RuleClass::producer;
constexpr auto W = RuleClass::warning;
constexpr auto I = RuleClass::info;

// Sorted by number.
constexpr Rule table[] = {
    {1001, "decode.json", C, "one JSON value in valid UTF-8 per unit"},
    {1002, "decode.not-object", C, "an event is a JSON object"},
    {1003, "decode.type-missing", C, "an event has a string member 'type'"},
    {1004, "decode.duplicate-key", C, "a described member appears once"},
    {1005, "decode.surrogate-in-id", C, "ids, names and tags hold no unpaired surrogate"},
    {1006, "decode.surrogate-in-text", W, "text holds no unpaired surrogate"},
    {1007, "decode.depth", C, "at most 512 nested arrays and objects"},
    {1008, "limit", C, "the limits of the rule set"},
    {1101, "struct.missing-required", C, "required members are present"},
    {1102, "struct.wrong-type", C, "members have their JSON type"},
    {1103, "struct.null-optional", C, "an optional member is absent rather than null"},
    {1104, "struct.bad-const", C, "a fixed member has its fixed value"},
    {1105, "struct.bad-enum", C, "a role is developer, system, assistant or user"},
    {1106, "struct.number-range", C, "a timestamp or count is an integer within its bounds"},
    {1107, "struct.bad-pointer", C, "path and from are JSON Pointers"},
    {1108, "struct.min-items", C, "an interrupt outcome has at least one interrupt"},
    {1109, "struct.bad-union-tag", C, "a tagged union has its tag, a string"},
    {1111, "struct.unknown-event", C, "one of the 33 event types of 0.0.58"},
    {1113, "struct.strict-extra", C, "no members of its own in an outcome"},
    {1201, "enforce.unknown-event", W, "a known event type"},
    {1202, "enforce.unknown-property", W, "known members only"},
    {1203, "enforce.unknown-member", W, "known members of unions only"},
    {1301, "compat.thinking-translated", W, "REASONING_* events instead of retired THINKING_*"},
    {1302, "compat.thinking-title-lost", W, "no title on a reasoning span"},
    {1303, "compat.thinking-minted-id", W, "a THINKING_* continuation follows its start"},
    {1304, "compat.null-omitted", W, "an absent member instead of null"},
    {1305, "compat.binary-upgraded", W, "media parts instead of retired binary parts"},
    {1306, "compat.binary-unconvertible", W, "a binary part with data or url"},
    {2001, "run.first-event", C, "RUN_STARTED or RUN_ERROR first"},
    {2002, "run.event-after-error", C, "only RUN_STARTED after RUN_ERROR"},
    {2003, "run.event-after-finished", C, "only RUN_STARTED or RUN_ERROR after RUN_FINISHED"},
    {2004, "run.nested-start", C, "RUN_STARTED when no run is active"},
    {2005, "run.thread-changed", C, "one thread per stream"},
    {2006, "thread.run-id-reused", P, "a run id that was not used before"},
    {2007, "run.finished-thread-mismatch", C, "RUN_FINISHED names the thread of the run"},
    {2008, "run.finished-run-mismatch", C, "RUN_FINISHED names the run"},
    {2010, "run.truncated", C, "a terminal event before the stream closes"},
    {2011, "run.empty-stream", I, "at least one event"},
    {2012, "run.cancelled-with-result", W, "no result on a cancelled run"},
    {2013, "run.input-echo-mismatch", W, "the echoed input names the same thread and run"},
    {2021, "usage.total-mismatch", W, "total tokens are input plus output tokens"},
    {2022, "usage.part-exceeds-total", W, "a part of the tokens is not more than the whole"},
    {2023, "usage.duplicate-entry", I, "one usage entry per provider and model"},
    {2031, "version.newer", W, "a protocol version not newer than the rule set"},
    {2032, "version.uninterpretable", W, "a protocol version like 1.1"},
    {2033, "version.missing", I, "RUN_STARTED names its protocol version"},
    {2101, "step.already-open", C, "STEP_STARTED of a step that is not open"},
    {2102, "step.wrong-owner", C, "a step finishes under the owner that started it"},
    {2103, "step.not-open", C, "STEP_FINISHED of an open step"},
    {2104, "step.open-at-finish", C, "no open step at RUN_FINISHED"},
    {3001, "text.already-open", C, "TEXT_MESSAGE_START of a message that is not open"},
    {3002, "text.content-not-open", C, "TEXT_MESSAGE_CONTENT of an open message"},
    {3003, "text.end-not-open", C, "TEXT_MESSAGE_END of an open message"},
    {3004, "text.open-at-finish", C, "no open message at RUN_FINISHED"},
    {3005, "text.reopen-mismatch", P, "a reopened message keeps role and name"},
    {3006, "text.reopen-owner-mismatch", C, "a reopened message keeps its owner"},
    {3007, "text.owner-mismatch", C, "content and end carry the owner of the message"},
    {3101, "tool.already-open", C, "TOOL_CALL_START of a call that is not open"},
    {3102, "tool.args-not-open", C, "TOOL_CALL_ARGS of an open call"},
    {3103, "tool.end-not-open", C, "TOOL_CALL_END of an open call"},
    {3104, "tool.open-at-finish", C, "no open call at RUN_FINISHED"},
    {3105, "tool.reopen-mismatch", P, "a reopened call keeps name and parent"},
    {3106, "tool.owner-mismatch", C, "args and end carry the owner of the call"},
    {3107, "tool.reopen-owner-mismatch", C, "a reopened call keeps its owner"},
    {3108, "tool.parent-owner-mismatch", C, "a call has the owner of its parent message"},
    {3109, "tool.pending-list-wrong", P, "pendingToolCallIds names exactly the unanswered calls"},
    {3110, "tool.pending-list-order", W, "pendingToolCallIds in the order of the first starts"},
    {3111, "tool.pending-not-named", I, "pendingToolCallIds when calls are unanswered"},
    {3114, "tool.result-before-end", I, "a result after the end of its call"},
    {3115, "tool.result-unknown-call", I, "a result of a call of this run"},
    {3116, "tool.duplicate-result", I, "one result per call"},
    {3201, "reasoning.message-already-open", C, "REASONING_MESSAGE_START of one that is not open"},
    {3202, "reasoning.content-not-open", C, "REASONING_MESSAGE_CONTENT of an open message"},
    {3203, "reasoning.end-not-open", C, "REASONING_MESSAGE_END of an open message"},
    {3204, "reasoning.message-open-at-finish", C, "no open reasoning message at RUN_FINISHED"},
    {3205, "reasoning.span-already-open", C, "REASONING_START of a span that is not open"},
    {3206, "reasoning.span-not-open", C, "REASONING_END of an open span"},
    {3207, "reasoning.span-open-at-finish", C, "no open reasoning span at RUN_FINISHED"},
    {3208, "reasoning.reopen-owner-mismatch", C, "a reopened item keeps its owner"},
    {3209, "reasoning.owner-mismatch", C, "content and end carry the owner of the item"},
    {3210, "reasoning.encrypted-owner-mismatch", C,
     "an encrypted value has the owner of its entity"},
    {3211, "reasoning.encrypted-unknown-entity", W, "an encrypted value of a known entity"},
    {3212, "reasoning.type-without-value", W, "encryptedValueType together with encryptedValue"},
    {3251, "thinking.already-open", C, "THINKING_START when none is open"},
    {3252, "thinking.not-open", C, "THINKING_END of an open one"},
    {3253, "thinking.text-outside", C, "thinking text between THINKING_START and THINKING_END"},
    {3254, "thinking.text-already-open", C, "THINKING_TEXT_MESSAGE_START when none is open"},
    {3255, "thinking.text-not-open", C, "thinking content and end of an open message"},
    {3301, "chunk.first-missing-id", C, "an id on the first chunk of an item"},
    {3302, "chunk.first-missing-tool-name", C, "toolCallName on the first chunk of a call"},
    {3303, "chunk.conflicting-role", C, "a continuing chunk repeats the role"},
    {3304, "chunk.conflicting-name", C, "a continuing chunk repeats the name"},
    {3305, "chunk.conflicting-tool-name", C, "a continuing chunk repeats toolCallName"},
    {3306, "chunk.conflicting-parent", C, "a continuing chunk repeats parentMessageId"},
    {3307, "chunk.lane-tag-conflict", C, "a chunk carries the owner of its item"},
    {3308, "chunk.ambiguous-lane", C, "a chunk that tells which item it continues"},
    {4001, "subagent.already-active", C, "SUBAGENT_STARTED of one that is not active"},
    {4002, "subagent.id-reused", C, "a subagent id that was not used in this run"},
    {4003, "subagent.unknown-parent", C, "a parent subagent of this run"},
    {4004, "subagent.not-active", C, "the end of an active subagent"},
    {4005, "subagent.open-at-finish", C, "no active subagent at RUN_FINISHED"},
    {4006, "subagent.late-announce", P, "SUBAGENT_STARTED before the first event of the subagent"},
    {4007, "subagent.suspended-interrupt-unknown", W,
     "interrupts of suspended subagents are named"},
    {5001, "state.patch-unappliable", W, "a patch that fits the state"},
    {5004, "state.assumed-baseline", I, "a state before the first STATE_DELTA"},
    {5101, "activity.delta-missing-target", W, "ACTIVITY_DELTA of a known message"},
    {5102, "activity.delta-not-activity", W, "ACTIVITY_DELTA of an activity"},
    {5103, "activity.patch-unappliable", W, "a patch that fits the activity"},
    {5104, "activity.result-not-object", W, "a patched activity is an object"},
    {5105, "activity.owner-mismatch", C, "ACTIVITY_DELTA carries the owner of the activity"},
    {5106, "activity.replace-false-owner-mismatch", W, "a kept activity keeps its owner"},
    {5201, "snapshot.duplicate-id", W, "a message once per snapshot"},
    {6011, "thread.message-kind-conflict", W, "one kind per message id"},
    {6012, "thread.message-minted-twice", W, "one tool result per message id"},
    {6020, "interrupt.duplicate-id", C, "interrupts of one outcome have different ids"},
};

}  // namespace

std::span<const Rule> rules() {
  return table;
}

const Rule* find_rule(std::uint16_t code) {
  const auto found = std::ranges::lower_bound(table, code, {}, &Rule::code);
  return found == std::end(table) || found->code != code ? nullptr : found;
}

Severity severity_of(const Rule& rule, Profile profile) {
  switch (rule.rule_class) {
    case RuleClass::consumer:
      return Severity::fatal;
    case RuleClass::producer:
      return profile == Profile::strict ? Severity::fatal : Severity::warning;
    case RuleClass::warning:
      return Severity::warning;
    case RuleClass::info:
      return Severity::info;
  }
  return Severity::fatal;
}

}  // namespace vouch::validator
