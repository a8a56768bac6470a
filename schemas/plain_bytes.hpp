// Bytes that stand for themselves in a JSON string: all but quotes, backslashes and control
// characters. Looked at many at a time, for runs of them are long.
// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace vouch::json {

constexpr bool is_plain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

#ifdef __SSE2__

/// How many bytes plain_ahead looks at.
inline constexpr std::size_t plain_stride = 16;

/// The number of plain bytes at `at` before the first other one, at most plain_stride.
/// Precondition: plain_stride bytes can be read.
inline std::size_t plain_ahead(const char* at) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
  const __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i slashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  const int found = _mm_movemask_epi8(_mm_or_si128(low, _mm_or_si128(quotes, slashes)));
  return static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(found) | 1U << 16));
}

#else

inline constexpr std::size_t plain_stride = 8;

inline std::size_t plain_ahead(const char* at) {
  if constexpr (std::endian::native == std::endian::little) {
    const auto every = [](std::uint64_t byte) { return 0x0101010101010101ULL * byte; };
    // The high bit of every byte below `bound`; bits above the lowest one may be false alarms.
    const auto below = [&](std::uint64_t word, std::uint64_t bound) {
      return (word - every(bound)) & ~word & every(0x80);
    };
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    const std::uint64_t found =
        below(word, 0x20) | below(word ^ every('"'), 1) | below(word ^ every('\\'), 1);
    return static_cast<std::size_t>(std::countr_zero(found)) / 8;
  }
  std::size_t count = 0;
  while (count < plain_stride && is_plain(at[count])) ++count;
  return count;
}

#endif

}  // namespace vouch::json
