// SPDX-License-Identifier: MIT
#include "vouch/membership/rosters.hpp"

#include <algorithm>

#include "vouch/base/bundle.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::membership {

Value value_of(const Roster& roster) {
  return {roster.epoch(), hash_of(roster), roster.epoch()};
}

bool follows(const Roster& before, const Roster& roster) {
  return before.epoch() < UINT32_MAX && roster.epoch() == before.epoch() + 1 &&
         roster.previous() == hash_of(before);
}

std::vector<PeerId> remaining(const Roster& before, const Roster& roster) {
  std::vector<PeerId> out;
  for (const PeerId& voter : roster.voters()) {
    if (before.lists(voter, roster.incarnation_of(voter))) out.push_back(voter);
  }
  return out;
}

Rosters::Rosters(const ClusterId& cluster, Roster first)
    : cluster_(cluster), subject_(roster_subject(cluster)) {
  rosters_.push_back(std::move(first));
}

const Roster* Rosters::find(std::uint32_t epoch) const {
  const std::uint32_t first = rosters_.front().epoch();
  if (epoch < first || epoch - first >= rosters_.size()) return nullptr;
  return &rosters_[epoch - first];
}

bool Rosters::contains(const PeerId& peer) const {
  return std::ranges::any_of(rosters_, [&](const Roster& r) { return r.contains(peer); });
}

std::vector<PeerId> Rosters::voters() const {
  std::set<PeerId> all;
  for (const Roster& roster : rosters_) {
    all.insert(roster.voters().begin(), roster.voters().end());
  }
  return {all.begin(), all.end()};
}

Doubt Rosters::doubt_of(const Signer& signer, const Certificate& certificate) const {
  const Roster* roster = find(certificate.epoch);
  if (roster == nullptr) return Doubt::other_epoch;
  const Value& value = certificate.value;
  if (certificate.subject == subject_ && value != value_of(*roster)) {
    const auto decided = decode_roster(certificate.roster);
    if (!decided || value_of(*decided) != value || !follows(*roster, *decided)) {
      return Doubt::no_roster;
    }
    if (decided->forced()) return doubt_of_forced(signer, certificate, *decided);
  } else if (!certificate.roster.empty()) {
    return Doubt::no_roster;
  }
  return membership::doubt_of(cluster_, *roster, signer, certificate);
}

/// All that remain signed it, and nobody else. A voter signs what its own operator wants alone, so
/// where one honest voter is surely among them, everybody follows.
Doubt Rosters::doubt_of_forced(const Signer& signer, const Certificate& certificate,
                               const Roster& forced) const {
  const Roster& before = *find(certificate.epoch);
  const std::vector<PeerId> voters = remaining(before, forced);
  const auto by = [&](const Certificate::Commit& commit, const PeerId& voter) {
    return commit.voter == voter && before.lists(voter, commit.incarnation);
  };
  if (voters.empty() || !std::ranges::equal(certificate.commits, voters, by)) {
    return Doubt::not_unanimous;
  }
  if (!all_signed(cluster_, signer, certificate)) return Doubt::bad_signature;
  const Roster* held = find(forced.epoch());
  const bool wanted = accepted_.contains(certificate.value) || (held != nullptr && *held == forced);
  const bool few = voters.size() < one_honest(before.size());
  return few && !wanted ? Doubt::forced_by_few : Doubt::none;
}

std::optional<Roster> Rosters::named_in(const Certificate& certificate) const {
  const Roster& before = newest();
  if (certificate.subject != subject_ || certificate.epoch != before.epoch()) return std::nullopt;
  auto roster = decode_roster(certificate.roster);
  const bool next = roster && follows(before, *roster) && value_of(*roster) == certificate.value;
  if (!next) return std::nullopt;
  return std::move(*roster);
}

bool Rosters::add(const Signer& signer, const Certificate& certificate) {
  auto roster = named_in(certificate);
  if (!roster || doubt_of(signer, certificate) != Doubt::none) return false;
  rosters_.push_back(std::move(*roster));
  certificates_.push_back(certificate);
  return true;
}

}  // namespace vouch::membership
