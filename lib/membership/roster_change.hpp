// What an operator wants changed about the voters, and the roster that comes of it.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <set>

#include "vouch/membership/roster.hpp"

namespace vouch {

struct RosterChange {
  std::set<PeerId> remove;
  /// Keys that vote from then on, with the incarnation that each writes under: new ones, and voters
  /// that write under another one. 0: as the peer that is asked knows it, 1 when it never wrote.
  std::map<PeerId, std::uint32_t> list;
  bool operator==(const RosterChange&) const = default;
};

namespace membership {

/// The roster after `before` with this change; equal to before.next() when it changes nothing.
/// Errors: malformed, with why: a key that is removed has no vote, or is listed as well; nobody, or
/// more than limits::voters_max would be left; an incarnation is 0, or below the one listed now.
Result<Roster> changed(const Roster& before, const RosterChange& change);

}  // namespace membership
}  // namespace vouch
