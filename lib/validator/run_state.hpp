// The fold state of one stream (RULES 2.5, 2.6): what the sequence rules read and accepted events
// update. Every question is a look-up by id; nothing walks history. Ordered containers, so that
// equal streams give equal states everywhere. Deliberately absent: the texts of messages and calls,
// which no rule reads.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "vouch/schemas/json_patch.hpp"
#include "vouch/schemas/json_value.hpp"
#include "vouch/validator/thread_state.hpp"

namespace vouch::validator {

/// The value of subagentRunId; nothing = the parent agent. "" is a legal id of a subagent.
using Owner = std::optional<std::string>;
/// No entry, an entry owned by the parent, an entry owned by a subagent: three different states.
using OwnerMap = std::map<std::string, Owner, std::less<>>;
using Ids = std::set<std::string, std::less<>>;

enum class Phase : std::uint8_t { init, active, finished, failed };

/// `holder`: an assistant message that exists only because a tool call needs one.
enum class MessageKind : std::uint8_t { text, tool, reasoning, activity, holder };

/// What the stream knows of a message, through all its runs.
struct Message {
  MessageKind kind = MessageKind::text;
  bool parts = false;        ///< its content is a list of parts
  bool from_result = false;  ///< a TOOL_CALL_RESULT named it
  std::uint64_t run = 0;     ///< run in which it was last stated, counted from 1
  std::uint64_t era = 0;     ///< snapshots before it was last stated, see StreamState::held
  std::string role;
  std::optional<std::string> name;
  Owner owner;
};

/// What the stream knows of a tool call, through all its runs.
struct Call {
  std::uint64_t era = 0;
};

/// Something between its start and its end.
struct OpenItem {
  Owner owner;
  std::int64_t index = 0;  ///< of the event that opened it
};
using OpenItems = std::map<std::string, OpenItem, std::less<>>;

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
  bool nameless = false;   ///< assumed by continue mode: nobody said which run it is
  std::int64_t index = 0;  ///< of its RUN_STARTED
  OpenItems text, tool, reasoning, spans;
  std::map<std::string, std::map<Owner, std::int64_t>, std::less<>> steps;  ///< name, owner, index
  std::size_t steps_open = 0;
  std::map<std::string, std::int64_t, std::less<>> subagents_active;  ///< index of the start
  Ids subagents_closed, tags_seen;
  std::map<std::string, std::size_t, std::less<>> open_of_subagent;  ///< open items and steps
  OwnerMap message_owner, call_owner, reasoning_owner, activity_owner;
  std::map<std::string, TextAttributes, std::less<>> text_attributes;
  std::map<std::string, CallAttributes, std::less<>> call_attributes;
  std::vector<std::string> calls;  ///< by first start
  Ids answered;
  std::size_t answered_elsewhere = 0;  ///< of `answered`, those that are no calls of this run
  Ids suspended_interrupts;            ///< named by suspended subagents
  std::optional<Ids> tools;            ///< of the input, when it is known
  bool thinking = false, thinking_text = false;  ///< of agui-0.0.58

  /// What rule 1008 counts as open.
  std::size_t open_items() const {
    return text.size() + tool.size() + reasoning.size() + spans.size() + steps_open +
           subagents_active.size();
  }
  void close_everything() {
    text.clear();
    tool.clear();
    reasoning.clear();
    spans.clear();
    steps.clear();
    steps_open = 0;
    subagents_active.clear();
    open_of_subagent.clear();
  }
};

/// Persists over runs.
struct StreamState {
  Phase phase = Phase::init;
  std::optional<std::string> thread_id;
  Ids run_ids;
  std::uint64_t runs = 0;  ///< accepted RUN_STARTED events
  RunState run;
  ThreadState thread;  ///< what the runs before left
  json::Value document;
  bool baseline_known = false;
  json::NameIndex document_names;
  json::PatchBudget document_budget, activities_budget;  ///< kept: weighing costs the size
  std::map<std::string, Message, std::less<>> messages;
  bool any_parts = false;  ///< some message has had parts
  std::map<std::string, json::Value, std::less<>> activities;
  std::map<std::string, Call, std::less<>> calls;
  /// Accepted MESSAGES_SNAPSHOT events, and the last ones that dropped messages of each kind.
  std::uint64_t era = 0, text_era = 0, reasoning_era = 0, activity_era = 0;

  /// What rule 1008 counts as known ids: those of runs, messages and calls, and of the current run
  /// those of reasoning items, subagents and answers to foreign calls.
  std::size_t known_ids() const {
    return run_ids.size() + messages.size() + calls.size() + run.reasoning_owner.size() +
           run.tags_seen.size() + run.subagents_active.size() + run.subagents_closed.size() +
           run.answered_elsewhere + run.suspended_interrupts.size();
  }
  /// No snapshot has dropped it.
  bool held(const Message& message) const {
    return message.era >= (message.kind == MessageKind::reasoning  ? reasoning_era
                           : message.kind == MessageKind::activity ? activity_era
                                                                   : text_era);
  }
  bool held(const Call& call) const { return call.era >= text_era; }
};

}  // namespace vouch::validator
