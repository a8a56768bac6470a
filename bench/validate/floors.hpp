// What validation is measured against: the bare parser, the bare hash.
// SPDX-License-Identifier: MIT
#pragma once

#include "bench/validate/stream.hpp"

namespace vouch::bench {

/// The text of all events with what simdjson wants behind it.
std::string padded(const EventStream& stream);

/// Parses every event of a padded text in place with simdjson's DOM; `hash` adds one BLAKE2b-256 of
/// the raw bytes an event. Gives a number that depends on all results, so that nothing is left out.
std::uint64_t parse_bare(const EventStream& stream, const std::string& text, bool hash);

}  // namespace vouch::bench
