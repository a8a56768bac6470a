// SPDX-License-Identifier: MIT
#include "vouch/machine/standing.hpp"

#include <algorithm>

namespace vouch::machine {

Standing standing_of(const state::State& state, const membership::Roster& roster,
                     ingest::Streams& streams, const PeerId& self, const std::string& stream,
                     std::uint64_t upto) {
  Standing out;
  const state::StreamCells* cells = state.streams.find(stream);
  const state::AttestationCell* mine = cells == nullptr ? nullptr : cells->find(self);
  for (const PeerId& voter : roster.voters()) {
    const state::AttestationCell* cell = cells == nullptr ? nullptr : cells->find(voter);
    if (cell == nullptr) {
      out.missing.push_back(voter);
      continue;
    }
    auto own = streams.head_at(stream, cell->rank().upto);
    // A settled stream has no chain any more, but its own last attestation stays.
    if (!own && mine != nullptr && mine->rank().upto == cell->rank().upto)
      own = mine->claims().begin()->first;
    const bool same = own && !cell->contradicts_itself() && cell->claims().contains(*own);
    if (own && !same) {
      out.differ.push_back(voter);
    } else if (cell->rank().upto < upto) {
      out.missing.push_back(voter);
    } else if (!own) {
      out.unchecked.push_back(voter);
    } else {
      out.agree.push_back(voter);
    }
  }
  return out;
}

Standing standing_of(const sync::ReleasedRow& stream, const membership::Roster& roster,
                     std::uint64_t upto) {
  Standing out;
  for (const PeerId& voter : roster.voters()) {
    const bool same = std::ranges::find(stream.agreeing, voter) != stream.agreeing.end();
    if (upto >= stream.size) {
      out.missing.push_back(voter);
    } else {
      (same ? out.agree : out.unchecked).push_back(voter);
    }
  }
  return out;
}

}  // namespace vouch::machine
