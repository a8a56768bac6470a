// The one real clock.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>

#include "vouch/base/time.hpp"

namespace vouch::driver {

inline Instant now() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return Instant(std::chrono::duration_cast<Duration>(since));
}

}  // namespace vouch::driver
