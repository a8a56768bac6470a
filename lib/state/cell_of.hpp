// Cells that stand two keys deep: of a stream or subject, then of a voter.
// SPDX-License-Identifier: MIT
#pragma once

namespace vouch::state {

/// The value at `inner` in the map at `outer` of `map`; nullptr where either is absent. It ends
/// with the next change of the map.
auto cell_of(const auto& map, const auto& outer, const auto& inner)
    -> decltype(map.find(outer)->find(inner)) {
  const auto* cells = map.find(outer);
  return cells == nullptr ? nullptr : cells->find(inner);
}

}  // namespace vouch::state
