// The state document, activities (RULES 2.6, 3.8), subagents (RULES 3.7).
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "vouch/validator/owners.hpp"
#include "vouch/validator/sequence.hpp"

namespace vouch::validator {
namespace {

/// A tree of the event that is applied, see Sequence::apply.
json::Value taken(const json::Value& tree) {
  return std::move(const_cast<json::Value&>(tree));
}

/// Some operation puts another value in the place of the whole document.
bool replaces_root(const json::Value& patch) {
  const auto* ops = patch.get<json::Array>();
  return ops != nullptr && std::ranges::any_of(*ops, [](const json::Value& op) {
           const std::string* path = op.find_text("path");
           const std::string* from = op.find_text("from");
           return (path != nullptr && path->empty()) || (from != nullptr && from->empty());
         });
}

}  // namespace

void Sequence::subagent_started(const Event& e, Findings& f) {
  RunState& run = state_.run;
  const std::string id(key_of(e.subagent_run_id));
  if (const auto active = run.subagents_active.find(id); active != run.subagents_active.end()) {
    f.add(4001, "subagent " + quoted(id) + " is active", "/subagentRunId", active->second);
    return;
  }
  if (run.subagents_closed.contains(id) &&
      f.add(4002, "subagent " + quoted(id) + " has ended in this run", "/subagentRunId")) {
    return;
  }
  const Text& parent = e.parent_subagent_run_id;
  if (parent && !run.subagents_active.contains(*parent) &&
      !run.subagents_closed.contains(*parent) &&
      f.add(4003, "parent subagent " + quoted(*parent) + " is not known", "/parentSubagentRunId")) {
    return;
  }
  if (run.tags_seen.contains(id) &&
      f.add(4006, "events of subagent " + quoted(id) + " came before it", "/subagentRunId")) {
    return;
  }
  if (crowded(1, 1, f)) return;
  run.subagents_active.emplace(id, index_);
  if (!applies()) return;
  const Text& call = e.parent_tool_call_id;
  const Text& message = e.parent_message_id;
  if (call && !run.call_owner.contains(*call) && !state_.calls.contains(*call)) {
    f.add(4010, "call " + quoted(*call) + " is not known", "/parentToolCallId");
  }
  if (message && !state_.messages.contains(*message)) {
    f.add(4010, "message " + quoted(*message) + " is not known", "/parentMessageId");
  }
}

void Sequence::subagent_ended(const Event& e, Findings& f) {
  RunState& run = state_.run;
  const auto active = run.subagents_active.find(key_of(e.subagent_run_id));
  if (active == run.subagents_active.end()) {
    f.add(4004, "subagent " + quoted(key_of(e.subagent_run_id)) + " is not active",
          "/subagentRunId");
    return;
  }
  const auto open = run.open_of_subagent.find(active->first);
  if (open != run.open_of_subagent.end()) {
    f.add(4008, "the subagent leaves " + std::to_string(open->second) + " items open",
          "/subagentRunId", active->second);
  }
  run.subagents_closed.insert(active->first);
  run.subagents_active.erase(active);
  if (!applies()) return;
  const json::Value* suspended = e.outcome == nullptr ? nullptr : e.outcome->find("interruptIds");
  if (suspended == nullptr) return;
  for (const json::Value& id : *suspended->get<json::Array>()) {
    run.suspended_interrupts.insert(*id.get<std::string>());
  }
}

void Sequence::note_tag(std::string_view tag, bool is_new, Findings& f) {
  RunState& run = state_.run;
  if (is_new) run.tags_seen.emplace(tag);
  if (run.subagents_closed.contains(tag)) {
    f.add(4009, "subagent " + quoted(tag) + " has ended", "/subagentRunId");
  } else if (is_new && !run.subagents_active.contains(tag)) {
    f.add(4011, "subagent " + quoted(tag) + " was not announced", "/subagentRunId");
  }
}

void Sequence::state_snapshot(const Event& e, Findings& f) {
  if (!applies()) return;
  // agui-0.0.58 lets the snapshot be missing.
  json::Value document = e.value == nullptr ? json::Value() : taken(*e.value);
  const std::size_t weight = json::weight(document);
  if (weight > state_.document_budget.max && f.add(1008, "the state is too large", "/snapshot")) {
    return;
  }
  state_.document_names.forget();
  state_.document = std::move(document);
  state_.document_budget.used = weight;
  state_.baseline_known = true;
}

void Sequence::state_delta(const Event& e, Findings& f) {
  if (!applies()) return;
  if (!state_.baseline_known) {
    f.add(5004, "no state was sent before; an empty one is assumed", "/delta");
    state_.document_names.forget();
    state_.document = json::Value(json::Object{});
    state_.document_budget.used = json::weight(state_.document);
    state_.baseline_known = true;
  }
  const auto failure = json::apply_patch(state_.document, taken(*e.patch), state_.document_budget,
                                         state_.document_names);
  if (!failure) return;
  f.add(failure->over_budget ? 1008 : 5001, failure->reason,
        "/delta/" + std::to_string(failure->op));
}

void Sequence::set_activity(std::string_view id, const json::Value& content) {
  json::Value& held = state_.activities[std::string(id)];
  std::size_t& used = state_.activities_budget.used;
  used -= std::min(used, json::weight(held));
  used += json::weight(content);
  held = content;
}

void Sequence::activity_snapshot(const Event& e, Findings& f) {
  const std::string id(key_of(e.message_id));
  const bool replaces = e.replace.value_or(true);
  const auto owner = state_.run.activity_owner.find(id);
  const bool owned = owner != state_.run.activity_owner.end();
  const auto message = state_.messages.find(id);
  const bool is_new = message == state_.messages.end();
  if (crowded(0, is_new ? 1 : 0, f)) return;
  if (applies()) {
    const std::size_t used = state_.activities_budget.used + json::weight(*e.content);
    if (used > state_.activities_budget.max && f.add(1008, "the activities are too large")) return;
    if (!replaces && tag_contradicts(e, state_.run.activity_owner, id)) {
      f.add(5106, "activity " + quoted(id) + " belongs to another owner", "/subagentRunId");
    }
    const bool held = !is_new && state_.held(message->second);
    const bool known = held && message->second.kind == MessageKind::activity;
    const bool conflict = !is_new && message->second.kind != MessageKind::activity &&
                          message->second.kind != MessageKind::holder;
    if (conflict) f.add(6011, "message " + quoted(id) + " was of another kind", "/messageId");
    if (replaces || !held) {
      Message& made = state_.messages[id];
      const bool from_result = made.from_result;
      made = Message();
      made.kind = MessageKind::activity;
      made.from_result = from_result;
      made.owner = owner_of(e);
    }
    if (replaces || !held || known) {
      Message& stated = state_.messages[id];
      stated.run = state_.runs;
      stated.era = state_.era;
    }
    if (replaces || !held) set_activity(id, *e.content);
  }
  if (replaces || !owned) state_.run.activity_owner[id] = owner_of(e);
}

void Sequence::activity_delta(const Event& e, Findings& f) {
  const std::string_view id = key_of(e.message_id);
  if (tag_contradicts(e, state_.run.activity_owner, id) &&
      f.add(5105, "activity " + quoted(id) + " belongs to another owner", "/subagentRunId")) {
    return;
  }
  if (!applies()) return;
  const auto message = state_.messages.find(id);
  if (message == state_.messages.end() || !state_.held(message->second)) {
    f.add(5101, "message " + quoted(id) + " is not known", "/messageId");
    return;
  }
  const auto content = state_.activities.find(id);
  if (message->second.kind != MessageKind::activity || content == state_.activities.end()) {
    f.add(5102, "message " + quoted(id) + " is no activity", "/messageId");
    return;
  }
  patch_activity(e, content->second, f);
}

void Sequence::patch_activity(const Event& e, json::Value& content, Findings& f) {
  const bool may_change_type = replaces_root(*e.patch);
  const json::Value before = may_change_type ? content : json::Value();
  json::PatchBudget& budget = state_.activities_budget;
  const std::size_t used = budget.used;
  if (const auto failure = json::apply_patch(content, taken(*e.patch), budget)) {
    f.add(failure->over_budget ? 1008 : 5103, failure->reason,
          "/patch/" + std::to_string(failure->op));
  } else if (may_change_type && content.get<json::Object>() == nullptr) {
    content = before;
    budget.used = used;
    f.add(5104, "the patched content is no object; the old one stays", "/patch");
  }
}

}  // namespace vouch::validator
