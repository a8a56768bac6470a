// The agreed list of voters.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <vector>

#include "vouch/membership/quorum.hpp"
#include "vouch/schemas/ids.hpp"

namespace vouch::membership {

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
  /// Votes of `peer` count only when it writes under the incarnation that is listed, by default 1.
  bool lists(const PeerId& peer, std::uint32_t incarnation) const {
    return contains(peer) && incarnation == incarnation_of(peer);
  }
  std::uint32_t incarnation_of(const PeerId& peer) const {
    const auto it = incarnations_.find(peer);
    return it == incarnations_.end() ? 1 : it->second;
  }
  void list(const PeerId& peer, std::uint32_t incarnation) { incarnations_[peer] = incarnation; }
  /// The `count` voters other than `self` that validate `stream`: rendezvous hashing, so that a
  /// change of the roster moves few streams.
  std::vector<PeerId> validators(std::string_view stream, const PeerId& self,
                                 std::size_t count) const;

 private:
  std::vector<PeerId> voters_;
  std::map<PeerId, std::uint32_t> incarnations_;  ///< those other than 1
  std::uint32_t epoch_ = 0;
};

}  // namespace vouch::membership
