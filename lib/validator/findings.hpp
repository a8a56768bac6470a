// Collects what one event touches. Knows the rule set, so that callers name rules by number only.
// A rule that does not belong to the rule set has nothing to say.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "vouch/crdt/check.hpp"
#include "vouch/validator/rules.hpp"

namespace vouch::validator {

class Findings {
 public:
  explicit Findings(const RuleSet& rules) : rules_(rules) {}

  /// Adds a finding; true when it is fatal, so that callers stop: `if (f.add(...)) return;`
  bool add(std::uint16_t code, std::string message, std::string pointer = {},
           std::optional<std::int64_t> related = {}) {
    const Rule* rule = find_rule(code);
    VOUCH_CHECK(rule != nullptr);
    if (!rule->belongs_to(rules_.protocol)) return false;
    Finding finding;
    finding.code = code;
    finding.severity = severity_of(*rule, rules_.profile);
    finding.message = std::move(message);
    finding.pointer = std::move(pointer);
    finding.related = related;
    list_.push_back(std::move(finding));
    fatal_ |= list_.back().severity == Severity::fatal;
    return list_.back().severity == Severity::fatal;
  }
  bool fatal() const { return fatal_; }
  const std::vector<Finding>& list() const { return list_; }
  std::vector<Finding> take() {
    fatal_ = false;
    return std::exchange(list_, {});
  }

 private:
  RuleSet rules_;
  std::vector<Finding> list_;
  bool fatal_ = false;
};

}  // namespace vouch::validator
