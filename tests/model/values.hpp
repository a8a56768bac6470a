// How models write down values, which count from 1, locks, and votes.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

namespace vouch::model {

inline constexpr std::uint8_t no_lock = 1;

constexpr std::uint8_t bit(int value) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(value - 1));
}

/// Walks what a voter said in its views in one order, to pack or to unpack.
template <class Votes, class Field>
void each_field_of_votes(Votes& votes, int views, int view_change_bits, Field& field) {
  field(votes.view, 2);
  for (std::size_t v = 0; v < static_cast<std::size_t>(views); ++v) {
    field(votes.prepared[v], 3);
    field(votes.committed[v], 2);
    field(votes.view_change[v], view_change_bits);
  }
}

}  // namespace vouch::model
