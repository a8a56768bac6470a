// A hash that is easy to tell from others.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "vouch/schemas/ids.hpp"

namespace vouch {

/// `byte`, 32 times.
inline Hash hash_of(std::uint8_t byte) {
  Hash hash;
  hash.bytes.fill(byte);
  return hash;
}

}  // namespace vouch
