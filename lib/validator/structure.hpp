// Stage 4 of RULES section 2: what is unknown is stripped with a warning, what is known and
// malformed is fatal. Works on a tree, top down; opaque values are passed unread.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/schemas/json_value.hpp"
#include "vouch/validator/findings.hpp"
#include "vouch/validator/shapes.hpp"

namespace vouch::validator {

enum class Enforced : std::uint8_t { passed, dropped, rejected };

/// Strips, then judges, `object` against `shape`. `surrogates`: some string of it has an unpaired
/// one.
Enforced enforce(json::Value& object, const Shape& shape, Protocol protocol, bool surrogates,
                 Findings& findings);
/// The same for a tagged union.
Enforced enforce(json::Value& object, const Union& options, Protocol protocol, bool surrogates,
                 Findings& findings);

}  // namespace vouch::validator
