// What a stream is called between peers. Verdicts under two rule sets are two facts, so a stream
// that begins under a later rule set than the first one of its cluster is called by its name and
// the epoch whose roster named that rule set (docs/decisions/0047). All others by their names.
//   key   name, or: name, byte 0x1f, epoch in decimal digits
// Absent: which rule set that is (lib/membership/rule_chain.hpp).
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vouch {

/// No name holds it.
inline constexpr char stream_key_mark = '\x1f';

struct StreamKey {
  std::string_view name;    ///< as a submitter gives it
  std::uint32_t epoch = 0;  ///< whose roster named the rule set; 0: that of the configs
  bool operator==(const StreamKey&) const = default;
};

/// Canonical: one key, one text. Precondition: the name does not hold the mark.
std::string stream_key(std::string_view name, std::uint32_t epoch);
/// Views into `key`; nothing for a text that stream_key does not make.
std::optional<StreamKey> parse_stream_key(std::string_view key);
/// What stands before the mark: of a key its name, of any other text as good as that.
std::string_view stream_name(std::string_view key);

}  // namespace vouch
