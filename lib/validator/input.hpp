// Reads a RunAgentInput: strips and judges its structure as a consumer does (RULES 2.2, 2.3). What
// it says about its thread is judged with a stream, see Options::input.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "vouch/schemas/json_value.hpp"
#include "vouch/validator/rule_set.hpp"
#include "vouch/validator/thread_state.hpp"
#include "vouch/validator/verdict.hpp"

namespace vouch::validator {

struct InputDocument {
  std::optional<json::Value> value;  ///< without unknown material; nothing when it is malformed
  std::vector<Finding> findings;     ///< index -1, pointers into the document
};

InputDocument read_input(std::string_view text, const RuleSet& rules);

}  // namespace vouch::validator
