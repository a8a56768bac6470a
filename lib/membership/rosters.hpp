// The rosters of all epochs, each certified by a quorum of the one before, or forced by all that
// were left of it (docs/decisions/0044). Invariant: a roster is never replaced; a second one of an
// epoch is refused. Absent: how one is agreed upon (lib/consensus/agreement_rosters.cpp,
// agreement_forced.cpp).
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "vouch/membership/certificate.hpp"

namespace vouch::membership {

class Rosters {
 public:
  /// `first` is trusted; its epoch need not be 0.
  Rosters(const ClusterId& cluster, Roster first);

  const Roster& newest() const { return rosters_.back(); }
  const Roster& first() const { return rosters_.front(); }
  /// Nothing for an epoch that is not known here.
  const Roster* find(std::uint32_t epoch) const;
  /// A voter of any of them.
  bool contains(const PeerId& peer) const;
  /// Of all of them, rising, each once.
  std::vector<PeerId> voters() const;
  /// Judges by the roster of the certificate's epoch. O(commits) signature checks.
  Doubt doubt_of(const Signer& signer, const Certificate& certificate) const;
  /// What decides the newest roster, and so on; the first one has no certificate.
  const std::vector<Certificate>& certificates() const { return certificates_; }

  /// The roster that a certificate names, if it may follow on the newest one; its signatures are
  /// not looked at.
  std::optional<Roster> named_in(const Certificate& certificate) const;
  /// Takes up the roster that a certificate decides. False when it is not the next one, or does not
  /// convince.
  bool add(const Signer& signer, const Certificate& certificate);
  /// An operator here wants this forced roster: it is followed whoever else signs it.
  void accept(const Value& forced) { accepted_.insert(forced); }
  void refuse(const Value& forced) { accepted_.erase(forced); }

 private:
  ClusterId cluster_;
  SubjectId subject_;
  std::vector<Roster> rosters_;  ///< by epoch, without gaps
  std::vector<Certificate> certificates_;
  std::set<Value> accepted_;

  Doubt doubt_of_forced(const Signer& signer, const Certificate& certificate,
                        const Roster& forced) const;
};

/// What is decided when this roster is.
Value value_of(const Roster& roster);
/// A roster may come after another one.
bool follows(const Roster& before, const Roster& roster);
/// Voters of `before` that a roster after it lists as they were: who must sign a forced one.
std::vector<PeerId> remaining(const Roster& before, const Roster& roster);

}  // namespace vouch::membership
