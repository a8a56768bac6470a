// Collects what one event touches. Knows the profile, so that callers name rules by number only.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "vouch/crdt/check.hpp"
#include "vouch/validator/rules.hpp"

namespace vouch::validator {

class Findings {
 public:
  explicit Findings(Profile profile) : profile_(profile) {}

  /// Adds a finding; true when it is fatal, so that callers stop: `if (f.add(...)) return;`
  bool add(std::uint16_t code, std::string message, std::string pointer = {}) {
    const Rule* rule = find_rule(code);
    VOUCH_CHECK(rule != nullptr);
    Finding finding;
    finding.code = code;
    finding.severity = severity_of(*rule, profile_);
    finding.message = std::move(message);
    finding.pointer = std::move(pointer);
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
  Profile profile_;
  std::vector<Finding> list_;
  bool fatal_ = false;
};

}  // namespace vouch::validator
