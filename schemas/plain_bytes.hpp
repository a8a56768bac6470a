// Bytes that stand for themselves in a JSON string: all but quotes, backslashes and control
// characters. Looked at many at a time, for runs of them are long. Bytes beyond ASCII are plain;
// where there are any, UTF-8 has to be checked.
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

/// Bit i: byte i is not plain.
inline std::uint32_t special_of(__m128i bytes) {
  const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
  const __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i slashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  const int found = _mm_movemask_epi8(_mm_or_si128(low, _mm_or_si128(quotes, slashes)));
  return static_cast<std::uint32_t>(found);
}

/// The number of plain bytes at `at` before the first other one, at most plain_stride.
/// Precondition: plain_stride bytes can be read.
inline std::size_t plain_ahead(const char* at) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  return static_cast<std::size_t>(std::countr_zero(special_of(bytes) | 1U << 16));
}

/// Some of the bytes that plain_ahead looks at is no ASCII.
inline bool foreign_ahead(const char* at) {
  return _mm_movemask_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at))) != 0;
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

inline bool foreign_ahead(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return (word & 0x8080808080808080ULL) != 0;
}

#endif

/// What stands in the next block_size bytes.
struct Block {
  std::uint64_t special = 0;  ///< bit i: byte i is not plain
  bool foreign = false;       ///< some byte is no ASCII
};
inline constexpr std::size_t block_size = 64;

/// Precondition: block_size bytes can be read.
inline Block block_at(const char* at) {
  Block out;
#ifdef __SSE2__
  __m128i all = _mm_setzero_si128();
  for (std::size_t i = 0; i < block_size; i += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + i));
    out.special |= std::uint64_t{special_of(bytes)} << i;
    all = _mm_or_si128(all, bytes);
  }
  out.foreign = _mm_movemask_epi8(all) != 0;
#else
  for (std::size_t i = 0; i < block_size; ++i) {
    if (!is_plain(at[i])) out.special |= std::uint64_t{1} << i;
    out.foreign |= (static_cast<unsigned char>(at[i]) & 0x80) != 0;
  }
#endif
  return out;
}

}  // namespace vouch::json
