// What happens in a disputed world, and when.
// SPDX-License-Identifier: MIT
#pragma once

#include "tests/sim/dispute/voter.hpp"

namespace vouch::sim {

using Time = std::int64_t;  // microseconds

enum class Kind : std::uint8_t {
  feed,
  words,
  ballot,
  attest,
  certificate,
  folded,
  tick,
  crash,
  restart,
  chaos
};

struct Event {
  Time at = 0;
  std::uint64_t order = 0;
  Kind kind = Kind::tick;
  std::size_t copy = 0;
  std::size_t from = 0;  ///< index of a copy
  Bytes bytes;
  std::optional<Ballot> ballot;
  std::optional<Attested> attested;
  std::optional<Certificate> certificate;
  std::optional<consensus::FoldRequest> fold;
};
struct Later {
  bool operator()(const Event& a, const Event& b) const {
    return std::pair(a.at, a.order) > std::pair(b.at, b.order);
  }
};

}  // namespace vouch::sim
