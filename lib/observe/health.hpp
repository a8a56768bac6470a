// Whether a peer is well, with a sentence for every reason that it is not. For the dumper.
//   health  {state: ok | warning | failing, can_decide, voters, needed, heard, differing (peers
//           with another state than this one from the same logs), forced_epochs, notes: [text, one
//           for each of those], reasons: [text]}
// failing: it cannot decide, or what it says cannot be relied on. warning: it does its work, and
// somebody should look. Figures of the agreement are in agreement_json.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/machine/peer_machine.hpp"
#include "vouch/schemas/json_value.hpp"

namespace vouch::observe {

/// `store_error`: why the store takes no writes, if it takes none.
json::Object health_json(const machine::PeerMachine& machine,
                         const std::optional<Error>& store_error, Instant now);

/// Counters since the start, and what is open now: votes (this peer has one), votes_sent, bundles,
/// certificates, nulls, disputes, settled_by_vote, view_changes, contradictions, evidence_lost,
/// evidence_put_off, alarms, other_states, open (own votes wait for a decision), open_disputes,
/// oldest_open_ms, last_certificate_ms (ago), decisions_timed and decision_ms (sum) among others.
/// The two ages are absent where there is none.
json::Object agreement_json(const machine::PeerMachine& machine, Instant now);

}  // namespace vouch::observe
