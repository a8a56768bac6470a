// Text messages, tool calls, reasoning (RULES 3.3 to 3.5).
// SPDX-License-Identifier: MIT
#include "vouch/validator/owners.hpp"
#include "vouch/validator/sequence.hpp"

namespace vouch::validator {

void Sequence::opened_by(const Owner& owner) {
  if (owner) ++state_.run.open_of_subagent[*owner];
}

void Sequence::closed_by(const Owner& owner) {
  if (!owner) return;
  const auto open = state_.run.open_of_subagent.find(*owner);
  if (open != state_.run.open_of_subagent.end() && --open->second == 0) {
    state_.run.open_of_subagent.erase(open);
  }
}

void Sequence::open(OpenItems& items, std::string_view id, const Owner& owner) {
  if (items.emplace(id, OpenItem{owner, index_}).second) opened_by(owner);
}

void Sequence::close(OpenItems& items, OpenItems::iterator item) {
  closed_by(item->second.owner);
  items.erase(item);
}

void Sequence::text_start(const Event& e, Findings& f) {
  RunState& run = state_.run;
  const std::string_view id = key_of(e.message_id);
  if (const auto held = run.text.find(id); held != run.text.end()) {
    f.add(3001, "message " + quoted(id) + " is open", "/messageId", held->second.index);
    return;
  }
  if (tag_contradicts(e, run.message_owner, id) &&
      f.add(3006, "message " + quoted(id) + " belongs to another owner", "/subagentRunId")) {
    return;
  }
  const std::string_view role = e.role.value_or("assistant");
  const auto known = find_newest(run.text_attributes, id);
  if (known != run.text_attributes.end()) {
    const auto& [known_role, known_name] = known->second;
    if (role != known_role &&
        f.add(3005, "message " + quoted(id) + " had role " + quoted(known_role), "/role")) {
      return;
    }
    if (e.name && e.name != Text(known_name) &&
        f.add(3005, "message " + quoted(id) + " had another name", "/name")) {
      return;
    }
  }
  if (crowded(
          1, 1, [&] { return state_.messages.contains(id) ? 0U : 1U; }, f))
    return;
  const auto entry =
      run.message_owner.try_emplace(run.message_owner.end(), std::string(id), owner_of(e));
  open(run.text, id, entry->second);
  if (!applies()) return;
  register_message(e, MessageKind::text, f);
  if (known != run.text_attributes.end()) return;
  run.text_attributes.emplace(
      id, TextAttributes{std::string(role),
                         e.name ? std::optional<std::string>(*e.name) : std::nullopt});
}

void Sequence::text_part(const Event& e, Findings& f, bool ends) {
  RunState& run = state_.run;
  const std::string_view id = key_of(e.message_id);
  const auto item = find_open(run.text, id);
  if (item == run.text.end()) {
    f.add(ends ? 3003 : 3002, "message " + quoted(id) + " is not open", "/messageId");
    return;
  }
  if (tag_contradicts(e, run.message_owner, id) &&
      f.add(3007, "message " + quoted(id) + " belongs to another owner", "/subagentRunId",
            item->second.index)) {
    return;
  }
  if (ends) close(run.text, item);
  if (!applies() || (state_.era == 0 && !state_.any_parts)) return;  // nothing of it can happen
  const auto message = state_.messages.find(id);
  if (message == state_.messages.end() || !state_.held(message->second)) {
    f.add(5202, "a snapshot dropped message " + quoted(id), "/messageId");
  } else if (message->second.parts && !ends) {
    f.add(6011, "text for message " + quoted(id) + ", whose content is a list", "/messageId");
  }
}

void Sequence::tool_start(const Event& e, Findings& f) {
  RunState& run = state_.run;
  const std::string_view id = key_of(e.tool_call_id);
  if (const auto held = run.tool.find(id); held != run.tool.end()) {
    f.add(3101, "call " + quoted(id) + " is open", "/toolCallId", held->second.index);
    return;
  }
  const auto parent = e.parent_message_id ? find_newest(run.message_owner, *e.parent_message_id)
                                          : run.message_owner.end();
  const bool parent_known = parent != run.message_owner.end();
  if (e.subagent_run_id && parent_known && parent->second != owner_of(e) &&
      f.add(3108, "the parent message belongs to another owner", "/subagentRunId")) {
    return;
  }
  const Owner owner = e.subagent_run_id ? owner_of(e) : parent_known ? parent->second : Owner();
  const auto held = run.call_owner.find(id);
  const bool claims = e.subagent_run_id || parent_known;
  if (claims && held != run.call_owner.end() && held->second != owner &&
      f.add(3107, "call " + quoted(id) + " belongs to another owner", "/toolCallId")) {
    return;
  }
  const auto known = run.call_attributes.find(id);
  if (known != run.call_attributes.end()) {
    const auto& [name, known_parent] = known->second;
    if (key_of(e.tool_call_name) != name &&
        f.add(3105, "call " + quoted(id) + " had name " + quoted(name), "/toolCallName")) {
      return;
    }
    if (e.parent_message_id && e.parent_message_id != Text(known_parent) &&
        f.add(3105, "call " + quoted(id) + " had another parent", "/parentMessageId")) {
      return;
    }
  }
  // The call, and the message that holds it.
  if (crowded(
          1, 2, [&] { return state_.calls.contains(id) ? 0U : 2U; }, f))
    return;
  open(run.tool, id, run.call_owner.emplace(id, owner).first->second);
  if (!applies()) return;
  place_call(e, id, f);
  if (known != run.call_attributes.end()) return;
  CallAttributes attributes{std::string(key_of(e.tool_call_name)), std::nullopt};
  if (e.parent_message_id) attributes.parent = *e.parent_message_id;
  run.call_attributes.emplace(id, std::move(attributes));
  run.calls.emplace_back(id);
  if (run.answered.contains(id)) --run.answered_elsewhere;
}

/// The message that holds a call: its parent if that is an assistant's, else one of its own.
void Sequence::place_call(const Event& e, std::string_view id, Findings& f) {
  const auto call = find_newest(state_.calls, id);
  if (call != state_.calls.end() && state_.held(call->second)) return;
  std::string_view holder = id;
  if (e.parent_message_id && !e.parent_message_id->empty()) {
    const auto parent = find_newest(state_.messages, *e.parent_message_id);
    const bool is_held = parent != state_.messages.end() && state_.held(parent->second);
    const bool assistant =
        is_held &&
        (parent->second.kind == MessageKind::holder ||
         (parent->second.kind == MessageKind::text && parent->second.role == "assistant"));
    if (is_held && !assistant) {
      f.add(3117, "message " + quoted(*e.parent_message_id) + " is no assistant's",
            "/parentMessageId");
    } else {
      holder = *e.parent_message_id;
    }
  }
  place_of(state_.calls, id).era = state_.era;
  const auto message = find_newest(state_.messages, holder);
  if (message == state_.messages.end() || !state_.held(message->second)) {
    Message& made = place_of(state_.messages, holder);
    if (message == state_.messages.end()) made.kind = MessageKind::holder;
    made.era = state_.era;
  }
}

void Sequence::tool_part(const Event& e, Findings& f, bool ends) {
  RunState& run = state_.run;
  const std::string_view id = key_of(e.tool_call_id);
  const auto item = find_open(run.tool, id);
  if (item == run.tool.end()) {
    f.add(ends ? 3103 : 3102, "call " + quoted(id) + " is not open", "/toolCallId");
    return;
  }
  if (tag_contradicts(e, run.call_owner, id) &&
      f.add(3106, "call " + quoted(id) + " belongs to another owner", "/subagentRunId",
            item->second.index)) {
    return;
  }
  if (ends) close(run.tool, item);
  if (!applies() || state_.era == 0) return;
  const auto call = state_.calls.find(id);
  if (call == state_.calls.end() || !state_.held(call->second)) {
    f.add(5202, "a snapshot dropped call " + quoted(id), "/toolCallId");
  }
}

void Sequence::tool_result(const Event& e, Findings& f) {
  RunState& run = state_.run;
  const std::string call(key_of(e.tool_call_id));
  const std::string_view message = key_of(e.message_id);
  const bool of_this_run = run.call_attributes.contains(call);
  const bool answered = run.answered.contains(call);
  const auto ids = [&] {
    return (state_.messages.contains(message) ? 0U : 1U) + (of_this_run || answered ? 0U : 1U);
  };
  if (crowded(0, 2, ids, f)) return;
  place_of(run.message_owner, message) = owner_of(e);
  if (!applies()) return;
  if (run.tool.contains(call)) {
    f.add(3114, "call " + quoted(call) + " is still open", "/toolCallId");
  }
  if (!of_this_run && !run.call_owner.contains(call) && !state_.calls.contains(call)) {
    f.add(3115, "call " + quoted(call) + " is not known", "/toolCallId");
  }
  if (answered) f.add(3116, "call " + quoted(call) + " has a result", "/toolCallId");
  result_of_frontend(call, f);
  state_.thread.unanswered.erase(call);
  register_message(e, MessageKind::tool, f);
  if (run.answered.insert(call).second && !of_this_run) ++run.answered_elsewhere;
}

void Sequence::span_start(const Event& e, Findings& f) {
  RunState& run = state_.run;
  const std::string_view id = key_of(e.message_id);
  if (const auto held = run.spans.find(id); held != run.spans.end()) {
    f.add(3205, "span " + quoted(id) + " is open", "/messageId", held->second.index);
    return;
  }
  if (tag_contradicts(e, run.reasoning_owner, id) &&
      f.add(3208, "span " + quoted(id) + " belongs to another owner", "/subagentRunId")) {
    return;
  }
  if (crowded(1, run.reasoning_owner.contains(id) ? 0 : 1, f)) return;
  open(run.spans, id, run.reasoning_owner.emplace(id, owner_of(e)).first->second);
}

void Sequence::span_end(const Event& e, Findings& f) {
  RunState& run = state_.run;
  const std::string_view id = key_of(e.message_id);
  const auto item = run.spans.find(id);
  if (item == run.spans.end()) {
    f.add(3206, "span " + quoted(id) + " is not open", "/messageId");
    return;
  }
  if (tag_contradicts(e, run.reasoning_owner, id) &&
      f.add(3209, "span " + quoted(id) + " belongs to another owner", "/subagentRunId",
            item->second.index)) {
    return;
  }
  close(run.spans, item);
}

void Sequence::reasoning_start(const Event& e, Findings& f) {
  RunState& run = state_.run;
  const std::string_view id = key_of(e.message_id);
  if (const auto held = run.reasoning.find(id); held != run.reasoning.end()) {
    f.add(3201, "reasoning message " + quoted(id) + " is open", "/messageId", held->second.index);
    return;
  }
  if (tag_contradicts(e, run.reasoning_owner, id) &&
      f.add(3208, "reasoning message " + quoted(id) + " belongs to another owner",
            "/subagentRunId")) {
    return;
  }
  const auto ids = [&] {
    return (state_.messages.contains(id) ? 0U : 1U) + (run.reasoning_owner.contains(id) ? 0U : 1U);
  };
  if (crowded(1, 2, ids, f)) return;
  open(run.reasoning, id, run.reasoning_owner.emplace(id, owner_of(e)).first->second);
  if (applies()) register_message(e, MessageKind::reasoning, f);
}

void Sequence::reasoning_part(const Event& e, Findings& f, bool ends) {
  RunState& run = state_.run;
  const std::string_view id = key_of(e.message_id);
  const auto item = find_open(run.reasoning, id);
  if (item == run.reasoning.end()) {
    f.add(ends ? 3203 : 3202, "reasoning message " + quoted(id) + " is not open", "/messageId");
    return;
  }
  if (tag_contradicts(e, run.reasoning_owner, id) &&
      f.add(3209, "reasoning message " + quoted(id) + " belongs to another owner", "/subagentRunId",
            item->second.index)) {
    return;
  }
  if (ends) close(run.reasoning, item);
  if (!applies() || state_.era == 0) return;
  const auto message = state_.messages.find(id);
  if (message == state_.messages.end() || !state_.held(message->second)) {
    f.add(5202, "a snapshot dropped reasoning message " + quoted(id), "/messageId");
  }
}

void Sequence::encrypted_value(const Event& e, Findings& f) {
  const RunState& run = state_.run;
  const std::string_view id = key_of(e.entity_id);
  const bool of_call = e.subtype == "tool-call";
  const OwnerMap& owners = of_call ? run.call_owner
                           : e.subtype == "message" && run.message_owner.contains(id)
                               ? run.message_owner
                               : run.reasoning_owner;
  if (tag_contradicts(e, owners, id) &&
      f.add(3210, quoted(id) + " belongs to another owner", "/subagentRunId")) {
    return;
  }
  if (!applies()) return;
  bool known = owners.contains(id);
  if (of_call) {
    const auto call = state_.calls.find(id);
    known = known || (call != state_.calls.end() && state_.held(call->second));
  } else if (!known) {
    const auto message = state_.messages.find(id);
    known = message != state_.messages.end() && state_.held(message->second) &&
            message->second.kind != MessageKind::activity;
  }
  if (!known) f.add(3211, quoted(id) + " is not known", "/entityId");
}

}  // namespace vouch::validator
