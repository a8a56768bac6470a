// SPDX-License-Identifier: MIT
#include "vouch/validator/levels.hpp"

#include <algorithm>

namespace vouch::validator {
namespace {

const Override* find_override(std::span<const Override> list, std::uint16_t code) {
  const auto found = std::ranges::lower_bound(list, code, {}, &Override::code);
  return found == list.end() || found->code != code ? nullptr : &*found;
}

}  // namespace

Level default_level(const Rule& rule, const RuleSet& rules) {
  if (!rule.belongs_to(rules.protocol)) return Level::off;
  return static_cast<Level>(static_cast<unsigned>(severity_of(rule, rules.profile)) + 1);
}

bool touches_fatal(const Rule& rule, Level level, const RuleSet& rules) {
  return level != default_level(rule, rules) &&
         (level == Level::fatal || default_level(rule, rules) == Level::fatal);
}

Level level_of(const Rule& rule, const RuleSet& rules) {
  const Override* held = find_override(rules.overrides, rule.code);
  return held == nullptr ? default_level(rule, rules) : held->level;
}

std::string override_fault(const Rule& rule, Level level, const RuleSet& rules) {
  const std::string name = std::to_string(rule.code) + " " + std::string(rule.id);
  if (!rule.belongs_to(rules.protocol)) return name + " does not belong to this rule set";
  const Level usual = default_level(rule, rules);
  if (rule.reach == Reach::not_below && level < usual) {
    return name + " cannot be lowered below " + std::string(name_of(usual)) +
           ": later rules build on it";
  }
  if (rule.reach == Reach::not_to_fatal && level == Level::fatal) {
    return name + " cannot be fatal: it is never voted on; use warning";
  }
  return {};
}

void relevel(std::span<const Override> levels, std::vector<Finding>& findings) {
  if (levels.empty()) return;
  std::erase_if(findings, [&](Finding& finding) {
    const Override* held = find_override(levels, finding.code);
    if (held == nullptr) return false;
    if (held->level == Level::off) return true;
    finding.severity = static_cast<Severity>(static_cast<unsigned>(held->level) - 1);
    return false;
  });
}

}  // namespace vouch::validator
