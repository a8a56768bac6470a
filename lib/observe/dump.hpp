// A peer's state as JSON, for the dumper: the same shape from a running peer and from a data
// folder.
//   peer, name, cluster, incarnation, session, live
//   frontier    [{writer, incarnation, last, chain}]
//   members     [{peer, name, incarnation, session, status, direct, gossip, version, rule_set,
// heard_ms}]
//   streams     [{stream, agreed, attestations: [{voter, upto, head, contradicts_itself, accepted,
// warned,
//               rejected, unjudged, run_ended, closed, findings: [{index, code, severity}]}]}]
//   state_hash, frontier_hash, counters (live only)
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/base/time.hpp"
#include "vouch/machine/peer_machine.hpp"
#include "vouch/schemas/json_value.hpp"

namespace vouch::observe {

/// Hard state alone, as a data folder holds it.
json::Object dump_state(const state::State& state, const FrontierMap& frontier);

/// The state of a running peer with what it knows of its neighbours and its counters, as JSON text.
std::string dump_live(const machine::PeerMachine& machine, const std::string& cluster, Instant now);

}  // namespace vouch::observe
