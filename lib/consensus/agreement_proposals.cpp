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
  Subject& subject = this->subject(SubjectKind::proposal, name);
  if (subject.open == nullptr) return {};
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

void Agreement::tell_proposals(const Subject& subject) {
  for (const auto& [value, proposal] : subject.proposals) {
    // An own one is told when it is signed.
    if (proposal.signature != Signature{}) tell_all(subject, proposal);
  }
}

}  // namespace vouch::consensus
