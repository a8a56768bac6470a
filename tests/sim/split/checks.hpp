// What must be true in the end of streams that were split: one chain for all, as far as certified,
// and nobody still at work on it.
// SPDX-License-Identifier: MIT
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/sim/split/clients.hpp"

namespace vouch::sim {

/// Of peers that had a vote all the time; `lapsed` are the others.
std::vector<std::string> flaws_of_splits(World& world, const SplitClients& splits,
                                         const std::set<std::size_t>& damaged,
                                         const std::set<std::size_t>& lapsed);

}  // namespace vouch::sim
