// What one writer claims at its highest rank. Two different claims at one rank contradict each
// other: the two smallest are kept, so that the contradiction is bounded evidence and the cell
// stays a lattice.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <utility>

#include <boost/container/flat_map.hpp>
#include <boost/container/small_vector.hpp>

#include "vouch/crdt/lattice.hpp"
#include "vouch/crdt/max.hpp"

namespace vouch::crdt {

/// Rank first; at equal rank the two smallest keys, their values joined. O(1): at most two entries.
/// Source of the "keep two" idea: equivocation proofs as in Kleppmann, PaPoC 2022.
template <std::totally_ordered Rank, std::totally_ordered Key, DeltaLattice Value>
class TopClaims {
 public:
  static constexpr std::size_t claims_max = 2;
  /// One claim, as honest writers make it, lies in the cell itself.
  using Claims =
      boost::container::flat_map<Key, Value, std::less<Key>,
                                 boost::container::small_vector<std::pair<Key, Value>, 1>>;

  TopClaims() = default;
  TopClaims(Rank rank, Key key, Value value) : rank_(std::move(rank)) {
    claims_.emplace(std::move(key), std::move(value));
  }

  bool empty() const { return claims_.empty(); }
  const Rank& rank() const { return rank_; }
  const Claims& claims() const { return claims_; }
  bool contradicts_itself() const { return claims_.size() > 1; }

  void join(const TopClaims& other) {
    if (other.empty() || (!empty() && other.rank_ < rank_)) return;
    if (empty() || rank_ < other.rank_) {
      *this = other;
      return;
    }
    for (const auto& [key, value] : other.claims_) claims_[key].join(value);
    while (claims_.size() > claims_max) claims_.erase(std::prev(claims_.end()));
  }
  bool leq(const TopClaims& other) const {
    if (empty()) return true;
    if (other.empty() || rank_ != other.rank_) return !other.empty() && rank_ < other.rank_;
    TopClaims joined = other;
    joined.join(*this);
    return joined == other;
  }
  TopClaims delta_of(const TopClaims& local) const {
    if (leq(local)) return {};
    if (local.empty() || local.rank_ < rank_) return *this;
    TopClaims news;
    news.rank_ = rank_;
    for (const auto& [key, value] : claims_) {
      const TopClaims one(rank_, key, value);
      if (!one.leq(local)) news.claims_.emplace(key, value);
    }
    return news;
  }

  /// One part per claim.
  template <class Visit>
  void decompose(const Visit& visit) const {
    for (const auto& [key, value] : claims_) visit(TopClaims(rank_, key, value));
  }

  bool operator==(const TopClaims&) const = default;

 private:
  Rank rank_{};
  Claims claims_;
};

static_assert(Decomposable<TopClaims<int, int, Max<int>>>);

}  // namespace vouch::crdt
