// SPDX-License-Identifier: MIT
// A peer's state as JSON, for the dumper: one shape from a running peer and from a data folder.
//   peer, name, cluster, incarnation, session, live, trouble (see proofs.hpp, as for proofs)
//   frontier    [{writer, incarnation, last, chain}]
//   members     [{peer, name, incarnation, session, status, direct, gossip, version, rule_set}]
//   streams     [{stream, agreed, attestations: [{voter, upto, head, contradicts_itself, accepted,
//               warned, rejected, unjudged, run_ended, closed, findings: [...]}]}]
//   threads     findings about streams that share a thread, see threads.hpp
//   shared      values that all peers share, see shared.hpp
//   disputes (see disputes.hpp), state_hash, frontier_hash; of a running peer also rule_set (its
//   own), counters, finished, traffic, stalls, certificates, agreement, health and batches (see
//   *.hpp), and
//   roster      chain_json in observe/rosters.hpp
#pragma once

#include "vouch/base/time.hpp"
#include "vouch/machine/peer_machine.hpp"
#include "vouch/observe/stalls.hpp"
#include "vouch/schemas/json_value.hpp"
#include "vouch/sync/released_row.hpp"

namespace vouch::observe {

/// Hard state alone, as a data folder holds it.
json::Object dump_state(const state::State& state, const FrontierMap& frontier);

/// Epoch, voters and the numbers that follow from how many they are.

/// Frames and bytes since the start, before encryption.
struct Traffic {
  std::uint64_t gossip_frames_sent = 0, gossip_bytes_sent = 0;
  std::uint64_t direct_frames_sent = 0, direct_bytes_sent = 0;
  std::uint64_t frames_dropped = 0;
  std::uint64_t handshakes_refused = 0;
};

/// What only this peer saw, by its own clock.
struct OwnView {
  const Traffic& traffic;
  const Stalls& stalls;
  const std::optional<Error>& store_error;    ///< the store takes no writes
  std::optional<sync::ReleasedRow> released;  ///< a stream that was asked for and is over
};

/// The state of a running peer with what it knows of its neighbours and its counters, as JSON text.
std::string dump_live(const machine::PeerMachine& machine, const std::string& cluster,
                      const OwnView& own, Instant now);

}  // namespace vouch::observe
