// The dispatch, phases, limits.
// SPDX-License-Identifier: MIT
#include "vouch/validator/sequence.hpp"

namespace vouch::validator {
namespace {

// Constants of the rule set (rule 1008).
constexpr std::size_t open_items_max = 65'536;
constexpr std::size_t known_ids_max = 1U << 20;

std::size_t known_ids(const StreamState& s) {
  return s.run_ids.size() + s.messages.size() + s.run.message_owner.size() +
         s.run.call_owner.size() + s.run.reasoning_owner.size() + s.run.subagents_closed.size() +
         s.run.tags_seen.size();
}

}  // namespace

bool Sequence::phase_allows(const Event& e, Findings& f) const {
  const bool starts = e.kind == Kind::run_started;
  const bool fails = e.kind == Kind::run_error;
  const std::string name(name_of(e.kind));
  switch (state_.phase) {
    case Phase::init:
      return starts || fails || !f.add(2001, name + " before RUN_STARTED", "/type");
    case Phase::failed:
      return starts || !f.add(2002, name + " after RUN_ERROR", "/type");
    case Phase::finished:
      return starts || fails || !f.add(2003, name + " after RUN_FINISHED", "/type");
    case Phase::active:
      return !starts || !f.add(2004, "RUN_STARTED while a run is active", "/type");
  }
  return false;
}

void Sequence::apply(const Event& e, Findings& f) {
  if (!phase_allows(e, f)) return;
  if (state_.run.open_items() >= open_items_max || known_ids(state_) >= known_ids_max) {
    f.add(1008, "too many open items or known ids in one stream");
    return;
  }
  switch (e.kind) {
    case Kind::run_started:
      run_started(e, f);
      break;
    case Kind::run_finished:
      run_finished(e, f);
      break;
    case Kind::run_error:
      run_error(e, f);
      break;
    case Kind::step_started:
      step_started(e, f);
      break;
    case Kind::step_finished:
      step_finished(e, f);
      break;
    case Kind::text_message_start:
      text_start(e, f);
      break;
    case Kind::text_message_content:
      text_part(e, f, false);
      break;
    case Kind::text_message_end:
      text_part(e, f, true);
      break;
    case Kind::tool_call_start:
      tool_start(e, f);
      break;
    case Kind::tool_call_args:
      tool_part(e, f, false);
      break;
    case Kind::tool_call_end:
      tool_part(e, f, true);
      break;
    case Kind::tool_call_result:
      tool_result(e, f);
      break;
    case Kind::reasoning_start:
      span_start(e, f);
      break;
    case Kind::reasoning_end:
      span_end(e, f);
      break;
    case Kind::reasoning_message_start:
      reasoning_start(e, f);
      break;
    case Kind::reasoning_message_content:
      reasoning_part(e, f, false);
      break;
    case Kind::reasoning_message_end:
      reasoning_part(e, f, true);
      break;
    case Kind::reasoning_encrypted_value:
      encrypted_value(e, f);
      break;
    case Kind::state_snapshot:
      set_document(*e.value);
      break;
    case Kind::state_delta:
      state_delta(e, f);
      break;
    case Kind::messages_snapshot:
      messages_snapshot(e, f);
      break;
    case Kind::activity_snapshot:
      activity_snapshot(e, f);
      break;
    case Kind::activity_delta:
      activity_delta(e, f);
      break;
    case Kind::subagent_started:
      subagent_started(e, f);
      break;
    case Kind::subagent_finished:
    case Kind::subagent_error:
      subagent_ended(e, f);
      break;
    case Kind::raw:
    case Kind::custom:
      break;
    case Kind::text_message_chunk:
    case Kind::tool_call_chunk:
    case Kind::reasoning_message_chunk:
      break;  // expanded before they come here
    case Kind::thinking_start:
    case Kind::thinking_end:
    case Kind::thinking_text_message_start:
    case Kind::thinking_text_message_content:
    case Kind::thinking_text_message_end:
      break;  // of agui-0.0.58 only
  }
  const bool about_itself = e.kind == Kind::subagent_started || e.kind == Kind::subagent_finished ||
                            e.kind == Kind::subagent_error;
  if (!f.fatal() && e.subagent_run_id && !about_itself) {
    state_.run.tags_seen.emplace(*e.subagent_run_id);
  }
}

}  // namespace vouch::validator
