// "Did you mean": the known word nearest to one that was mistyped.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string_view>
#include <vector>

namespace vouch {

/// Levenshtein distance in bytes; cost is the product of the lengths.
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t change = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, change});
    }
  }
  return row.back();
}

/// The first of the nearest `words` within `distance_max` of `name`; "" when none is that near.
template <class Words>
std::string_view nearest(std::string_view name, const Words& words, std::size_t distance_max) {
  constexpr std::size_t name_max = 128;
  std::string_view best;
  if (name.size() > name_max) return best;
  for (const std::string_view word : words) {
    const std::size_t distance = edit_distance(name, word);
    if (distance > distance_max) continue;
    best = word;
    if (distance == 0) break;
    distance_max = distance - 1;
  }
  return best;
}

}  // namespace vouch
