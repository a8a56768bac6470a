// The rosters of all epochs, each certified by a quorum of the one before. Invariant: a roster is
// never replaced; a second one for its epoch is refused. Absent: how one is agreed upon
// (lib/consensus/agreement_rosters.cpp).
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
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

 private:
  ClusterId cluster_;
  SubjectId subject_;
  std::vector<Roster> rosters_;  ///< by epoch, without gaps
  std::vector<Certificate> certificates_;
};

/// What is decided when this roster is.
Value value_of(const Roster& roster);
/// A roster may come after another one.
bool follows(const Roster& before, const Roster& roster);

}  // namespace vouch::membership
