// Numbers of JSON: lexeme -> value, independent of the locale.
// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "vouch/schemas/json_value.hpp"

namespace vouch::json {

/// The number at the beginning of `text`; gives the length of its lexeme, 0 when there is none or
/// when it is beyond the range of a double. `out`: std::int64_t, std::uint64_t or BigInteger for an
/// integer lexeme (no point, no exponent), else double.
std::size_t read_number(std::string_view text, Value& out);

}  // namespace vouch::json
