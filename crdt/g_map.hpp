// A map from keys to lattices whose keys only grow: joined entry by entry. Ordered, so that every
// walk is the same on every peer. Deliberately absent: removal of keys by users (see or_map for
// that).
// SPDX-License-Identifier: MIT
#pragma once

#include <map>

#include "vouch/crdt/lattice.hpp"
#include "vouch/crdt/max.hpp"

namespace vouch::crdt {

/// join and delta_of cost O(received · log local), never O(local). An entry at bottom equals no
/// entry.
template <std::totally_ordered Key, DeltaLattice Value>
class GMap {
 public:
  using Map = std::map<Key, Value>;

  const Map& entries() const { return entries_; }
  const Value* find(const Key& key) const {
    const auto it = entries_.find(key);
    return it == entries_.end() ? nullptr : &it->second;
  }
  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }

  void join(const GMap& other) {
    for (const auto& [key, value] : other.entries_) join_at(key, value);
  }
  void join_at(const Key& key, const Value& value) {
    if (value == Value{}) return;
    entries_[key].join(value);
  }
  /// Forgets an entry locally. No lattice operation: whoever still holds it gives it back.
  void erase(const Key& key) { entries_.erase(key); }
  bool leq(const GMap& other) const {
    for (const auto& [key, value] : entries_) {
      const Value* theirs = other.find(key);
      if (theirs == nullptr || !value.leq(*theirs)) return false;
    }
    return true;
  }
  GMap delta_of(const GMap& local) const {
    GMap news;
    for (const auto& [key, value] : entries_) {
      const Value* held = local.find(key);
      news.join_at(key, held == nullptr ? value : value.delta_of(*held));
    }
    return news;
  }

  bool operator==(const GMap&) const = default;

 private:
  Map entries_;
};

static_assert(DeltaLattice<GMap<int, GMap<int, Max<int>>>>);

}  // namespace vouch::crdt
