// Subagents, the state document, snapshots, activities (RULES 2.6, 3.7, 3.8).
// SPDX-License-Identifier: MIT
#include "vouch/schemas/json_patch.hpp"
#include "vouch/validator/owners.hpp"
#include "vouch/validator/sequence.hpp"

namespace vouch::validator {
namespace {

Owner owner_of_message(const json::Value& message) {
  const std::string* tag = message.find_text("subagentRunId");
  return tag == nullptr ? Owner() : Owner(*tag);
}

MessageKind kind_of_role(const std::string& role) {
  if (role == "tool") return MessageKind::tool;
  if (role == "reasoning") return MessageKind::reasoning;
  if (role == "activity") return MessageKind::activity;
  return MessageKind::text;
}

/// encryptedValueType means nothing without its value (3212).
bool type_without_value(const json::Value& object) {
  return object.find("encryptedValueType") != nullptr && object.find("encryptedValue") == nullptr;
}

}  // namespace

void Sequence::subagent_started(const Event& e, Findings& f) {
  RunState& run = state_.run;
  const std::string id(*e.subagent_run_id);
  if (run.subagents_active.contains(id)) {
    f.add(4001, "subagent " + quoted(id) + " is active", "/subagentRunId");
    return;
  }
  if (run.subagents_closed.contains(id)) {
    f.add(4002, "subagent " + quoted(id) + " has ended in this run", "/subagentRunId");
    return;
  }
  const Text& parent = e.parent_subagent_run_id;
  if (parent && !run.subagents_active.contains(*parent) &&
      !run.subagents_closed.contains(*parent)) {
    f.add(4003, "parent subagent " + quoted(*parent) + " is not known", "/parentSubagentRunId");
    return;
  }
  if (run.tags_seen.contains(id) &&
      f.add(4006, "events of subagent " + quoted(id) + " came before it", "/subagentRunId")) {
    return;
  }
  run.subagents_active.insert(id);
}

void Sequence::subagent_ended(const Event& e, Findings& f) {
  RunState& run = state_.run;
  const auto active = run.subagents_active.find(*e.subagent_run_id);
  if (active == run.subagents_active.end()) {
    f.add(4004, "subagent " + quoted(*e.subagent_run_id) + " is not active", "/subagentRunId");
    return;
  }
  run.subagents_closed.insert(*active);
  run.subagents_active.erase(active);
  const json::Value* suspended = e.outcome == nullptr ? nullptr : e.outcome->find("interruptIds");
  if (suspended == nullptr) return;
  for (const json::Value& id : *suspended->get<json::Array>()) {
    run.suspended_interrupts.insert(*id.get<std::string>());
  }
}

void Sequence::set_document(json::Value document) {
  state_.document_budget.used = json::weight(document);
  state_.document = std::move(document);
  state_.baseline_known = true;
}

void Sequence::state_delta(const Event& e, Findings& f) {
  if (!state_.baseline_known) {
    f.add(5004, "no state was sent before; an empty one is assumed", "/delta");
    set_document(json::Value(json::Object{}));
  }
  if (const auto failure = json::apply_patch(state_.document, *e.patch, state_.document_budget)) {
    f.add(5001, failure->reason, "/delta/" + std::to_string(failure->op));
  }
}

void Sequence::seed_message(const json::Value& message, bool overwrite) {
  RunState& run = state_.run;
  const std::string& id = *message.find_text("id");
  const std::string& role = *message.find_text("role");
  const Owner owner = owner_of_message(message);
  const MessageKind kind = kind_of_role(role);
  OwnerMap& owners = kind == MessageKind::reasoning  ? run.reasoning_owner
                     : kind == MessageKind::activity ? run.activity_owner
                                                     : run.message_owner;
  if (!overwrite && owners.contains(id)) return;
  owners[id] = owner;
  state_.messages.insert_or_assign(id, kind);
  if (kind == MessageKind::activity) state_.activities[id] = *message.find("content");
  if (kind == MessageKind::text) {
    TextAttributes attributes{role, std::nullopt};
    if (const std::string* name = message.find_text("name")) attributes.name = *name;
    run.text_attributes.insert_or_assign(id, std::move(attributes));
  }
  const json::Value* calls = message.find("toolCalls");
  if (calls == nullptr) return;
  for (const json::Value& call : *calls->get<json::Array>()) {
    const std::string& call_id = *call.find_text("id");
    if (overwrite || !run.call_owner.contains(call_id)) run.call_owner[call_id] = owner;
  }
}

void Sequence::messages_snapshot(const Event& e, Findings& f) {
  const json::Array& messages = *e.messages->get<json::Array>();
  Ids seen;
  bool has_activity = false, has_reasoning = false;
  for (const json::Value& message : messages) {
    const std::string& id = *message.find_text("id");
    if (!seen.insert(id).second)
      f.add(5201, "message " + quoted(id) + " appears twice", "/messages");
    if (type_without_value(message)) f.add(3212, "message " + quoted(id), "/messages");
    has_activity |= *message.find_text("role") == "activity";
    has_reasoning |= *message.find_text("role") == "reasoning";
  }
  std::erase_if(state_.messages, [&](const auto& held) {
    if (held.second == MessageKind::activity && !has_activity) return false;
    if (held.second == MessageKind::reasoning && !has_reasoning) return false;
    return !seen.contains(held.first);
  });
  std::erase_if(state_.activities,
                [&](const auto& held) { return !state_.messages.contains(held.first); });
  for (const json::Value& message : messages) seed_message(message, true);
}

void Sequence::activity_snapshot(const Event& e, Findings& f) {
  const std::string id(*e.message_id);
  const bool replaces = e.replace.value_or(true);
  const auto owner = state_.run.activity_owner.find(id);
  const bool known = state_.activities.contains(id);
  if (!replaces && owner != state_.run.activity_owner.end() && owner->second != owner_of(e)) {
    f.add(5106, "activity " + quoted(id) + " belongs to another owner", "/subagentRunId");
  }
  if (replaces || owner == state_.run.activity_owner.end()) {
    state_.run.activity_owner.insert_or_assign(id, owner_of(e));
  }
  const auto held = state_.messages.find(id);
  const bool conflict = held != state_.messages.end() && held->second != MessageKind::activity;
  if (conflict) f.add(6011, "message " + quoted(id) + " was of another kind", "/messageId");
  if (conflict && !replaces) return;
  state_.messages.insert_or_assign(id, MessageKind::activity);
  if (replaces || !known) state_.activities.insert_or_assign(id, *e.content);
}

void Sequence::activity_delta(const Event& e, Findings& f) {
  const std::string id(*e.message_id);
  if (tag_contradicts(e, state_.run.activity_owner, id)) {
    f.add(5105, "activity " + quoted(id) + " belongs to another owner", "/subagentRunId");
    return;
  }
  const auto held = state_.messages.find(id);
  if (held == state_.messages.end()) {
    f.add(5101, "message " + quoted(id) + " is not known", "/messageId");
    return;
  }
  if (held->second != MessageKind::activity) {
    f.add(5102, "message " + quoted(id) + " is no activity", "/messageId");
    return;
  }
  json::Value patched = state_.activities[id];
  if (const auto failure = json::apply_patch(patched, *e.patch)) {
    f.add(5103, failure->reason, "/patch/" + std::to_string(failure->op));
  } else if (patched.get<json::Object>() == nullptr) {
    f.add(5104, "the patched content is no object; the old one stays", "/patch");
  } else {
    state_.activities[id] = std::move(patched);
  }
}

}  // namespace vouch::validator
