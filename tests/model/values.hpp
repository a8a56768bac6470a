// How models write down values, which count from 1, and locks.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace vouch::model {

inline constexpr std::uint8_t no_lock = 1;

constexpr std::uint8_t bit(int value) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(value - 1));
}

}  // namespace vouch::model
