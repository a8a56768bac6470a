// A first look at UTF-8. Nearly all that is no ASCII takes two or three bytes and is far from the
// edges of Unicode: it is recognized a block at a time, without a branch for each character.
// Deliberately absent: any verdict on the rest, which is left to the general check.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "vouch/schemas/plain_bytes.hpp"

namespace vouch::json {

/// True when the bytes are UTF-8; false when somebody else has to look. Precondition: up to
/// block_size bytes behind the end can be read, and none of them continues a character.
inline bool is_usual_utf8(std::string_view text) {
#ifdef __SSE2__
  const auto byte = [](int value) { return _mm_set1_epi8(static_cast<char>(value)); };
  std::uint64_t owed = 0;  // continuations that the block before leaves to this one
  __m128i odd = _mm_setzero_si128();
  for (std::size_t from = 0; from < text.size(); from += block_size) {
    std::uint64_t foreign = 0, continuing = 0, threes = 0;
    for (std::size_t i = 0; i < block_size; i += 16) {
      const __m128i bytes =
          _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + from + i));
      const auto equal = [&](int value) { return _mm_cmpeq_epi8(bytes, byte(value)); };
      const auto at_least = [&](int value) {
        return _mm_cmpeq_epi8(_mm_max_epu8(bytes, byte(value)), bytes);
      };
      const auto mask = [i](__m128i found) {
        return std::uint64_t{static_cast<std::uint32_t>(_mm_movemask_epi8(found))} << i;
      };
      foreign |= mask(bytes);
      continuing |= mask(_mm_cmplt_epi8(bytes, byte(0xC0)));
      threes |= mask(at_least(0xE0));
      // C0 and C1 begin nothing; E0, ED and all from F0 on bound what follows.
      const __m128i never = _mm_cmpeq_epi8(_mm_and_si128(bytes, byte(0xFE)), byte(0xC0));
      const __m128i edges = _mm_or_si128(equal(0xE0), equal(0xED));
      odd = _mm_or_si128(odd, _mm_or_si128(_mm_or_si128(never, edges), at_least(0xF0)));
    }
    const std::uint64_t leads = foreign & ~continuing;
    if (continuing != (leads << 1 | threes << 2 | owed)) return false;
    owed = leads >> 63 | threes >> 62;
  }
  return owed == 0 && _mm_movemask_epi8(odd) == 0;
#else
  return text.empty();
#endif
}

}  // namespace vouch::json
