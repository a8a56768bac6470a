// SPDX-License-Identifier: MIT
#include "vouch/validator/verdict.hpp"

#include "vouch/validator/rules.hpp"

namespace vouch::validator {

std::string_view name_of(Severity severity) {
  constexpr std::string_view names[] = {"info", "warning", "fatal"};
  return names[static_cast<std::size_t>(severity)];
}

std::string_view name_of(Outcome outcome) {
  constexpr std::string_view names[] = {"accepted", "warned", "rejected", "unjudged"};
  return names[static_cast<std::size_t>(outcome)];
}

Outcome outcome_of(const std::vector<Finding>& findings) {
  Outcome out = Outcome::accepted;
  for (const Finding& finding : findings) {
    if (finding.severity == Severity::fatal) return Outcome::rejected;
    if (finding.severity == Severity::warning) out = Outcome::warned;
  }
  return out;
}

std::string_view Finding::suggestion() const {
  return suggestion_of(code);
}

}  // namespace vouch::validator
