// When which subject has something to do though nobody says anything.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "vouch/consensus/agreement.hpp"

namespace vouch::consensus {

void Agreement::on_tick(Instant now) {
  std::vector<SubjectId> due;
  for (auto it = deadlines_.begin(); it != deadlines_.end() && it->first <= now; ++it) {
    due.push_back(it->second);
  }
  for (const SubjectId& id : due) on_deadline(now, *subjects_.find(id));
  if (ask_handovers_at_ && now >= look_at_) try_enter(now);
  if (forcing_.again && now >= *forcing_.again) pursue_forced(now);
}

void Agreement::on_deadline(Instant now, Subject& subject) {
  if (subject.behind) catch_up(now, subject);
  if (subject.ask_at && now >= *subject.ask_at) ask_ahead(now, subject);
  const auto next = subject.open == nullptr ? std::nullopt : subject.open->next_deadline();
  if (!next || *next > now) return;
  if (subject.kind == SubjectKind::slate && subject.open->is_late(now)) {
    return leave_slate(now, subject);
  }
  Effects effects;
  subject.open->on_tick(now, effects);
  const bool again = !effects.tell.empty();
  take(now, subject, std::move(effects));
  if (again) tell_values(subject);
}

/// What others may lack to vote.
void Agreement::tell_values(const Subject& subject) {
  if (subject.kind == SubjectKind::roster) return tell_roster_proposals();
  tell_proposals(subject);
  if (subject.roll == nullptr) return;
  for (const Slate::Place& place : subject.roll->slate->places()) {
    if (const Subject* stands = find(place.subject)) tell_proposals(*stands);
  }
}

std::optional<Instant> Agreement::next_deadline() const {
  std::optional<Instant> next;
  const auto sooner = [&next](Instant at) { next = next ? std::min(*next, at) : at; };
  if (ask_handovers_at_) sooner(look_at_);
  if (forcing_.again) sooner(*forcing_.again);
  if (!direct_.empty()) sooner(gather_until_);
  if (!deadlines_.empty()) sooner(deadlines_.begin()->first);
  return next;
}

std::optional<Instant> Agreement::deadline_of(const Subject& subject) const {
  std::optional<Instant> next = subject.ask_at;
  const auto sooner = [&next](Instant at) { next = next ? std::min(*next, at) : at; };
  if (subject.open != nullptr && subject.slate == nullptr) {
    if (const auto at = subject.open->next_deadline()) sooner(*at);
  }
  if (subject.behind) {
    sooner(subject.asked ? *subject.asked + setting_.timing.resend_max
                         : *subject.behind + stand_still);
  }
  return next;
}

/// Whenever something may have moved the deadline of a subject.
void Agreement::schedule(Subject& subject) {
  const auto next = deadline_of(subject);
  if (next != subject.due) {
    if (subject.due) deadlines_.erase({*subject.due, subject.id});
    if (next) deadlines_.insert({*next, subject.id});
    subject.due = next;
  }
  setting_.open = deadlines_.size() + on_slates_;
}

}  // namespace vouch::consensus
