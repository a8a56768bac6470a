// Streams that are over and proposals that are decided, and for whom the rest of them waits:
//   finished  {over, waiting, released, proposals_decided, proposals_waiting, proposals_released,
//              waiting_for: [{voter, subjects}]}
// over, decided: those that this peer still speaks of; waiting: those that some voters have
// finished and others not; released: those that the state let go of since the start.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>

#include "vouch/machine/peer_machine.hpp"
#include "vouch/schemas/json_value.hpp"

namespace vouch::observe {

/// By voter: how many streams and proposals that somebody has finished it has not. Only those of
/// the roster that are not proven to misbehave, and for whom something waits.
/// O(finished · voters).
std::map<PeerId, std::uint64_t> waiting_for(const state::State& state,
                                            const membership::Roster& roster);

json::Object finished_json(const machine::PeerMachine& machine);

}  // namespace vouch::observe
