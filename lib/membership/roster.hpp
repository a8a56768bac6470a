// The agreed list of voters and the arithmetic of their quorums.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "vouch/schemas/ids.hpp"

namespace vouch::membership {

/// Faulty voters that n voters tolerate: floor((n - 1) / 3); at n < 4 crashes only.
constexpr std::size_t faults_tolerated(std::size_t n) {
  return n == 0 ? 0 : (n - 1) / 3;
}

/// Votes that decide: ceil((n + f + 1) / 2). Two quorums share f + 1 voters; n - f voters suffice.
constexpr std::size_t quorum(std::size_t n) {
  return (n + faults_tolerated(n) + 2) / 2;
}

/// Peers that validate a stream by default, the ingesting one included: one more than a quorum if
/// there is.
constexpr std::size_t default_validators(std::size_t n) {
  return n > quorum(n) ? quorum(n) + 1 : quorum(n);
}

class Roster {
 public:
  Roster() = default;
  Roster(std::vector<PeerId> voters, std::uint32_t epoch)
      : voters_(std::move(voters)), epoch_(epoch) {
    std::sort(voters_.begin(), voters_.end());
    voters_.erase(std::unique(voters_.begin(), voters_.end()), voters_.end());
  }
  const std::vector<PeerId>& voters() const { return voters_; }  ///< sorted, distinct
  std::size_t size() const { return voters_.size(); }
  std::uint32_t epoch() const { return epoch_; }
  bool contains(const PeerId& peer) const {
    return std::binary_search(voters_.begin(), voters_.end(), peer);
  }
  /// The `count` voters other than `self` that validate `stream`: rendezvous hashing, so that a
  /// change of the roster moves few streams.
  std::vector<PeerId> validators(std::string_view stream, const PeerId& self,
                                 std::size_t count) const;

 private:
  std::vector<PeerId> voters_;
  std::uint32_t epoch_ = 0;
};

}  // namespace vouch::membership
