// Certificates against the roster: what makes one, and why one does not convince.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <span>

#include "vouch/base/signer.hpp"
#include "vouch/membership/roster.hpp"
#include "vouch/schemas/envelope.hpp"
#include "vouch/schemas/votes.hpp"

namespace vouch::membership {

/// Why a certificate does not convince.
enum class Doubt : std::uint8_t {
  none,
  other_epoch,
  not_a_voter,
  too_few,
  bad_signature,
  no_roster,      ///< it decides a roster, and does not have its bytes
  not_unanimous,  ///< it forces a roster, and is not by all voters that remain, and nobody else
  forced_by_few   ///< it forces a roster, and is by fewer than one honest voter is surely among
};

/// O(commits) signature checks, one per bundle. Pure and thread-safe.
Doubt doubt_of(const ClusterId& cluster, const Roster& roster, const Signer& signer,
               const Certificate& certificate);

/// Of commits that are by voters in order, each once: whether all are signed.
bool all_signed(const ClusterId& cluster, const Signer& signer, const Certificate& certificate);

/// From commits of one subject, height, view and value, by voter.
Certificate certificate_from(std::span<const SignedStatement* const> commits);
Certificate certificate_from(const std::map<PeerId, SignedStatement>& commits);

}  // namespace vouch::membership
