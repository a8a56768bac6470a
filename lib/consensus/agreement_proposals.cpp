// Values that voters propose for users' subjects: one of each voter, signed in the bundle of what
// else it says.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "vouch/base/bundle.hpp"
#include "vouch/consensus/agreement.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::consensus {
namespace {

constexpr std::ptrdiff_t values_of_one_max = 4;  ///< that one voter proposes for a subject

}  // namespace

Result<void> Agreement::propose(Instant now, const std::string& name, ByteView value) {
  // A voter that does not write yet proposes too: its votes follow.
  const bool voter = setting_.incarnation == 0
                         ? setting_.roster.contains(setting_.self())
                         : setting_.roster.lists(setting_.self(), setting_.incarnation);
  if (!voter) return fail(Errc::not_allowed, "only voters of the roster propose");
  if (value.size() > proposal_bytes_max) return fail(Errc::too_large, "a value has at most 64 KiB");
  Subject* wanted = find_or_open(SubjectKind::proposal, name);
  if (wanted == nullptr || wanted->open == nullptr) return {};  // it is decided
  Subject& subject = *wanted;
  // One value of each voter: who asks again, asks for the same.
  if (const Proposal* own = proposal_of(subject, setting_.self())) {
    if (own->signature != Signature{}) tell_all(subject, *own);
    return {};
  }
  const Statement statement =
      proposal_statement(subject.id, subject.base.value.epoch, crypto::blake2b(value));
  // Also what somebody else proposes already: that may be one of too many for others to take.
  direct_.push_back({subject.id, statement});
  legalize(now, subject, *statement.value, {to_bytes(value), setting_.self(), {}, {}});
  return {};
}

const Proposal* Agreement::proposal_of(const Subject& subject, const PeerId& voter) {
  for (const auto& [value, proposal] : subject.proposals) {
    if (proposal.proposer == voter) return &proposal;
  }
  return nullptr;
}

void Agreement::legalize(Instant now, Subject& subject, const Value& value, Proposal proposal) {
  const PeerId proposer = proposal.proposer;
  const bool fresh = subject.proposals.insert_or_assign(value, std::move(proposal)).second;
  Effects effects;
  subject.open->on_proposal(now, value, effects, proposer);
  take(now, subject, std::move(effects));
  if (fresh && subject.slate != nullptr) admit(now, subject, value);
}

void Agreement::hear_proposal(Instant now, Subject& subject, Proposal proposal, Checked checked) {
  // A few values of each voter, so that nobody fills the memory of the others. One is too few: who
  // forgot in a crash what it proposed may propose something else.
  const auto by_it = [&](const auto& held) { return held.second.proposer == proposal.proposer; };
  const bool full = std::ranges::count_if(subject.proposals, by_it) >= values_of_one_max;
  if (subject.open == nullptr || full) return;
  const Statement statement =
      proposal_statement(subject.id, subject.base.value.epoch, crypto::blake2b(proposal.bytes));
  if (subject.proposals.contains(*statement.value)) return;
  const bool legal = setting_.roster.contains(proposal.proposer) &&
                     ((checked == Checked::yes && statement.epoch == 0) ||
                      is_signed(setting_.cluster, setting_.signer,
                                {proposal.proposer, statement, proposal.path, proposal.signature}));
  if (!legal) ++counters_.bad_words;
  if (legal) legalize(now, subject, *statement.value, std::move(proposal));
}

/// A value is on disk before anybody can hear that this voter is for it, and stays until one is
/// decided. So honest voters of each quorum that prepared a value can tell it, whatever happens to
/// them, and whatever others come up in later views.
void Agreement::keep_value(Subject& subject, const Value& value) {
  const auto held = subject.proposals.find(value);
  const bool kept = std::ranges::count(subject.kept, value, &std::pair<Value, Bytes>::first) != 0;
  if (held == subject.proposals.end() || kept) return;
  subject.kept.emplace_back(value, held->second.bytes);
  values_.emplace_back(value_key(subject.id, value.head), held->second.bytes);
}

/// What was decided, and nothing else.
void Agreement::keep_alone(Subject& subject, const Value& value) {
  keep_value(subject, value);
  std::erase_if(subject.kept, [&](const auto& other) {
    if (other.first == value) return false;
    values_.emplace_back(value_key(subject.id, other.first.head), std::nullopt);
    return true;
  });
}

const Bytes* Agreement::bytes_of(const Subject& subject, const Value& value) {
  const auto held = subject.proposals.find(value);
  if (held != subject.proposals.end()) return &held->second.bytes;
  const auto kept = std::ranges::find(subject.kept, value, &std::pair<Value, Bytes>::first);
  return kept == subject.kept.end() ? nullptr : &kept->second;
}

bool Agreement::learn_value(const SubjectId& id, ByteView value) {
  const auto verdict = decision(id);
  const bool fits = verdict && verdict->certificate.value.head == crypto::blake2b(value);
  if (!fits) return false;
  if (verdict->value) return true;
  find(id)->kept.emplace_back(verdict->certificate.value, to_bytes(value));
  values_.emplace_back(value_key(id, verdict->certificate.value.head), to_bytes(value));
  return true;
}

void Agreement::keep_values(Subject& subject, const Value& value) {
  if (subject.kind == SubjectKind::proposal) return keep_value(subject, value);
  if (subject.kind != SubjectKind::slate || subject.roll == nullptr) return;
  for (const Slate::Place& place : subject.roll->slate->places()) {
    if (Subject* stands = find(place.subject)) keep_value(*stands, place.value);
  }
}

void Agreement::restore_value(const SubjectId& id, ByteView bytes) {
  Subject* subject = find(id);
  if (subject == nullptr) return;
  const std::uint32_t epoch =
      subject->last ? subject->last->value.epoch : subject->base.value.epoch;
  const Statement statement = proposal_statement(id, epoch, crypto::blake2b(bytes));
  subject->kept.emplace_back(*statement.value, to_bytes(bytes));
}

void Agreement::tell_proposals(const Subject& subject) {
  for (const auto& [value, proposal] : subject.proposals) {
    // An own one is told when it is signed.
    if (proposal.signature != Signature{}) tell_all(subject, proposal);
  }
}

}  // namespace vouch::consensus
