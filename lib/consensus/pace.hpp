// How long agreeing takes here, so that timers can follow it: a smoothed mean and deviation as in
// RFC 6298. A value: time enters as an argument. Invariant: limit() lies within the bounds,
// whatever was observed. Safety never rests on it.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "vouch/base/time.hpp"

namespace vouch::consensus {

struct PaceBounds {
  Duration first;           ///< the limit while nothing was observed
  Duration floor, ceiling;  ///< floor <= first <= ceiling
};

class Pace {
 public:
  explicit Pace(PaceBounds bounds) : bounds_(bounds) {}

  /// Something was certified `took` after its timer began. Ends what missed() began.
  void observe(Duration took);
  /// A timer that began at `began`, and was as long as timers get, ended at `now` with nothing: the
  /// limit doubles. Timers that ran beside each other count once.
  void missed(Instant began, Instant now);
  /// How long to wait before giving up.
  Duration limit() const;
  /// How long it takes, as far as that is known.
  Duration mean() const { return mean_.value_or(Duration{}); }

 private:
  PaceBounds bounds_;
  std::optional<Duration> mean_;
  Duration deviation_{};
  std::uint32_t doublings_ = 0;
  std::optional<Instant> doubled_;
};

}  // namespace vouch::consensus
