// The fold state of one stream (RULES 2.5): what the sequence rules read and accepted events
// update. Every question is a look-up by id; nothing walks history. Ordered containers, so that
// equal streams give equal states everywhere.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "vouch/schemas/json_patch.hpp"
#include "vouch/schemas/json_value.hpp"

namespace vouch::validator {

/// The value of subagentRunId; nothing = the parent agent. "" is a legal id of a subagent.
using Owner = std::optional<std::string>;
/// No entry, an entry owned by the parent, an entry owned by a subagent: three different states.
using OwnerMap = std::map<std::string, Owner, std::less<>>;
using Ids = std::set<std::string, std::less<>>;

enum class Phase : std::uint8_t { init, active, finished, failed };
enum class MessageKind : std::uint8_t { text, tool, reasoning, activity };

struct TextAttributes {
  std::string role;
  std::optional<std::string> name;
};

struct CallAttributes {
  std::string name;
  std::optional<std::string> parent;
};

/// Cleared by every accepted RUN_STARTED.
struct RunState {
  std::string thread_id, run_id;
  Ids text, tool, reasoning, spans;
  std::set<std::pair<Owner, std::string>> steps;
  Ids subagents_active, subagents_closed, tags_seen;
  OwnerMap message_owner, call_owner, reasoning_owner, activity_owner;
  std::map<std::string, TextAttributes, std::less<>> text_attributes;
  std::map<std::string, CallAttributes, std::less<>> call_attributes;
  std::vector<std::string> calls;  ///< by first start
  Ids answered;
  Ids suspended_interrupts;  ///< named by suspended subagents

  std::size_t open_items() const {
    return text.size() + tool.size() + reasoning.size() + spans.size() + steps.size() +
           subagents_active.size();
  }
};

/// Persists over runs.
struct StreamState {
  Phase phase = Phase::init;
  std::optional<std::string> thread_id;
  Ids run_ids;
  RunState run;
  json::Value document;
  json::PatchBudget document_budget;  ///< of `document`: kept, for weighing it costs its size
  bool baseline_known = false;
  std::map<std::string, MessageKind, std::less<>> messages;
  std::map<std::string, json::Value, std::less<>> activities;
};

}  // namespace vouch::validator
