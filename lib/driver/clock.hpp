// The real clocks.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>

#include "vouch/base/time.hpp"

namespace vouch::driver {

inline Instant now() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return Instant(std::chrono::duration_cast<Duration>(since));
}

/// Milliseconds since 1970, for the overlay `local`, which compares it with timestamps of events.
/// Nothing else may depend on it.
inline std::int64_t wall_ms() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

}  // namespace vouch::driver
