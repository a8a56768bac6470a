// Disputes for the dumper: which voters differ, about what, who said what, and how it ended.
//   disputes  [{stream, proposal, subject, height, state, view, certified, parted_at, since_ms,
//              took_ms, needed, voters: [{voter, upto, head, said, view, size, said_head}],
//              missing: [voter], certificate}]
// state is open or settled; parted_at is the index of the first entry that differs, where it is
// known; upto and head are what the voter attested, said and so on its last word in the agreement.
// missing are voters without a word in the view, while it is open. certificate: {height, view,
// size, head, null, signers: [voter]}. Of a running peer settled ones are those since its start; of
// a data folder, those that took a view-change.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/base/time.hpp"
#include "vouch/consensus/agreement.hpp"
#include "vouch/schemas/json_value.hpp"
#include "vouch/state/state.hpp"

namespace vouch::observe {

struct DisputeSources {
  const consensus::Agreement& agreement;
  const state::State& state;
  std::vector<PeerId> voters;
  std::optional<Instant> now = {};       ///< nothing: a data folder, which has no clock
  std::vector<Certificate> stored = {};  ///< of a data folder, by subject and height
};

/// Open ones first.
json::Array disputes_json(const DisputeSources& sources);

}  // namespace vouch::observe
