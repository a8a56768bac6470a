// SPDX-License-Identifier: MIT
#include "vouch/validator/custom.hpp"

#include <algorithm>
#include <set>

namespace vouch::validator {

bool is_custom_id(std::string_view id) {
  constexpr std::size_t bytes_max = 64;
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789.-_@";
  return !id.empty() && id.size() <= bytes_max &&
         id.find_first_not_of(allowed) == std::string_view::npos;
}

std::vector<std::string> custom_faults(const CustomRules& rules) {
  std::vector<std::string> out;
  std::set<std::string> ids;
  std::set<std::uint16_t> codes;
  for (const auto& rule : rules) {
    if (rule == nullptr) {
      out.push_back("a custom rule is null");
      continue;
    }
    const std::string name = "custom rule '" + rule->id() + "'";
    if (!is_custom_id(rule->id())) {
      out.push_back(name + ": an id has 1 to 64 of the characters a-z 0-9 . - _ @");
    }
    if (rule->code() < CustomRule::code_min || rule->code() > CustomRule::code_max) {
      out.push_back(name + ": its number is not within 20000 to 29999");
    }
    if (rule->purity() == Purity::local && rule->severity() == Severity::fatal) {
      out.push_back(name + ": only a pure rule may reject; make it pure or a warning");
    }
    if (!ids.insert(rule->id()).second) out.push_back(name + " is listed twice");
    if (!codes.insert(rule->code()).second) out.push_back(name + ": its number is taken");
  }
  return out;
}

std::vector<std::string> pure_ids(const CustomRules& rules) {
  std::vector<std::string> out;
  for (const auto& rule : rules) {
    if (rule->purity() == Purity::pure) out.push_back(rule->id());
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace vouch::validator
