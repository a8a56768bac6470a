// Cells of a state as peers tell them to each other, leaf by leaf.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "vouch/schemas/messages.hpp"
#include "vouch/state/state.hpp"

namespace vouch::sync {

class Replica;

/// What leaves hold, without cells of other leaves.
using LeafCells = std::map<std::uint16_t, state::State>;

/// The cells of the first of these leaves that go into one answer; one leaf always does. O(state).
Cells cells_of(const Replica& replica, const AskCells& ask);

/// What was told of the `wanted` leaves. Nothing when any of it has no form, or was not asked for:
/// who sends that is not counted at all.
std::optional<LeafCells> cells_by_leaf(const Cells& told, const std::set<std::uint16_t>& wanted);

}  // namespace vouch::sync
