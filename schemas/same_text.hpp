// Whether two short texts are equal, or begin alike, without a call: for each event names and ids
// are compared with what they most likely are.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace vouch {

namespace detail {

template <class Word>
Word difference(const char* a, const char* b) {
  Word left = 0, right = 0;
  std::memcpy(&left, a, sizeof left);
  std::memcpy(&right, b, sizeof right);
  return left ^ right;
}

}  // namespace detail

/// a == b. By words; the last one may overlap the one before.
inline bool same_text(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  const std::size_t size = a.size();
  const auto same = [&]<class Word>(Word) {
    const std::size_t last = size - sizeof(Word);
    for (std::size_t at = 0; at < last; at += sizeof(Word)) {
      if (detail::difference<Word>(a.data() + at, b.data() + at) != 0) return false;
    }
    return detail::difference<Word>(a.data() + last, b.data() + last) == 0;
  };
  if (size >= sizeof(std::uint64_t)) return same(std::uint64_t{});
  if (size >= sizeof(std::uint32_t)) return same(std::uint32_t{});
  return a == b;
}

/// With how many bytes both begin.
inline std::size_t shared_prefix(std::string_view a, std::string_view b) {
  using Word = std::uint64_t;
  const std::size_t size = std::min(a.size(), b.size());
  const auto difference = [&](std::size_t at) {
    return detail::difference<Word>(a.data() + at, b.data() + at);
  };
  std::size_t at = 0;
  for (; at + 4 * sizeof(Word) <= size; at += 4 * sizeof(Word)) {
    if ((difference(at) | difference(at + 8) | difference(at + 16) | difference(at + 24)) != 0)
      break;
  }
  for (; at + sizeof(Word) <= size; at += sizeof(Word)) {
    const Word other = difference(at);
    if (other == 0) continue;
    const bool little = std::endian::native == std::endian::little;
    const int same = little ? std::countr_zero(other) : std::countl_zero(other);
    return at + static_cast<std::size_t>(same) / 8;
  }
  while (at < size && a[at] == b[at]) ++at;
  return at;
}

}  // namespace vouch
