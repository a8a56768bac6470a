// SPDX-License-Identifier: MIT
#include "vouch/membership/rosters.hpp"

#include <algorithm>
#include <set>

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
  } else if (!certificate.roster.empty()) {
    return Doubt::no_roster;
  }
  return membership::doubt_of(cluster_, *roster, signer, certificate);
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
