// Stages 6 and 7 of RULES section 2: the rules of order and identity, and what accepted events
// change. One event at a time, O(log n); nothing is copied and history is never walked.
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <type_traits>

#include "vouch/validator/event.hpp"
#include "vouch/validator/findings.hpp"
#include "vouch/validator/mode.hpp"
#include "vouch/validator/run_state.hpp"

namespace vouch::validator {

class Sequence {
 public:
  Sequence(const RuleSet& rules, Mode mode) : rules_(rules), mode_(mode) {}

  /// Judges `event`, which stands at `index`, and applies it unless a finding is fatal. In continue
  /// mode a fatal finding changes the state as RULES 0.4 says. What becomes a part of the state is
  /// taken out of the event's trees, which nobody reads after that.
  void apply(const Event& event, std::int64_t index, Findings& findings);
  /// After a rejection: the run is abandoned, as by RUN_ERROR.
  void abandon() { state_.phase = Phase::failed; }

  /// The stream answers this input: a value whose structure has been judged. To be called before
  /// the first event.
  void expect(json::Value input);
  /// What earlier streams of a thread left; asked when the first run of the stream starts.
  void follow(EarlierRuns earlier) { earlier_ = std::move(earlier); }
  /// The run that the input asked for was started; findings on the input are in the list.
  bool input_met() const { return input_met_; }
  const std::vector<Finding>& input_findings() const { return input_findings_; }
  /// Judges the input as that of the next run of the thread; 6042 when `ended_cleanly`.
  /// Precondition: there is an input, which was not met.
  std::vector<Finding> judge_unmet_input(bool ended_cleanly) const;

  /// What a snapshot keeps; the input comes with the options.
  void archive(auto& a) {
    bool expects = input_.has_value();
    a(state_, expects, input_met_, input_findings_);
    if constexpr (std::remove_reference_t<decltype(a)>::reads) {
      a.demand(expects == input_.has_value() && (expects || !input_met_));
    }
  }

  const StreamState& state() const { return state_; }
  StreamState& state() { return state_; }

 private:
  bool phase_forbids(const Event& e, Findings& f) const {
    const bool ordinary = state_.phase == Phase::active && e.kind != Kind::run_started;
    return !ordinary && out_of_phase(e, f);
  }
  bool out_of_phase(const Event& e, Findings& f) const;
  void dispatch(const Event& e, Findings& f) {
    const bool tagged = e.subagent_run_id && !is_subagent(e.kind);
    tagged ? judge_tagged(e, f) : judge(e, f);
  }
  void judge_tagged(const Event& e, Findings& f);
  void judge(const Event& e, Findings& f);
  void go_on(const Event& e, Phase before, Findings& f);
  /// True, with 1008, when so many more open items or known ids pass the limits.
  bool crowded(std::size_t items, std::size_t ids, Findings& f) const;
  /// The same, where `ids` says how many: it is asked only when more than `ids_max` could matter.
  bool crowded(std::size_t items, std::size_t ids_max, const auto& ids, Findings& f) const {
    return near_limits(items, ids_max) && crowded(items, ids(), f);
  }
  bool near_limits(std::size_t items, std::size_t ids) const;
  /// Stage 7 is asked for.
  bool applies() const { return !mode_.sequence_only; }

  void run_started(const Event& e, Findings& f);
  void start_run(const Event& e);
  void read_echo(const Event& e, Findings& f);
  bool answers_input(const Event& e) const;
  /// The input, the echoed one, or none.
  const json::Value* input_of(const Event& e) const;
  std::vector<Finding> judge_expected(std::int64_t index) const;
  /// The last state of the thread, null when nothing is known of it.
  const json::Value* last_state() const;
  void judge_inputs(const Event& e, Findings& f);
  void take_inputs(const Event& e);
  void result_of_frontend(const std::string& call, Findings& f) const;
  void unadvertised_calls(Findings& f) const;
  void leave_to_thread(const Event& e);
  void run_finished(const Event& e, Findings& f);
  void run_error(const Event& e, Findings& f);
  void step_started(const Event& e, Findings& f);
  void step_finished(const Event& e, Findings& f);
  bool wrong_run(const Event& e, Findings& f) const;
  bool incomplete(Findings& f) const;
  bool wrong_outcome(const Event& e, Findings& f) const;
  bool wrong_pending_list(const json::Value& outcome, Findings& f) const;
  void versions(const Event& e, Findings& f) const;
  void usage(const json::Value* entries, Findings& f) const;
  void thinking(const Event& e, Findings& f);

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
  void place_call(const Event& e, std::string_view id, Findings& f);
  void open(OpenItems& items, std::string_view id, const Owner& owner);
  void close(OpenItems& items, OpenItems::iterator item);

  void subagent_started(const Event& e, Findings& f);
  void subagent_ended(const Event& e, Findings& f);
  void note_tag(std::string_view tag, bool is_new, Findings& f);
  void opened_by(const Owner& owner);
  void closed_by(const Owner& owner);

  void state_snapshot(const Event& e, Findings& f);
  void state_delta(const Event& e, Findings& f);
  void messages_snapshot(const Event& e, Findings& f);
  void activity_snapshot(const Event& e, Findings& f);
  void activity_delta(const Event& e, Findings& f);
  void patch_activity(const Event& e, json::Value& content, Findings& f);
  void set_activity(std::string_view id, const json::Value& content);

  /// A message of a snapshot (which overwrites what is known) or of an echoed input.
  void seed_message(const json::Value& message, bool overwrite);
  void seed_calls(const json::Value& message, const Owner& owner, bool overwrite);
  void check_message(const json::Value& message, const std::string& path, Findings& f) const;
  std::size_t new_ids(const json::Array& messages) const;
  /// True, with 1008, when the activities among `messages` pass the limit on top of `used`.
  bool too_much_activity(const json::Array& messages, std::size_t used, Findings& f) const;
  /// Notes a message that an event starts; 6010 to 6012 where it contradicts what is known.
  void register_message(const Event& e, MessageKind kind, Findings& f);

  RuleSet rules_;
  Mode mode_;
  StreamState state_;
  std::int64_t index_ = 0;  ///< of the event at hand
  std::optional<json::Value> input_;
  bool input_met_ = false;
  std::vector<Finding> input_findings_;
  EarlierRuns earlier_;
};

}  // namespace vouch::validator
