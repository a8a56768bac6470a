// Time that this thread had a core: other programs on the machine cost less than by the clock.
// SPDX-License-Identifier: MIT
#pragma once

#include <ctime>

namespace vouch::bench {

inline double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double seconds_of(const auto& work) {
  const double begin = cpu_seconds();
  work();
  return cpu_seconds() - begin;
}

}  // namespace vouch::bench
