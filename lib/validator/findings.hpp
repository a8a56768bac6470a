// Collects what one event touches. Knows the rule set, so that callers name rules by number only.
// A rule that does not belong to the rule set has nothing to say.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "vouch/crdt/check.hpp"
#include "vouch/validator/levels.hpp"
#include "vouch/validator/mode.hpp"

namespace vouch::validator {

class Findings {
 public:
  explicit Findings(const RuleSet& rules, Mode mode = {}) : rules_(rules), mode_(mode) {}

  /// An empty collection under the same rules.
  Findings same_rules() const { return Findings(rules_, mode_); }

  /// Adds a finding; true when it is fatal, so that callers stop: `if (f.add(...)) return;`
  bool add(std::uint16_t code, std::string message, std::string pointer = {},
           std::optional<std::int64_t> related = {}) {
    const Rule* rule = find_rule(code);
    VOUCH_CHECK(rule != nullptr);
    const Level level = level_of(*rule, rules_);
    if (level == Level::off) return false;
    if (mode_.sequence_only && (rule->sets & sets::sequence_only) == 0) return false;
    Finding finding;
    finding.code = code;
    finding.severity = static_cast<Severity>(static_cast<unsigned>(level) - 1);
    finding.message = std::move(message);
    finding.pointer = std::move(pointer);
    finding.related = related;
    return push(std::move(finding));
  }
  /// The same, but with at most this severity.
  bool add_at_most(Severity most, std::uint16_t code, std::string message,
                   std::string pointer = {}) {
    const std::size_t held = list_.size();
    const bool was_fatal = std::exchange(fatal_, false);
    add(code, std::move(message), std::move(pointer));
    if (list_.size() > held) list_.back().severity = std::min(list_.back().severity, most);
    const bool is_fatal = list_.size() > held && list_.back().severity == Severity::fatal;
    fatal_ = was_fatal || is_fatal;
    return is_fatal;
  }
  /// The same for a finding whose severity is known.
  bool push(Finding finding) {
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
  /// The same behind those of `out`. Most events touch nothing: then nothing is done.
  void take_into(std::vector<Finding>& out) {
    if (list_.empty()) return;
    for (Finding& finding : take()) out.push_back(std::move(finding));
  }

 private:
  RuleSet rules_;
  Mode mode_;
  std::vector<Finding> list_;
  bool fatal_ = false;
};

}  // namespace vouch::validator
