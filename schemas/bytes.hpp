// Bytes and their text forms. Deliberately absent: any notion of a message.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "vouch/crdt/bytes.hpp"

namespace vouch {

/// Lower-case hexadecimal, two digits a byte.
std::string to_hex(ByteView bytes);

/// Reads hexadecimal of either case; nothing when a digit is wrong or the length is odd.
std::optional<Bytes> from_hex(std::string_view text);

inline bool starts_with(ByteView bytes, ByteView prefix) {
  return bytes.size() >= prefix.size() && std::ranges::equal(bytes.first(prefix.size()), prefix);
}

}  // namespace vouch
