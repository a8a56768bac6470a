// Locks and their proofs: the prepares of a quorum, whatever epoch they are of.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/consensus/setting.hpp"

namespace vouch::consensus {

/// What these prepares lock in the instance (subject, height); nothing when they are not those of a
/// quorum of one epoch for one value of one view. O(prepares) signature checks.
std::optional<Lock> proven_lock(const Setting& setting, const SubjectId& subject,
                                std::uint32_t height, const std::vector<SignedStatement>& prepares);

}  // namespace vouch::consensus
