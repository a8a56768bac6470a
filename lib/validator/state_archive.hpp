// What a snapshot keeps of the fold state of a stream: all of it but what is made again from the
// rest. A field added to run_state.hpp gets its place here.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/schemas/json_patch.hpp"
#include "vouch/validator/archive.hpp"
#include "vouch/validator/run_state.hpp"
#include "vouch/validator/verdict.hpp"

namespace vouch::validator {

constexpr Phase last_of(Phase) {
  return Phase::failed;
}
constexpr MessageKind last_of(MessageKind) {
  return MessageKind::holder;
}
constexpr Severity last_of(Severity) {
  return Severity::fatal;
}

void archive(auto& a, Message& m) {
  a(m.kind, m.parts, m.from_result, m.run, m.era, m.role, m.name, m.owner);
}
void archive(auto& a, Call& c) {
  a(c.era);
}
void archive(auto& a, OpenItem& item) {
  a(item.owner, item.index);
}
void archive(auto& a, TextAttributes& t) {
  a(t.role, t.name);
}
void archive(auto& a, CallAttributes& c) {
  a(c.name, c.parent);
}
void archive(auto& a, Finding& f) {
  a(f.index, f.code, f.severity, f.message, f.pointer, f.related);
}

void archive(auto& a, OpenInterrupt& i) {
  a(i.call, i.expires_at);
}
void archive(auto& a, UnansweredCall& c) {
  a(c.tool, c.frontend);
}
void archive(auto& a, ThreadState& t) {
  a(t.begun, t.interrupts, t.unanswered);
}

void archive(auto& a, RunState& r) {
  a(r.thread_id, r.run_id, r.nameless, r.index, r.text, r.tool, r.reasoning, r.spans, r.steps,
    r.steps_open, r.subagents_active, r.subagents_closed, r.tags_seen, r.open_of_subagent,
    r.message_owner, r.call_owner, r.reasoning_owner, r.activity_owner, r.text_attributes,
    r.call_attributes, r.calls, r.answered, r.answered_elsewhere, r.suspended_interrupts, r.tools,
    r.thinking, r.thinking_text);
  if constexpr (std::remove_reference_t<decltype(a)>::reads) {
    for (const auto& [name, owners] : r.steps) a.demand(!owners.empty());
  }
}

void archive(auto& a, StreamState& s) {
  a(s.phase, s.thread_id, s.run_ids, s.runs, s.run, s.thread, s.document, s.baseline_known,
    s.document_budget.used, s.activities_budget.used, s.messages, s.any_parts, s.activities,
    s.calls, s.era, s.text_era, s.reasoning_era, s.activity_era);
  if constexpr (std::remove_reference_t<decltype(a)>::reads) {
    s.document_names.forget();
    a.demand(s.document_budget.used <= s.document_budget.max);
    a.demand(s.activities_budget.used <= s.activities_budget.max);
    a.demand(json::weight(s.document) <= s.document_budget.max);
  }
}

}  // namespace vouch::validator
