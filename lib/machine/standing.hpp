// How far the voters agree with us on a prefix: what an answer rests on.
// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "vouch/ingest/streams.hpp"
#include "vouch/membership/roster.hpp"
#include "vouch/state/state.hpp"
#include "vouch/sync/released_row.hpp"

namespace vouch::machine {

/// Each voter of the roster is in exactly one list.
struct Standing {
  std::vector<PeerId> agree;      ///< attested at least `upto`, on our own chain
  std::vector<PeerId> differ;     ///< attested another head than ours
  std::vector<PeerId> unchecked;  ///< attested, but we cannot compute our head at that point
  std::vector<PeerId> missing;    ///< has not attested that far
};

Standing standing_of(const state::State& state, const membership::Roster& roster,
                     ingest::Streams& streams, const PeerId& self, const std::string& stream,
                     std::uint64_t upto);
/// The same of a stream that everybody has finished.
Standing standing_of(const sync::ReleasedRow& stream, const membership::Roster& roster,
                     std::uint64_t upto);

}  // namespace vouch::machine
