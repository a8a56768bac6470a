// The canonical form that digests are taken of: RFC 8785 with four extensions. Integer lexemes
// beyond 2^53 keep their digits, -0 is 0, an unpaired surrogate is the escape \udXXX, of duplicate
// members the last one counts. Equal canonical forms mean equal events for every rule.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "vouch/schemas/json_value.hpp"

namespace vouch::json {

/// Appends the canonical form to `out`. Depth of recursion is that of the value.
void append_canonical(const Value& value, std::string& out);
std::string canonical(const Value& value);

void append_integer(std::int64_t number, std::string& out);
void append_integer(std::uint64_t number, std::string& out);
/// A finite double by the rule of ECMAScript's Number::toString.
void append_number(double number, std::string& out);
/// A WTF-8 string with quotes; every escape that RFC 8785 wants, nothing more.
void append_string(std::string_view text, std::string& out);
/// The same for text that is known to be UTF-8, a little faster.
void append_utf8_string(std::string_view text, std::string& out);

}  // namespace vouch::json
