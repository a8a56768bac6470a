// Whether two short texts are equal, without a call: names and ids are compared with what they most
// likely are for each event.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace vouch {

namespace detail {

template <class Word>
bool same_word(const char* a, const char* b) {
  Word left = 0, right = 0;
  std::memcpy(&left, a, sizeof left);
  std::memcpy(&right, b, sizeof right);
  return left == right;
}

}  // namespace detail

/// a == b. By words; the last one may overlap the one before.
inline bool same_text(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  const std::size_t size = a.size();
  const auto same = [&]<class Word>(Word) {
    const std::size_t last = size - sizeof(Word);
    for (std::size_t at = 0; at < last; at += sizeof(Word)) {
      if (!detail::same_word<Word>(a.data() + at, b.data() + at)) return false;
    }
    return detail::same_word<Word>(a.data() + last, b.data() + last);
  };
  if (size >= sizeof(std::uint64_t)) return same(std::uint64_t{});
  if (size >= sizeof(std::uint32_t)) return same(std::uint32_t{});
  return a == b;
}

}  // namespace vouch
