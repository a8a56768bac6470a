// A custom rule as a user would write one: a delta must not hold a secret.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "vouch/validator/custom.hpp"

namespace vouch {

class NoSecrets final : public validator::CustomRule {
 public:
  /// `secret`: what no delta may hold.
  explicit NoSecrets(std::string secret)
      : CustomRule(20'001, "acme.no-secrets@1", validator::Purity::pure,
                   validator::Severity::fatal),
        secret_(std::move(secret)) {}
  std::optional<validator::Objection> check(const validator::Event& event,
                                            const validator::StreamState&) const override {
    if (!event.delta || event.delta->find(secret_) == std::string_view::npos) return {};
    return validator::Objection{"the delta holds a key", "/delta"};
  }

 private:
  std::string secret_;
};

}  // namespace vouch
