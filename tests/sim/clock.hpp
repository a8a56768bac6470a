// A peer's monotonic clock as a function of the simulation's time: it drifts and jumps forward, as
// after a suspended machine, and never goes back.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/base/time.hpp"
#include "vouch/transport/memory_network.hpp"

namespace vouch::sim {

using transport::VirtualTime;

class SimClock {
 public:
  Instant at(VirtualTime now) const {
    return local_ + Duration((now - since_).count() * rate_ / one);
  }
  /// The first moment at which `at` is not before `local`.
  VirtualTime when(Instant local) const {
    const std::int64_t rest = (local - local_).count();
    if (rest <= 0) return since_;
    return since_ + VirtualTime((rest * one + rate_ - 1) / rate_);
  }
  /// Millionths of the true speed, more than 0.
  void set_rate(VirtualTime now, std::int64_t rate) {
    rebase(now);
    rate_ = rate;
  }
  void jump(VirtualTime now, Duration forward) {
    rebase(now);
    local_ += forward;
  }

  static constexpr std::int64_t one = 1'000'000;

 private:
  void rebase(VirtualTime now) {
    local_ = at(now);
    since_ = now;
  }

  VirtualTime since_{};
  Instant local_{};
  std::int64_t rate_ = one;
};

}  // namespace vouch::sim
