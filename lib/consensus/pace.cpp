// SPDX-License-Identifier: MIT
#include "vouch/consensus/pace.hpp"

#include <algorithm>

namespace vouch::consensus {
namespace {

constexpr std::uint32_t doublings_max = 16;

}  // namespace

void Pace::observe(Duration took) {
  took = std::clamp(took, Duration{}, bounds_.ceiling);
  doublings_ = 0;
  if (!mean_) {
    mean_ = took;
    deviation_ = took / 2;
    return;
  }
  const Duration error = took - *mean_;
  deviation_ += (std::max(error, -error) - deviation_) / 4;
  *mean_ += error / 8;
}

void Pace::missed(Instant began, Instant now) {
  if (doubled_ && began < *doubled_) return;
  doubled_ = now;
  doublings_ = std::min(doublings_ + 1, doublings_max);
}

Duration Pace::limit() const {
  const Duration wanted = mean_ ? *mean_ + std::max(deviation_ * 4, *mean_) : bounds_.first;
  const Duration once = std::clamp(wanted, bounds_.floor, bounds_.ceiling);
  return std::min(once * (std::int64_t{1} << doublings_), bounds_.ceiling);
}

}  // namespace vouch::consensus
