// Which rule set judges what: that of the configs, and those that rosters named since
// (docs/decisions/0047). One answer for each key of a stream, the same at all that follow the
// epoch, for ever. Absent: whether this peer can run it (lib/validator/policy.hpp).
// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "vouch/membership/rosters.hpp"

namespace vouch::membership {

class RuleChain {
 public:
  /// `first`: id of the rule set of the configs. Without `rosters` nothing was ever changed. Both
  /// must outlive it.
  RuleChain(std::string_view first, const Rosters* rosters) : first_(first), rosters_(rosters) {}

  /// Id of the rule set that a stream with this key is judged by; "" when none is known here: the
  /// key is none, or its epoch is not followed yet or names none. Valid until a roster comes.
  std::string_view of(std::string_view key) const;
  bool knows(std::string_view key) const;
  /// The epoch that a stream which begins in `epoch` has in its key: that of the newest roster up
  /// to it that names a rule set; 0 when there is none. O(epochs).
  std::uint32_t since(std::uint32_t epoch) const;
  /// Id of the rule set in force in `epoch`.
  std::string_view in(std::uint32_t epoch) const;

 private:
  std::string_view named_in(std::uint32_t epoch) const;

  std::string_view first_;
  const Rosters* rosters_;
};

/// It follows on the newest roster and changes something: voters, or rules other than those in
/// force.
bool changes(const Rosters& rosters, const RuleChain& rules, const Roster& next);

}  // namespace vouch::membership
