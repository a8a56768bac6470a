// What crosses the runs of a thread: inputs, given or echoed, and what a finished run leaves
// (RULES 3.9).
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "vouch/crdt/check.hpp"
#include "vouch/validator/owners.hpp"
#include "vouch/validator/sequence.hpp"

namespace vouch::validator {
namespace {

bool asks_for(const json::Value& input, const Text& thread, const Text& run) {
  return Text(*input.find_text("threadId")) == thread && Text(*input.find_text("runId")) == run;
}

/// The list of an outcome's texts; empty when there is none.
Ids texts_of(const json::Value* outcome, std::string_view name) {
  Ids out;
  const json::Value* list = outcome == nullptr ? nullptr : outcome->find(name);
  if (list == nullptr || list->get<json::Array>() == nullptr) return out;
  for (const json::Value& text : *list->get<json::Array>()) out.insert(*text.get<std::string>());
  return out;
}

}  // namespace

void Sequence::expect(json::Value input) {
  state_.thread_id = *input.find_text("threadId");
  input_ = std::move(input);
}

bool Sequence::answers_input(const Event& e) const {
  return input_ && !input_met_ && asks_for(*input_, e.thread_id, e.run_id);
}

const json::Value* Sequence::input_of(const Event& e) const {
  return input_met_ && asks_for(*input_, e.thread_id, e.run_id) ? &*input_ : e.input;
}

const json::Value* Sequence::last_state() const {
  return state_.thread.begun && state_.baseline_known ? &state_.document : nullptr;
}

std::vector<Finding> Sequence::judge_expected(std::int64_t index) const {
  Findings found(rules_, mode_);
  judge_input(*input_, state_.thread, last_state(),
              [&](std::uint16_t code, Severity most, std::string message, std::string pointer) {
                found.add_at_most(most, code, std::move(message), std::move(pointer));
              });
  std::vector<Finding> out = found.take();
  for (Finding& finding : out) finding.index = index;
  return out;
}

std::vector<Finding> Sequence::judge_unmet_input(bool ended_cleanly) const {
  VOUCH_CHECK(input_ && !input_met_);
  std::vector<Finding> out = judge_expected(-1);
  Findings unmet(rules_, mode_);
  if (ended_cleanly && state_.runs > 0) {
    unmet.add(6042, "no run of the stream has the run id of the input", "/runId");
  }
  for (Finding& finding : unmet.take()) {
    finding.index = -1;
    out.push_back(std::move(finding));
  }
  return out;
}

void Sequence::judge_inputs(const Event& e, Findings& f) {
  if (earlier_ && state_.runs == 0) state_.thread = earlier_(key_of(e.thread_id));
  if (answers_input(e)) {
    input_findings_ = judge_expected(index_);
    input_met_ = true;
  }
  if (e.input == nullptr) return;
  // Of a stream's first run nobody knows what came before, so that only what it says itself counts.
  const bool begun = state_.thread.begun;
  judge_input(*e.input, state_.thread, last_state(),
              [&](std::uint16_t code, Severity most, std::string message, std::string pointer) {
                if (code == 6034 && !begun) return;
                f.add_at_most(std::min(most, Severity::warning), code, std::move(message),
                              "/input" + pointer);
              });
}

void Sequence::take_inputs(const Event& e) {
  state_.thread.begun = true;
  const json::Value* input = input_of(e);
  if (input == nullptr) return;
  state_.run.tools = tool_names(*input);
  state_.thread.answered_by(input->find("messages"));
  if (state_.baseline_known && input == e.input) return;
  const json::Value* state = input->find("state");
  state_.document_names.forget();
  state_.document = state == nullptr ? json::Value(json::Object{}) : *state;
  state_.document_budget.used = json::weight(state_.document);
  state_.baseline_known = true;
}

void Sequence::result_of_frontend(const std::string& call, Findings& f) const {
  if (!state_.run.tools) return;
  const auto held = state_.run.call_attributes.find(call);
  if (held == state_.run.call_attributes.end()) return;
  if (!state_.run.tools->contains(held->second.name)) return;
  f.add(3112, "tool " + quoted(held->second.name) + " is one of the frontend", "/toolCallId");
}

void Sequence::unadvertised_calls(Findings& f) const {
  const RunState& run = state_.run;
  if (!run.tools) return;
  for (const std::string& call : run.calls) {
    const std::string& name = run.call_attributes.at(call).name;
    if (run.answered.contains(call) || run.tools->contains(name)) continue;
    f.add(3113, "nobody answers call " + quoted(call) + " of " + quoted(name));
  }
}

void Sequence::leave_to_thread(const Event& e) {
  const RunState& run = state_.run;
  ThreadState& thread = state_.thread;
  thread.interrupts.clear();
  if (const json::Value* list = e.outcome == nullptr ? nullptr : e.outcome->find("interrupts")) {
    for (const json::Value& one : *list->get<json::Array>()) {
      thread.interrupts.insert_or_assign(
          *one.find_text("id"),
          OpenInterrupt{optional_text(one, "toolCallId"), optional_text(one, "expiresAt")});
    }
  }
  const Ids named = texts_of(e.outcome, "pendingToolCallIds");
  for (const std::string& call : run.calls) {
    if (run.answered.contains(call)) continue;
    const std::string& tool = run.call_attributes.at(call).name;
    const bool frontend = named.contains(call) || (run.tools && run.tools->contains(tool));
    thread.unanswered.insert_or_assign(call, UnansweredCall{tool, frontend});
  }
}

}  // namespace vouch::validator
