// What the runs of a thread leave for the next one, and the rules that an input document is judged
// by against it (RULES 3.9). Deliberately absent: where the runs come from, one stream or several.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "vouch/schemas/json_value.hpp"
#include "vouch/validator/verdict.hpp"

namespace vouch::validator {

/// A question of the last finished run that waits for an answer.
struct OpenInterrupt {
  std::optional<std::string> call;        ///< the tool call that it is about
  std::optional<std::string> expires_at;  ///< as sent
  bool operator==(const OpenInterrupt&) const = default;
};

/// A tool call that a finished run left without a result.
struct UnansweredCall {
  std::string tool;
  bool frontend = false;  ///< named in pendingToolCallIds, or its tool stood in the run's input
  bool operator==(const UnansweredCall&) const = default;
};

struct ThreadState {
  /// The thread has had a run, so that what is not listed here is not open.
  bool begun = false;
  std::map<std::string, OpenInterrupt, std::less<>> interrupts;
  std::map<std::string, UnansweredCall, std::less<>> unanswered;
  bool operator==(const ThreadState&) const = default;

  /// The tool messages among these answer calls.
  void answered_by(const json::Value* messages);
};

/// What earlier streams left of the thread of that name.
using EarlierRuns = std::function<ThreadState(std::string_view)>;

/// Hears of a finding: code, the severity that it has at most, message, and where in the input.
using InputFinding = std::function<void(std::uint16_t, Severity, std::string, std::string)>;

/// Judges a RunAgentInput that asks for the next run of the thread; its structure has been judged.
/// `last_state`: the state that the thread's last run left, null when it is not known. All that is
/// wrong is found, by ascending number within the answers to interrupts, calls, messages, state.
void judge_input(const json::Value& input, const ThreadState& thread, const json::Value* last_state,
                 const InputFinding& found);

/// Names in the `tools` of an input; nothing when it has none.
std::optional<std::set<std::string, std::less<>>> tool_names(const json::Value& input);

}  // namespace vouch::validator
