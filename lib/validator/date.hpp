// Dates of RFC 3339 as milliseconds. Deliberately absent: a clock, time zones by name, leap seconds
// (second 60 is the one after).
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace vouch::validator {

/// Milliseconds since 1970 of "2026-08-20T17:00:00.5+02:00"; fractions below are cut off. Nothing
/// for any other form. Any bytes are legal input.
std::optional<std::int64_t> read_date(std::string_view text);

}  // namespace vouch::validator
