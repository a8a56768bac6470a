// What a rule comes to under a rule set with its overrides, and which overrides there may be.
// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>
#include <vector>

#include "vouch/validator/rules.hpp"

namespace vouch::validator {

/// From the table: the severity under the profile, off when the rule is not of the protocol.
Level default_level(const Rule& rule, const RuleSet& rules);
/// The override of the rule set, else the default.
Level level_of(const Rule& rule, const RuleSet& rules);
/// The change can turn a verdict: it must be part of the rule set.
bool touches_fatal(const Rule& rule, Level level, const RuleSet& rules);
/// Why `rule` cannot have that level; "" when it can.
std::string override_fault(const Rule& rule, Level level, const RuleSet& rules);
/// Applies levels that do not touch fatal, by ascending number, to what is reported.
void relevel(std::span<const Override> levels, std::vector<Finding>& findings);

}  // namespace vouch::validator
