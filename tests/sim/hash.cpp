// SPDX-License-Identifier: MIT
#include "tests/sim/hash.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace vouch::sim {

std::uint64_t quick_hash(ByteView bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

}  // namespace vouch::sim
