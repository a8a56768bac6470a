// What must be true of a world in the end, when no fault has come for a while: everybody equal,
// every stream finished, nothing lost, nothing left over, and nothing of it changed by a restart.
// SPDX-License-Identifier: MIT
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/sim/split/clients.hpp"

namespace vouch::sim {

/// What keeps the peers from being equal and done, for people; empty when nothing does. `damaged`
/// peers lost something that their disk had promised to keep.
std::vector<std::string> differences(World& world, const std::set<std::size_t>& damaged,
                                     const SplitClients& splits);
std::vector<std::string> differences(World& world, const std::set<std::size_t>& damaged);

/// Every proof of a peer's state convinces, and nothing that its offender wrote counts.
std::vector<std::string> flaws_of_proofs(const state::State& state, const Signer& signer);

/// Ends and starts every process; whoever then knows other attestations, runs or values than
/// before, or has an event again that was erased, is named. The world must be without differences.
std::vector<std::string> changes_by_restart(World& world);

}  // namespace vouch::sim
