// Time as an argument. The clock has no now(): only the driver knows what time it is.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>

namespace vouch {

struct PeerClock {
  using rep = std::int64_t;
  using period = std::micro;
  using duration = std::chrono::duration<rep, period>;
  using time_point = std::chrono::time_point<PeerClock>;
  static constexpr bool is_steady = true;
};

/// Monotonic, microseconds, with an arbitrary start.
using Instant = PeerClock::time_point;
using Duration = PeerClock::duration;

}  // namespace vouch
