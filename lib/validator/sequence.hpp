// Stages 6 and 7 of RULES section 2: the rules of order and identity, and what accepted events
// change. One event at a time, O(log n); nothing is copied and history is never walked.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/validator/event.hpp"
#include "vouch/validator/findings.hpp"
#include "vouch/validator/run_state.hpp"

namespace vouch::validator {

class Sequence {
 public:
  explicit Sequence(const RuleSet& rules) : rules_(rules) {}

  /// Judges `event` and, unless a finding is fatal, applies it.
  void apply(const Event& event, Findings& findings);
  /// After a rejection: the run is abandoned, as by RUN_ERROR.
  void abandon() { state_.phase = Phase::failed; }

  const StreamState& state() const { return state_; }

 private:
  bool phase_allows(const Event& event, Findings& f) const;
  void run_started(const Event& e, Findings& f);
  void run_finished(const Event& e, Findings& f);
  void run_error(const Event& e, Findings& f);
  void step_started(const Event& e, Findings& f);
  void step_finished(const Event& e, Findings& f);
  bool complete(Findings& f) const;
  bool outcome(const Event& e, Findings& f) const;
  bool pending_list(const json::Value& outcome, Findings& f) const;
  void versions(const Event& e, Findings& f) const;
  void usage(const json::Value* entries, Findings& f) const;

  void text_start(const Event& e, Findings& f);
  void text_part(const Event& e, Findings& f, bool ends);
  void tool_start(const Event& e, Findings& f);
  void tool_part(const Event& e, Findings& f, bool ends);
  void tool_result(const Event& e, Findings& f);
  void span_start(const Event& e, Findings& f);
  void span_end(const Event& e, Findings& f);
  void reasoning_start(const Event& e, Findings& f);
  void reasoning_part(const Event& e, Findings& f, bool ends);
  void encrypted_value(const Event& e, Findings& f);

  void subagent_started(const Event& e, Findings& f);
  void subagent_ended(const Event& e, Findings& f);

  void set_document(json::Value document);
  void state_delta(const Event& e, Findings& f);
  void messages_snapshot(const Event& e, Findings& f);
  void activity_snapshot(const Event& e, Findings& f);
  void activity_delta(const Event& e, Findings& f);
  void seed_message(const json::Value& message, bool overwrite);
  void register_message(std::string_view id, MessageKind kind, Findings& f);

  RuleSet rules_;
  StreamState state_;
};

}  // namespace vouch::validator
