// A map from keys to lattices whose keys only grow: joined entry by entry. Ordered, so that every
// walk is the same on every peer. Deliberately absent: removal of keys by users (see or_map for
// that).
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/crdt/lattice.hpp"
#include "vouch/crdt/max.hpp"
#include "vouch/crdt/sorted_map.hpp"
#include "vouch/crdt/wire.hpp"

namespace vouch::crdt {

/// join and delta_of cost O(received · log local), less when the keys lie near each other; never
/// O(local). An entry at bottom equals no entry. Pointers to values end with the next change.
template <std::totally_ordered Key, DeltaLattice Value>
class GMap {
 public:
  using Map = SortedMap<Key, Value>;

  const Map& entries() const { return entries_; }
  /// nullptr when the key has no entry.
  const Value* find(const Key& key) const { return entries_.find(key); }
  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }

  /// The delta that joins `value` at `key`.
  GMap put(const Key& key, const Value& value) const {
    GMap delta;
    delta.join_at(key, value);
    return delta;
  }
  /// The delta of `mutate`, which gets the value at `key` and returns a delta of it.
  template <class Mutate>
  GMap update(const Key& key, const Mutate& mutate) const {
    const Value* held = find(key);
    return put(key, mutate(held == nullptr ? Value{} : *held));
  }

  void join(const GMap& other) {
    typename Map::Finger finger;
    for (const auto& [key, value] : other.entries_) entries_.at(key, finger).join(value);
  }
  void join_at(const Key& key, Value value) {
    if (value == Value{}) return;
    if (entries_.empty() || entries_.back().first < key) {
      entries_.append(key, std::move(value));
      return;
    }
    Value& held = entries_.at(key);
    if (held == Value{}) {
      held = std::move(value);
    } else {
      held.join(value);
    }
  }
  /// Forgets an entry locally. No lattice operation: whoever still holds it gives it back.
  void erase(const Key& key) { entries_.erase(key); }
  bool leq(const GMap& other) const {
    typename Map::Finger finger;
    for (const auto& [key, value] : entries_) {
      const Value* theirs = other.entries_.find(key, finger);
      if (theirs == nullptr || !value.leq(*theirs)) return false;
    }
    return true;
  }
  GMap delta_of(const GMap& local) const& {
    GMap news;
    typename Map::Finger finger;
    for (const auto& [key, value] : entries_) {
      const Value* held = local.entries_.find(key, finger);
      if (held == nullptr) {
        news.entries_.append(key, value);
      } else if (Value part = value.delta_of(*held); !(part == Value{})) {
        news.entries_.append(key, std::move(part));
      }
    }
    return news;
  }
  /// The same without copies of what is news as a whole; without a move where every entry is news.
  GMap delta_of(const GMap& local) && {
    typename Map::Finger finger;
    bool known = false;
    entries_.change([&](const Key& key, Value& value) {
      const Value* held = local.entries_.find(key, finger);
      if (held == nullptr) return;
      value = std::move(value).delta_of(*held);
      known = known || value == Value{};
    });
    if (!known) return std::move(*this);
    GMap news;
    std::move(entries_).drain([&](Key&& key, Value&& value) {
      if (!(value == Value{})) news.entries_.append(std::move(key), std::move(value));
    });
    return news;
  }
  template <class Visit>
  void decompose(const Visit& visit) const
    requires Decomposable<Value>
  {
    for (const auto& entry : entries_) {
      entry.second.decompose([&](const Value& part) {
        GMap one;
        one.entries_.append(entry.first, part);
        visit(one);
      });
    }
  }

  void write(ByteWriter& out, const GMap&) const
    requires Wired<Key> && Wired<Value>
  {
    write_entries(out, entries_);
  }
  static GMap read(ByteReader& in, const GMap&)
    requires Wired<Key> && Wired<Value>
  {
    GMap map;
    map.entries_ = read_entries<Key, Value>(in, [](const Value& v) { return !(v == Value{}); });
    return map;
  }

  bool operator==(const GMap&) const = default;

 private:
  Map entries_;
};

static_assert(Decomposable<GMap<int, GMap<int, Max<int>>>>);
static_assert(Wired<GMap<int, GMap<int, Max<int>>>>);

}  // namespace vouch::crdt
