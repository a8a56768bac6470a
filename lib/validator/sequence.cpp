// The dispatch, phases, limits, continue mode.
// SPDX-License-Identifier: MIT
#include "vouch/validator/sequence.hpp"

#include "vouch/validator/owners.hpp"

namespace vouch::validator {
namespace {

// Constants of the rule set (rule 1008).
constexpr std::size_t open_items_max = 65'536;
constexpr std::size_t known_ids_max = 1U << 20;

}  // namespace

bool Sequence::near_limits(std::size_t items, std::size_t ids) const {
  return state_.run.open_items() + items > open_items_max ||
         state_.known_ids() + ids > known_ids_max;
}

bool Sequence::crowded(std::size_t items, std::size_t ids, Findings& f) const {
  if (state_.run.open_items() + items > open_items_max) {
    return f.add(1008, "more than 65,536 open items");
  }
  if (state_.known_ids() + ids > known_ids_max) {
    return f.add(1008, "more than 1,048,576 known ids");
  }
  return false;
}

bool Sequence::out_of_phase(const Event& e, Findings& f) const {
  const bool starts = e.kind == Kind::run_started;
  const bool fails = e.kind == Kind::run_error;
  const auto complain = [&](std::uint16_t code, const char* where) {
    return f.add(code, std::string(name_of(e.kind)) + where, "/type");
  };
  switch (state_.phase) {
    case Phase::init:
      return !starts && !fails && complain(2001, " before RUN_STARTED");
    case Phase::failed:
      return !(starts && rules_.modern()) && complain(2002, " after RUN_ERROR");
    case Phase::finished:
      return !starts && !fails && complain(2003, " after RUN_FINISHED");
    case Phase::active:
      return starts && f.add(2004, "RUN_STARTED while a run is active", "/type", state_.run.index);
  }
  return false;
}

void Sequence::apply(const Event& e, std::int64_t index, Findings& f) {
  index_ = index;
  const Phase before = state_.phase;
  if (!phase_forbids(e, f)) dispatch(e, f);
  if (f.fatal() && mode_.continues) go_on(e, before, f);
}

void Sequence::go_on(const Event& e, Phase before, Findings& f) {
  if (before == Phase::init) {
    state_.phase = Phase::active;
    state_.run = {};
    state_.run.nameless = true;
    state_.run.index = index_;
    Findings more = f.same_rules();
    dispatch(e, more);
    if (more.fatal()) return;  // the first fault of the event is told already
    for (Finding& finding : more.take()) f.push(std::move(finding));
  } else if (before == Phase::active && e.kind == Kind::run_started) {
    start_run(e);
  } else if (before == Phase::active && e.kind == Kind::run_finished) {
    state_.run.close_everything();
    state_.phase = Phase::finished;
  }
}

void Sequence::judge_tagged(const Event& e, Findings& f) {
  const bool new_tag = !state_.run.tags_seen.contains(*e.subagent_run_id);
  if (new_tag && crowded(0, 1, f)) return;
  judge(e, f);
  if (!f.fatal()) note_tag(*e.subagent_run_id, new_tag, f);
}

void Sequence::judge(const Event& e, Findings& f) {
  switch (e.kind) {
    case Kind::run_started:
      return run_started(e, f);
    case Kind::run_finished:
      return run_finished(e, f);
    case Kind::run_error:
      return run_error(e, f);
    case Kind::step_started:
      return step_started(e, f);
    case Kind::step_finished:
      return step_finished(e, f);
    case Kind::text_message_start:
      return text_start(e, f);
    case Kind::text_message_content:
      return text_part(e, f, false);
    case Kind::text_message_end:
      return text_part(e, f, true);
    case Kind::tool_call_start:
      return tool_start(e, f);
    case Kind::tool_call_args:
      return tool_part(e, f, false);
    case Kind::tool_call_end:
      return tool_part(e, f, true);
    case Kind::tool_call_result:
      return tool_result(e, f);
    case Kind::reasoning_start:
      return span_start(e, f);
    case Kind::reasoning_end:
      return span_end(e, f);
    case Kind::reasoning_message_start:
      return reasoning_start(e, f);
    case Kind::reasoning_message_content:
      return reasoning_part(e, f, false);
    case Kind::reasoning_message_end:
      return reasoning_part(e, f, true);
    case Kind::reasoning_encrypted_value:
      return encrypted_value(e, f);
    case Kind::state_snapshot:
      return state_snapshot(e, f);
    case Kind::state_delta:
      return state_delta(e, f);
    case Kind::messages_snapshot:
      return messages_snapshot(e, f);
    case Kind::activity_snapshot:
      return activity_snapshot(e, f);
    case Kind::activity_delta:
      return activity_delta(e, f);
    case Kind::subagent_started:
      return subagent_started(e, f);
    case Kind::subagent_finished:
    case Kind::subagent_error:
      return subagent_ended(e, f);
    case Kind::thinking_start:
    case Kind::thinking_end:
    case Kind::thinking_text_message_start:
    case Kind::thinking_text_message_content:
    case Kind::thinking_text_message_end:
      return thinking(e, f);
    case Kind::raw:
    case Kind::custom:
    case Kind::text_message_chunk:  // chunks are expanded before they come here
    case Kind::tool_call_chunk:
    case Kind::reasoning_message_chunk:
      return;
  }
}

}  // namespace vouch::validator
