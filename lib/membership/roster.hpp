// The agreed list of voters.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "vouch/membership/quorum.hpp"
#include "vouch/schemas/bytes.hpp"
#include "vouch/schemas/error.hpp"
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
  bool operator==(const Roster&) const = default;
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
  void list(const PeerId& peer, std::uint32_t incarnation) {
    if (incarnation == 1) {
      incarnations_.erase(peer);
    } else {
      incarnations_[peer] = incarnation;
    }
  }
  /// Of the roster before; zeros for the first one.
  const Hash& previous() const { return previous_; }
  /// An operator installed it because too many voters of the one before were lost
  /// (docs/decisions/0044). Its bytes say so.
  bool forced() const { return forced_; }
  /// What it names of rules is dropped: an operator alone changes none.
  void force() {
    forced_ = true;
    rule_set_.clear();
  }
  /// The rule set under which streams begin from this epoch on (docs/decisions/0047); "" where it
  /// stays as it was.
  const std::string& rule_set() const { return rule_set_; }
  /// Precondition: at most limits::rule_set_bytes_max of printable ASCII; the roster is not forced.
  void change_rules(std::string rule_set) { rule_set_ = std::move(rule_set); }
  /// The same voters, and rules, as the roster that follows on this one.
  Roster next() const;
  void add(const PeerId& peer);
  void remove(const PeerId& peer);
  /// The `count` voters other than `self` that validate `stream`: rendezvous hashing, so that a
  /// change of the roster moves few streams.
  std::vector<PeerId> validators(std::string_view stream, const PeerId& self,
                                 std::size_t count) const;

 private:
  std::vector<PeerId> voters_;
  std::map<PeerId, std::uint32_t> incarnations_;  ///< those other than 1
  std::uint32_t epoch_ = 0;
  Hash previous_;
  bool forced_ = false;
  std::string rule_set_;

  friend Result<Roster> decode_roster(ByteView bytes);
};

/// Canonical: equal rosters, equal bytes. What a certificate decides is their hash.
Bytes encode_roster(const Roster& roster);
/// Errc::malformed for anything that encode_roster does not make of 1 to limits::voters_max voters.
Result<Roster> decode_roster(ByteView bytes);
Hash hash_of(const Roster& roster);

}  // namespace vouch::membership
