// The table of rules: number, id, severity per profile, what was expected. Code names rules by
// their number; everything else about a rule stands here once.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "vouch/validator/rule_set.hpp"
#include "vouch/validator/verdict.hpp"

namespace vouch::validator {

/// C obliges a consumer to reject; P breaks identity but a consumer need not notice; the rest never
/// reject.
enum class RuleClass : std::uint8_t { consumer, producer, warning, info };

struct Rule {
  std::uint16_t code;
  std::string_view id;
  RuleClass rule_class;
  std::string_view expected;
};

std::span<const Rule> rules();
/// Null when there is no such rule.
const Rule* find_rule(std::uint16_t code);
Severity severity_of(const Rule& rule, Profile profile);

}  // namespace vouch::validator
