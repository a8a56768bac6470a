// The judge pass: known members against their types, in the order of the bytes; the first fault
// counts, a missing member stands where its object ends.
// SPDX-License-Identifier: MIT
#pragma once

#include <set>

#include "vouch/schemas/json_value.hpp"
#include "vouch/validator/findings.hpp"
#include "vouch/validator/shapes.hpp"

namespace vouch::validator {

using Removed = std::set<const json::Value*>;

struct JudgeContext {
  Protocol protocol;
  bool surrogates;         ///< worth looking for unpaired surrogates
  const Removed& removed;  ///< elements that the strip pass took out
};

/// Adds warnings, and at most one fatal finding, the first.
void judge(const json::Value& object, const Shape& shape, const JudgeContext& context,
           Findings& findings);
void judge(const json::Value& object, const Union& options, const JudgeContext& context,
           Findings& findings);

}  // namespace vouch::validator
