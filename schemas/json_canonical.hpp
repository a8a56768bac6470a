// The canonical form that digests are taken of: RFC 8785 with four extensions. Integer lexemes
// beyond 2^53 keep their digits, -0 is 0, an unpaired surrogate is the escape \udXXX, of duplicate
// members the last one counts. Equal canonical forms mean equal events for every rule.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "vouch/schemas/json_value.hpp"

namespace vouch::json {

/// Appends the canonical form to `out`. Depth of recursion is that of the value.
void append_canonical(const Value& value, std::string& out);
std::string canonical(const Value& value);

/// A finite double by the rule of ECMAScript's Number::toString.
void append_number(double number, std::string& out);
/// A WTF-8 string with quotes; every escape that RFC 8785 wants, nothing more.
void append_string(std::string_view text, std::string& out);

}  // namespace vouch::json
