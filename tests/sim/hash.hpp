// Fast hashes for traces and stand-in signatures; nothing here resists an adversary.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "vouch/schemas/bytes.hpp"

namespace vouch::sim {

/// XXH3, 64 bits: the same on every machine.
std::uint64_t quick_hash(ByteView bytes, std::uint64_t seed);

/// Everything that happened, as one number: equal traces, equal hashes.
class Trace {
 public:
  void add(std::uint64_t word) { hash_ = mix(hash_ ^ word); }
  void add(ByteView bytes) { hash_ = quick_hash(bytes, hash_); }
  std::uint64_t hash() const { return hash_; }

 private:
  static std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  std::uint64_t hash_ = 0;
};

}  // namespace vouch::sim
