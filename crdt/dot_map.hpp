// A map from keys to stores. Beside the entries it keeps an index from dots to keys, so that a join
// looks only at what the other side speaks about. Invariant: no entry is empty; the index has
// exactly the live dots. Deliberately absent: marks of removed keys, since a dead dot needs none.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/crdt/dot_store.hpp"
#include "vouch/crdt/sorted_map.hpp"

namespace vouch::crdt {

/// join and leq cost O((their entries + live dots that they cover) · log n), whatever the size of
/// the rest. Memory: each live dot is held twice, once with a copy of the key.
template <std::totally_ordered Key, DotStore Value>
class DotMap {
 public:
  using Map = SortedMap<Key, Value>;
  using Finger = typename Map::Finger;

  DotMap() = default;
  DotMap(const Key& key, const Value& value) { append(key, value); }

  bool empty() const { return entries_.empty(); }
  const Map& entries() const { return entries_; }
  /// nullptr when nothing lives at `key`.
  const Value* find(const Key& key) const { return entries_.find(key); }
  template <class Visit>
  void each_dot(const Visit& visit) const {
    for (const auto& place : places_) visit(place.first);
  }

  void join(const DotContext& own, const DotMap& other, const DotContext& theirs,
            DotChanges* changes) {
    const std::vector<Key> ended =
        covered_keys(theirs, [&](const Key& key) { return !other.entries_.contains(key); });
    Finger finger;
    for (const auto& [key, value] : other.entries_) {
      join_at(key, finger, own, value, theirs, changes);
    }
    for (const Key& key : ended) join_at(key, finger, own, Value{}, theirs, changes);
  }
  bool leq(const DotContext& own, const DotMap& other) const {
    const std::vector<Key> keys = other.covered_keys(own, [](const Key&) { return true; });
    return std::all_of(keys.begin(), keys.end(), [&](const Key& key) {
      const Value* mine = find(key);
      return mine != nullptr && mine->leq(own, *other.find(key));
    });
  }
  DotMap delta_of(const DotContext& own, const DotMap& other, const DotContext& theirs,
                  DotContext& news) const {
    DotMap part;
    const Value none{};
    const DotContext moved = moved_from(other);
    news.join(moved);
    const DotContext known = moved.empty() ? theirs : theirs.delta_of(moved);
    Finger finger;
    for (const auto& [key, value] : entries_) {
      const Value* held = other.entries_.find(key, finger);
      const Value more = value.delta_of(own, held == nullptr ? none : *held, known, news);
      if (!more.empty()) part.append(key, more);
    }
    for (const Key& key : other.covered_keys(own, [&](const Key& k) { return !find(k); })) {
      none.delta_of(own, *other.find(key), theirs, news);
    }
    return part;
  }
  template <class Visit>
  void decompose(const Visit& visit) const {
    for (const auto& entry : entries_) {
      entry.second.decompose(
          [&](const Value& part, const Dot& dot) { visit(DotMap(entry.first, part), dot); });
    }
  }

  void write(ByteWriter& out, const DotContext& context) const
    requires Wired<Key> && WiredStore<Value>
  {
    out.leb(entries_.size());
    const Key none{};
    const Key* before = &none;
    for (const auto& entry : entries_) {
      Wire<Key>::write(out, entry.first, *before);
      entry.second.write(out, context);
      before = &entry.first;
    }
  }
  /// Refuses keys that do not rise, empty entries, and a dot in two places.
  static DotMap read(ByteReader& in, const DotContext& context)
    requires Wired<Key> && WiredStore<Value>
  {
    DotMap map;
    const Key none{};
    for (std::size_t n = in.count(3); n > 0; --n) {
      const bool first = map.empty();
      const Key& before = first ? none : map.entries_.back().first;
      Key key = Wire<Key>::read(in, before);
      const Value value = Value::read(in, context);
      if (!first && !(before < key)) in.spoil();
      if (!in.ok() || value.empty() || !map.append(key, value)) {
        in.spoil();
        return {};
      }
    }
    return map;
  }

  bool operator==(const DotMap& other) const { return entries_ == other.entries_; }

 private:
  /// Adds the last key; false if one of its dots was there already.
  bool append(const Key& key, const Value& value) {
    bool fresh = true;
    typename SortedMap<Dot, Key>::Finger finger;
    value.each_dot([&](const Dot& dot) {
      const std::size_t before = places_.size();
      places_.at(dot, finger) = key;
      fresh = fresh && places_.size() > before;
    });
    entries_.append(key, value);
    return fresh;
  }
  void join_at(const Key& key, Finger& finger, const DotContext& own, const Value& value,
               const DotContext& theirs, DotChanges* changes) {
    DotChanges here;
    Value& held = entries_.at(key, finger);
    held.join(own, value, theirs, &here);
    if (held.empty()) entries_.erase(key);
    for (const Dot& dot : here.ended) places_.erase(dot);
    for (const Dot& dot : here.added) places_.at(dot) = key;
    if (changes == nullptr) return;
    changes->ended.insert(changes->ended.end(), here.ended.begin(), here.ended.end());
    changes->added.insert(changes->added.end(), here.added.begin(), here.added.end());
  }
  /// Dots that live here and, under another key, in `other`: a writer's id was used twice. They are
  /// dead in the join of both.
  DotContext moved_from(const DotMap& other) const {
    DotContext moved;
    typename SortedMap<Dot, Key>::Finger finger;
    for (const auto& [dot, key] : places_) {
      const Key* theirs = other.places_.find(dot, finger);
      if (theirs != nullptr && !(*theirs == key)) moved.insert(dot);
    }
    return moved;
  }
  /// The keys with a live dot in `context` of which `wanted` holds, each once.
  template <class Wanted>
  std::vector<Key> covered_keys(const DotContext& context, const Wanted& wanted) const {
    std::vector<Key> keys;
    for (const auto& [replica, first, last] : context.intervals()) {
      for (auto at = places_.lower_bound({replica, first});
           at != places_.end() && at->first <= Dot{replica, last}; ++at) {
        if (wanted(at->second)) keys.push_back(at->second);
      }
    }
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    return keys;
  }

  Map entries_;
  SortedMap<Dot, Key> places_;
};

static_assert(WiredStore<DotMap<int, DotMap<int, DotSet>>>);

}  // namespace vouch::crdt
