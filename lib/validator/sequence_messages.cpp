// The register of messages: what starts, snapshots and echoed inputs state about them (RULES 2.5,
// 2.6, 3.8, 3.9).
// SPDX-License-Identifier: MIT
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

OwnerMap& owners_of(RunState& run, MessageKind kind) {
  switch (kind) {
    case MessageKind::reasoning:
      return run.reasoning_owner;
    case MessageKind::activity:
      return run.activity_owner;
    default:
      return run.message_owner;
  }
}

const json::Array& calls_of(const json::Value& message) {
  static const json::Array none;
  const json::Value* calls = message.find("toolCalls");
  const auto* list = calls == nullptr ? nullptr : calls->get<json::Array>();
  return list == nullptr ? none : *list;
}

/// encryptedValueType means nothing without its value.
bool type_without_value(const json::Value& object) {
  return object.find("encryptedValueType") != nullptr && object.find("encryptedValue") == nullptr;
}

}  // namespace

void Sequence::register_message(const Event& e, MessageKind kind, Findings& f) {
  const std::string_view id = key_of(e.message_id);
  const bool by_result = e.kind == Kind::tool_call_result;
  const std::size_t known = state_.messages.size();
  Message& held = place_of(state_.messages, id);
  const bool is_new = state_.messages.size() > known;
  const std::string_view role = e.role.value_or("assistant");
  if (!is_new && held.kind != MessageKind::holder) {
    const bool other_text =
        kind == MessageKind::text && (role != held.role || (e.name && e.name != Text(held.name)));
    const bool other_owner = e.subagent_run_id && owner_of(e) != held.owner;
    if (held.kind != kind) {
      f.add(6011, "message " + quoted(id) + " was of another kind", "/messageId");
    } else if (by_result && held.from_result) {
      f.add(6012, "message " + quoted(id) + " is a result already", "/messageId");
    } else if (!by_result && held.run != state_.runs && (other_text || other_owner)) {
      f.add(6010, "message " + quoted(id) + " had another role, name or owner", "/messageId");
    }
  }
  if (is_new || held.kind == MessageKind::holder || !state_.held(held)) {
    held.kind = kind;
    held.role = kind == MessageKind::text ? role : std::string_view();
    held.name = e.name ? std::optional<std::string>(*e.name) : std::nullopt;
    held.owner = owner_of(e);
    held.parts = by_result && e.content != nullptr && e.content->get<json::Array>() != nullptr;
    held.era = state_.era;
    state_.any_parts |= held.parts;
  }
  held.from_result |= by_result;
  held.run = state_.runs;
}

std::size_t Sequence::new_ids(const json::Array& messages) const {
  std::size_t count = 0;
  for (const json::Value& message : messages) {
    const std::string* id = message.find_text("id");
    if (id != nullptr && !state_.messages.contains(*id)) ++count;
    for (const json::Value& call : calls_of(message)) {
      const std::string* call_id = call.find_text("id");
      if (call_id != nullptr && !state_.calls.contains(*call_id)) ++count;
    }
  }
  return count;
}

bool Sequence::too_much_activity(const json::Array& messages, std::size_t used, Findings& f) const {
  if (!applies()) return false;
  for (const json::Value& message : messages) {
    const std::string* role = message.find_text("role");
    const bool activity = role != nullptr && *role == "activity";
    if (activity) used += json::weight(*message.find("content"));
  }
  return used > state_.activities_budget.max && f.add(1008, "the activities are too large");
}

void Sequence::check_message(const json::Value& message, const std::string& path,
                             Findings& f) const {
  if (type_without_value(message)) f.add(3212, "a type without its value", path);
  const json::Array& calls = calls_of(message);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (!type_without_value(calls[i])) continue;
    f.add(3212, "a type without its value", path + "/toolCalls/" + std::to_string(i));
  }
}

void Sequence::seed_message(const json::Value& message, bool overwrite) {
  const std::string* id = message.find_text("id");
  const std::string* role = message.find_text("role");
  if (id == nullptr || role == nullptr) return;  // sequence-only mode sees such
  const MessageKind kind = kind_of_role(*role);
  const Owner owner = owner_of_message(message);
  OwnerMap& owners = owners_of(state_.run, kind);
  const bool has_entry = !owners.emplace(*id, owner).second;
  seed_calls(message, owner, overwrite);
  if (has_entry && !overwrite) return;
  owners[*id] = owner;
  if (!applies()) return;
  if (kind == MessageKind::text) {
    state_.run.text_attributes.insert_or_assign(
        *id, TextAttributes{*role, optional_text(message, "name")});
  }
  Message& held = state_.messages.try_emplace(*id).first->second;
  const bool stated = overwrite || held.run == 0 || !state_.held(held);
  held.run = state_.runs;
  held.era = state_.era;
  if (!stated && held.kind != MessageKind::holder) return;
  held.kind = kind;
  held.role = *role;
  held.name = optional_text(message, "name");
  held.owner = owner;
  const json::Value* content = message.find("content");
  held.parts = content != nullptr && content->get<json::Array>() != nullptr;
  state_.any_parts |= held.parts;
  if (kind == MessageKind::activity) set_activity(*id, *content);
}

void Sequence::seed_calls(const json::Value& message, const Owner& owner, bool overwrite) {
  for (const json::Value& call : calls_of(message)) {
    const std::string* id = call.find_text("id");
    if (id == nullptr) continue;
    if (overwrite) {
      state_.run.call_owner.insert_or_assign(*id, owner);
    } else {
      state_.run.call_owner.emplace(*id, owner);
    }
    if (applies()) state_.calls[*id].era = state_.era;
  }
}

void Sequence::messages_snapshot(const Event& e, Findings& f) {
  const auto* list = e.messages == nullptr ? nullptr : e.messages->get<json::Array>();
  if (list == nullptr) return;
  if (!applies()) {
    for (const json::Value& message : *list) seed_message(message, true);
    return;
  }
  bool has_activity = false, has_reasoning = false;
  for (const json::Value& message : *list) {
    has_activity |= *message.find_text("role") == "activity";
    has_reasoning |= *message.find_text("role") == "reasoning";
  }
  if (crowded(0, new_ids(*list), f) || too_much_activity(*list, 0, f)) return;
  Ids seen;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string at = "/messages/" + std::to_string(i);
    const std::string& id = *(*list)[i].find_text("id");
    if (!seen.insert(id).second) f.add(5201, "message " + quoted(id) + " appears twice", at);
    check_message((*list)[i], at, f);
  }
  state_.text_era = ++state_.era;
  if (has_reasoning) state_.reasoning_era = state_.era;
  if (has_activity) {
    state_.activity_era = state_.era;
    state_.activities.clear();
    state_.activities_budget.used = 0;
  }
  for (const json::Value& message : *list) seed_message(message, true);
  state_.thread.answered_by(e.messages);
}

}  // namespace vouch::validator
