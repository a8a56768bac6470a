// SPDX-License-Identifier: MIT
// A peer's state as JSON, for the dumper: one shape from a running peer and from a data folder. It
// is told in the parts that were asked for, since all of a large state is much to write down for a
// peer that has other things to do.
//   peer, name, cluster, incarnation, session, live, trouble (see proofs.hpp, as for proofs)
//   frontier    [{writer, incarnation, last, chain}]
//   members     [{peer, name, incarnation, session, status, direct, gossip, version, rule_set}]
//   streams     [{stream, agreed, attestations: [{voter, upto, head, contradicts_itself, accepted,
//               warned, rejected, unjudged, run_ended, closed, findings: [...]}]}]
//   threads     findings about streams that share a thread, see threads.hpp
//   shared      values that all peers share, see shared.hpp
//   totals      {streams, disputed}: how many streams are told of, and in how many of them not all
//               that are furthest attest one head
//   state_digest  the sum that is kept up with the state (state_sum.hpp); state_hash costs O(state)
//   disputes (see disputes.hpp), state_hash, frontier_hash; of a running peer also rule_set (its
//   own), counters, finished, traffic, stalls, certificates, agreement, health and batches (see
//   *.hpp), and
//   roster      chain_json in observe/rosters.hpp
#pragma once

#include <array>
#include <string_view>

#include "vouch/base/time.hpp"
#include "vouch/machine/peer_machine.hpp"
#include "vouch/observe/stalls.hpp"
#include "vouch/schemas/json_value.hpp"
#include "vouch/schemas/messages.hpp"
#include "vouch/sync/released_row.hpp"

namespace vouch::observe {

/// What can be asked for one by one. What says whose dump it is comes with any of them.
inline constexpr std::array<std::string_view, 20> dump_parts{
    "frontier",  "members", "proofs",     "streams",       "totals",
    "threads",   "shared",  "state_hash", "frontier_hash", "state_digest",
    "roster",    "batches", "counters",   "certificates",  "disputes",
    "agreement", "health",  "finished",   "traffic",       "stalls"};

/// Errc::invalid_config, with the parts that there are, when something else is wanted.
Result<void> check_parts(const Dump& wanted);

/// Hard state alone, as a data folder holds it.
json::Object dump_stored(const state::State& state, const FrontierMap& frontier);

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

/// Of the state of a running peer, with what it knows of its neighbours and its counters, the parts
/// that are wanted, as JSON text.
std::string dump_live(const machine::PeerMachine& machine, const std::string& cluster,
                      const OwnView& own, const Dump& wanted, Instant now);

}  // namespace vouch::observe
