// SPDX-License-Identifier: MIT
#include "vouch/validator/thread_state.hpp"

#include <algorithm>

#include "vouch/schemas/json_patch.hpp"
#include "vouch/validator/owners.hpp"

namespace vouch::validator {
namespace {

const json::Array& list_of(const json::Value* value) {
  static const json::Array none;
  const auto* list = value == nullptr ? nullptr : value->get<json::Array>();
  return list == nullptr ? none : *list;
}

/// The call that a tool message answers; null for other messages.
const std::string* answered_call(const json::Value& message) {
  const std::string* role = message.find_text("role");
  return role != nullptr && *role == "tool" ? message.find_text("toolCallId") : nullptr;
}

std::string at(std::string_view list, std::size_t index) {
  return "/" + std::string(list) + "/" + std::to_string(index);
}

void judge_resume(const json::Value& input, const ThreadState& thread, const InputFinding& found) {
  const json::Array& entries = list_of(input.find("resume"));
  if (thread.interrupts.empty()) {
    if (!entries.empty())
      found(6034, Severity::fatal, "no interrupt of the thread is open", "/resume");
    return;
  }
  Ids named;
  for (const json::Value& entry : entries) named.insert(*entry.find_text("interruptId"));
  for (const auto& [id, interrupt] : thread.interrupts) {
    if (named.contains(id)) continue;
    found(6030, Severity::fatal, "interrupt " + quoted(id) + " is not answered",
          entries.empty() ? "" : "/resume");
  }
  Ids seen;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::string& id = *entries[i].find_text("interruptId");
    const std::string where = at("resume", i) + "/interruptId";
    if (!thread.interrupts.contains(id)) {
      found(6031, Severity::fatal, "interrupt " + quoted(id) + " is not open", where);
    }
    if (!seen.insert(id).second)
      found(6032, Severity::fatal, "interrupt " + quoted(id) + " is answered twice", where);
  }
}

void judge_calls(const json::Value& input, const ThreadState& thread, const InputFinding& found) {
  Ids answered;
  for (const json::Value& message : list_of(input.find("messages"))) {
    if (const std::string* call = answered_call(message)) answered.insert(*call);
  }
  Ids interrupted;
  for (const auto& [id, interrupt] : thread.interrupts) {
    if (interrupt.call) interrupted.insert(*interrupt.call);
  }
  for (const auto& [id, call] : thread.unanswered) {
    if (answered.contains(id) || interrupted.contains(id)) continue;
    found(6040, call.frontend ? Severity::fatal : Severity::info,
          "call " + quoted(id) + " of " + quoted(call.tool) + " is not answered", "/messages");
  }
}

}  // namespace

void ThreadState::answered_by(const json::Value* messages) {
  if (unanswered.empty()) return;
  for (const json::Value& message : list_of(messages)) {
    if (const std::string* call = answered_call(message)) unanswered.erase(*call);
  }
}

void judge_input(const json::Value& input, const ThreadState& thread, const json::Value* last_state,
                 const InputFinding& found) {
  judge_resume(input, thread, found);
  judge_calls(input, thread, found);
  const json::Array& messages = list_of(input.find("messages"));
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (*messages[i].find_text("role") == "activity") {
      found(6041, Severity::fatal, "an activity is sent back", at("messages", i));
    }
  }
  if (last_state == nullptr) return;
  static const json::Value nothing(json::Object{});
  const json::Value* state = input.find("state");
  if (json::deep_equal(state == nullptr ? nothing : *state, *last_state)) return;
  found(6043, Severity::fatal, "the state is not the one that the last run left",
        state == nullptr ? "" : "/state");
}

std::optional<Ids> tool_names(const json::Value& input) {
  const json::Value* tools = input.find("tools");
  if (tools == nullptr) return std::nullopt;
  Ids out;
  for (const json::Value& tool : list_of(tools)) out.insert(*tool.find_text("name"));
  return out;
}

}  // namespace vouch::validator
