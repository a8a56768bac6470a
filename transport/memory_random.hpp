// A seeded generator for simulated networks: the same seed gives the same numbers everywhere. Never
// for secrets.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace vouch::transport {

/// SplitMix64. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
class SplitMix64 {
 public:
  explicit SplitMix64(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// In [0, bound); bound > 0. Biased by less than bound / 2^64.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  /// True with this probability.
  bool chance(double probability) {
    return static_cast<double>(next() >> 11) * 0x1.0p-53 < probability;
  }

 private:
  std::uint64_t state_;
};

}  // namespace vouch::transport
