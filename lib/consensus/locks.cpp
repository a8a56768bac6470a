// SPDX-License-Identifier: MIT
#include "vouch/consensus/locks.hpp"

#include "vouch/base/bundle.hpp"

namespace vouch::consensus {

std::optional<Lock> proven_lock(const Setting& setting, const SubjectId& subject,
                                std::uint32_t height,
                                const std::vector<SignedStatement>& prepares) {
  if (prepares.empty()) return std::nullopt;
  const Statement& first = prepares.front().statement;
  const membership::Roster* roster = setting.rosters->find(first.epoch);
  if (roster == nullptr || first.phase != Phase::prepare || !first.value) return std::nullopt;
  if (first.subject != subject || first.height != height) return std::nullopt;
  std::set<PeerId> voters;
  for (const SignedStatement& vote : prepares) {
    const Statement& s = vote.statement;
    Statement same = first;
    same.incarnation = s.incarnation;
    const bool fits = s == same && roster->lists(vote.voter, s.incarnation);
    if (!fits || !is_signed(setting.cluster, setting.signer, vote)) return std::nullopt;
    voters.insert(vote.voter);
  }
  if (voters.size() < membership::quorum(roster->size())) return std::nullopt;
  return Lock{first.view, *first.value, first.epoch};
}

}  // namespace vouch::consensus
