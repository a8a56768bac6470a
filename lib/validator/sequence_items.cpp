// Text messages, tool calls, reasoning (RULES 3.3 to 3.5).
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "vouch/validator/owners.hpp"
#include "vouch/validator/sequence.hpp"

namespace vouch::validator {

void Sequence::register_message(std::string_view id, MessageKind kind, Findings& f) {
  const auto [entry, is_new] = state_.messages.emplace(id, kind);
  if (!is_new && entry->second != kind) {
    f.add(6011, "message " + quoted(id) + " was of another kind", "/messageId");
  }
}

void Sequence::text_start(const Event& e, Findings& f) {
  RunState& run = state_.run;
  const std::string id(*e.message_id);
  if (run.text.contains(id)) {
    f.add(3001, "message " + quoted(id) + " is open", "/messageId");
    return;
  }
  if (tag_contradicts(e, run.message_owner, id)) {
    f.add(3006, "message " + quoted(id) + " belongs to another owner", "/subagentRunId");
    return;
  }
  const std::string role = e.role ? std::string(*e.role) : "assistant";
  const auto known = run.text_attributes.find(id);
  const bool other = known != run.text_attributes.end() &&
                     (role != known->second.role ||
                      (e.name && known->second.name && *e.name != *known->second.name));
  if (other && f.add(3005, "message " + quoted(id) + " had another role or name", "/messageId"))
    return;
  register_message(id, MessageKind::text, f);
  run.text.insert(id);
  run.message_owner.try_emplace(id, owner_of(e));
  TextAttributes attributes{role, std::nullopt};
  if (e.name) attributes.name = *e.name;
  run.text_attributes.try_emplace(id, std::move(attributes));
}

void Sequence::text_part(const Event& e, Findings& f, bool ends) {
  RunState& run = state_.run;
  const auto open = run.text.find(*e.message_id);
  if (open == run.text.end()) {
    f.add(ends ? 3003 : 3002, "message " + quoted(*e.message_id) + " is not open", "/messageId");
  } else if (tag_contradicts(e, run.message_owner, *e.message_id)) {
    f.add(3007, "message " + quoted(*e.message_id) + " belongs to another owner", "/subagentRunId");
  } else if (ends) {
    run.text.erase(open);
  }
}

void Sequence::tool_start(const Event& e, Findings& f) {
  RunState& run = state_.run;
  const std::string id(*e.tool_call_id);
  if (run.tool.contains(id)) {
    f.add(3101, "call " + quoted(id) + " is open", "/toolCallId");
    return;
  }
  const auto parent =
      e.parent_message_id ? run.message_owner.find(*e.parent_message_id) : run.message_owner.end();
  const bool parent_known = parent != run.message_owner.end();
  if (e.subagent_run_id && parent_known && parent->second != owner_of(e)) {
    f.add(3108, "the parent message belongs to another owner", "/parentMessageId");
    return;
  }
  const Owner owner = e.subagent_run_id ? owner_of(e) : parent_known ? parent->second : Owner();
  const auto held = run.call_owner.find(id);
  const bool claims = e.subagent_run_id || parent_known;
  if (claims && held != run.call_owner.end() && held->second != owner) {
    f.add(3107, "call " + quoted(id) + " belongs to another owner", "/toolCallId");
    return;
  }
  const auto known = run.call_attributes.find(id);
  const bool other = known != run.call_attributes.end() &&
                     (*e.tool_call_name != known->second.name ||
                      (e.parent_message_id && e.parent_message_id != Text(known->second.parent)));
  if (other && f.add(3105, "call " + quoted(id) + " had another name or parent", "/toolCallId"))
    return;
  run.tool.insert(id);
  run.call_owner.try_emplace(id, owner);
  CallAttributes attributes{std::string(*e.tool_call_name), std::nullopt};
  if (e.parent_message_id) attributes.parent = *e.parent_message_id;
  if (run.call_attributes.try_emplace(id, std::move(attributes)).second) run.calls.push_back(id);
}

void Sequence::tool_part(const Event& e, Findings& f, bool ends) {
  RunState& run = state_.run;
  const auto open = run.tool.find(*e.tool_call_id);
  if (open == run.tool.end()) {
    f.add(ends ? 3103 : 3102, "call " + quoted(*e.tool_call_id) + " is not open", "/toolCallId");
  } else if (tag_contradicts(e, run.call_owner, *e.tool_call_id)) {
    f.add(3106, "call " + quoted(*e.tool_call_id) + " belongs to another owner", "/subagentRunId");
  } else if (ends) {
    run.tool.erase(open);
  }
}

void Sequence::tool_result(const Event& e, Findings& f) {
  RunState& run = state_.run;
  const std::string call(*e.tool_call_id);
  if (run.tool.contains(call))
    f.add(3114, "call " + quoted(call) + " is still open", "/toolCallId");
  if (!run.call_attributes.contains(call)) {
    f.add(3115, "call " + quoted(call) + " is not of this run", "/toolCallId");
  }
  if (run.answered.contains(call))
    f.add(3116, "call " + quoted(call) + " has a result", "/toolCallId");
  const auto held = state_.messages.find(*e.message_id);
  if (held != state_.messages.end() && held->second == MessageKind::tool) {
    f.add(6012, "message " + quoted(*e.message_id) + " is a result already", "/messageId");
  }
  register_message(*e.message_id, MessageKind::tool, f);
  run.answered.insert(call);
  run.message_owner[std::string(*e.message_id)] = owner_of(e);
}

void Sequence::span_start(const Event& e, Findings& f) {
  RunState& run = state_.run;
  const std::string id(*e.message_id);
  if (run.spans.contains(id)) {
    f.add(3205, "span " + quoted(id) + " is open", "/messageId");
  } else if (tag_contradicts(e, run.reasoning_owner, id)) {
    f.add(3208, "span " + quoted(id) + " belongs to another owner", "/subagentRunId");
  } else {
    run.spans.insert(id);
    run.reasoning_owner.try_emplace(id, owner_of(e));
  }
}

void Sequence::span_end(const Event& e, Findings& f) {
  RunState& run = state_.run;
  const auto open = run.spans.find(*e.message_id);
  if (open == run.spans.end()) {
    f.add(3206, "span " + quoted(*e.message_id) + " is not open", "/messageId");
  } else if (tag_contradicts(e, run.reasoning_owner, *e.message_id)) {
    f.add(3209, "span " + quoted(*e.message_id) + " belongs to another owner", "/subagentRunId");
  } else {
    run.spans.erase(open);
  }
}

void Sequence::reasoning_start(const Event& e, Findings& f) {
  RunState& run = state_.run;
  const std::string id(*e.message_id);
  if (run.reasoning.contains(id)) {
    f.add(3201, "reasoning message " + quoted(id) + " is open", "/messageId");
  } else if (tag_contradicts(e, run.reasoning_owner, id)) {
    f.add(3208, "reasoning message " + quoted(id) + " belongs to another owner", "/subagentRunId");
  } else {
    register_message(id, MessageKind::reasoning, f);
    run.reasoning.insert(id);
    run.reasoning_owner.try_emplace(id, owner_of(e));
  }
}

void Sequence::reasoning_part(const Event& e, Findings& f, bool ends) {
  RunState& run = state_.run;
  const auto open = run.reasoning.find(*e.message_id);
  const std::string name = "reasoning message " + quoted(*e.message_id);
  if (open == run.reasoning.end()) {
    f.add(ends ? 3203 : 3202, name + " is not open", "/messageId");
  } else if (tag_contradicts(e, run.reasoning_owner, *e.message_id)) {
    f.add(3209, name + " belongs to another owner", "/subagentRunId");
  } else if (ends) {
    run.reasoning.erase(open);
  }
}

void Sequence::encrypted_value(const Event& e, Findings& f) {
  const RunState& run = state_.run;
  const OwnerMap& owners = *e.subtype == "tool-call"                  ? run.call_owner
                           : run.message_owner.contains(*e.entity_id) ? run.message_owner
                                                                      : run.reasoning_owner;
  if (tag_contradicts(e, owners, *e.entity_id)) {
    f.add(3210, quoted(*e.entity_id) + " belongs to another owner", "/subagentRunId");
    return;
  }
  const auto message = state_.messages.find(*e.entity_id);
  const bool known_message =
      message != state_.messages.end() && message->second != MessageKind::activity;
  if (!owners.contains(*e.entity_id) && (*e.subtype == "tool-call" || !known_message)) {
    f.add(3211, quoted(*e.entity_id) + " is not known", "/entityId");
  }
}

}  // namespace vouch::validator
