// What an operator wants changed about voters and rules, and the roster that comes of it.
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
  /// Under which streams begin from then on: the id of a rule set, as
  /// "agui-1.1/strict/compat". "": as now.
  std::string rule_set = {};
  bool operator==(const RosterChange&) const = default;
};

namespace membership {

/// The roster after `before` with this change; equal to before.next() when it changes nothing.
/// Errors: malformed, with why: a key that is removed has no vote, or is listed as well; nobody, or
/// more than limits::voters_max would be left; an incarnation is 0, or below the one listed now; a
/// text that is no rule set. Whether it is in force already, or known to this version of vouch, is
/// not looked at.
Result<Roster> changed(const Roster& before, const RosterChange& change);

}  // namespace membership
}  // namespace vouch
