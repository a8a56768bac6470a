// Stage 2 of RULES section 2: the compatibility boundary. Retired forms become modern ones, each
// with a warning; modern events pass unchanged. State is per stream: the ids minted for THINKING_*
// events.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/schemas/json_value.hpp"
#include "vouch/validator/findings.hpp"

namespace vouch::validator {

class Compat {
 public:
  /// Precondition: `event` is an object with a string member "type".
  void translate(json::Value& event, Findings& findings);
  /// What a snapshot keeps.
  void archive(auto& a) { a(minted_, span_, message_); }

 private:
  void thinking(json::Value& event, const std::string& type, Findings& findings);
  std::string mint();

  std::uint64_t minted_ = 0;
  std::string span_;     ///< current minted reasoning span, "" = none
  std::string message_;  ///< current minted reasoning message, "" = none
};

}  // namespace vouch::validator
