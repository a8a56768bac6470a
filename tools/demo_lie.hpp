// The second half of the demo: one voter turns liar. It hands one story on to one peer and another
// to the rest, and vouches for both. Shown, step by step: the dispute, the vote, the certificate of
// the true story, the proof against the liar.
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include "tools/demo_receipt.hpp"

#include "vouch/schemas/json_value.hpp"

namespace vouch::tools {

struct LieOutcome {
  std::string liar, deceived;  ///< names of peers
  std::string stream, true_head, altered_head;
  std::int64_t found_ms = -1;      ///< from the lie to the first honest peer that saw a dispute
  std::int64_t certified_ms = -1;  ///< to all honest peers having the true story certified
  std::int64_t proven_ms = -1;     ///< to all honest peers holding the proof
  std::uint64_t view = 0;          ///< of the vote that decided; 0: gossip was enough
  std::size_t votes = 0;           ///< behind the certificate
  bool converted = false;          ///< the deceived peer vouches for the true story now
  std::string offence;             ///< what the proof says that the liar did
  bool proof_holds = false;        ///< checked without any peer
  bool same_state = false;         ///< of all honest peers, in the end
  std::optional<ReceiptOutcome> receipt;  ///< of the true story; the forged one is the altered

  bool found() const { return found_ms >= 0; }
  bool outvoted() const { return certified_ms >= 0 && converted && receipt && receipt->holds(); }
  bool proven() const { return proven_ms >= 0 && proof_holds && same_state; }
  bool caught() const { return found() && outvoted() && proven(); }
};

/// How many peers a lie needs against it: fewer tolerate crashes alone.
inline constexpr std::size_t lie_peers_min = 4;

/// Ends the process of the last peer and lies in its place, for at most `time`. `say` gets a line
/// for every step as it happens. The outcome is as far as it came. Errors: the lie could not begin.
Result<LieOutcome> play_lie(ProcessCluster& cluster, std::chrono::milliseconds time,
                            const std::function<void(const std::string&)>& say);

json::Object lie_json(const LieOutcome& lie);

}  // namespace vouch::tools
