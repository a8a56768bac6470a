// An ordered map in leaves of about 1.5 KiB: the container under every map and set of this room.
// Invariant: no leaf is empty, keys rise within and between leaves. Deliberately absent: a hash
// table, whose order would differ between peers, and nodes, whose pointers would outweigh the
// payload.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "vouch/crdt/lattice.hpp"

namespace vouch::crdt {

/// Look-up O(log n). Insertion and removal O(log n) plus moves inside one leaf; a leaf that splits
/// moves the directory of leaves, n/64 words. Slack stays near a tenth of the payload, whatever
/// was inserted and removed. Any change makes iterators and pointers to values invalid.
template <std::totally_ordered Key, std::regular Value>
class SortedMap {
 public:
  struct Entry {
    Key first;
    [[no_unique_address]] Value second;
    bool operator==(const Entry&) const = default;
  };

 private:
  using Leaf = std::vector<Entry>;

 public:
  static constexpr std::size_t leaf_max = std::clamp<std::size_t>(1536 / sizeof(Entry), 16, 64);

  class Iterator {
   public:
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;
    using reference = const Entry&;
    using pointer = const Entry*;
    using iterator_category = std::forward_iterator_tag;

    Iterator() = default;
    reference operator*() const { return (*leaf_)[slot_]; }
    pointer operator->() const { return &(*leaf_)[slot_]; }
    Iterator& operator++() {
      if (++slot_ == leaf_->size()) {
        ++leaf_;
        slot_ = 0;
      }
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator&) const = default;

   private:
    friend SortedMap;
    Iterator(const Leaf* leaf, std::size_t slot) : leaf_(leaf), slot_(slot) {}
    const Leaf* leaf_ = nullptr;
    std::size_t slot_ = 0;
  };

  /// Where the last key went: makes a walk in rising order cheap. Any map takes any finger.
  struct Finger {
    std::size_t leaf = 0;
    std::size_t slot = 0;
  };

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Iterator begin() const { return {leaves_.data(), 0}; }
  Iterator end() const { return {leaves_.data() + leaves_.size(), 0}; }
  /// The last entry; precondition: not empty.
  const Entry& back() const { return leaves_.back().back(); }

  const Value* find(const Key& key) const {
    Finger finger;
    return find(key, finger);
  }
  const Value* find(const Key& key, Finger& finger) const {
    return locate(key, finger) ? &leaves_[finger.leaf][finger.slot].second : nullptr;
  }
  /// To change a value in place; nullptr when there is none.
  Value* find(const Key& key) {
    return const_cast<Value*>(static_cast<const SortedMap&>(*this).find(key));
  }
  bool contains(const Key& key) const { return find(key) != nullptr; }

  /// The first entry whose key is not below `key`.
  Iterator lower_bound(const Key& key) const {
    return partition_point([&](const Key& held) { return held < key; });
  }
  /// The first entry whose key is not `below`, which holds for a prefix of the keys.
  template <class Below>
  Iterator partition_point(const Below& below) const {
    if (empty()) return end();
    const std::size_t at =
        partition(0, separators_.size(), [&](std::size_t i) { return below(separators_[i]); });
    const Leaf& leaf = leaves_[at];
    const std::size_t slot =
        partition(0, leaf.size(), [&](std::size_t i) { return below(leaf[i].first); });
    if (slot == leaf.size()) return {leaves_.data() + at + 1, 0};
    return {leaves_.data() + at, slot};
  }
  /// The entry at `index` in key order, or end. O(n / 64).
  Iterator nth(std::size_t index) const {
    const Leaf* leaf = leaves_.data();
    const Leaf* const last = leaf + leaves_.size();
    for (; leaf != last; ++leaf) {
      if (index < leaf->size()) return {leaf, index};
      index -= leaf->size();
    }
    return end();
  }

  /// The value at `key`, inserted as `Value{}` when there was none.
  Value& at(const Key& key) {
    Finger finger;
    return at(key, finger);
  }
  Value& at(const Key& key, Finger& finger) {
    if (!locate(key, finger)) insert(key, finger);
    return leaves_[finger.leaf][finger.slot].second;
  }
  /// Precondition: `key` is above every key held. O(1).
  void append(Key key, Value value) {
    if (leaves_.empty()) {
      leaves_.emplace_back();
    } else if (leaves_.back().size() == leaf_max) {
      separators_.push_back(key);
      leaves_.emplace_back();
    }
    grow(leaves_.back());
    leaves_.back().push_back({std::move(key), std::move(value)});
    ++size_;
  }
  /// True if there was such an entry.
  bool erase(const Key& key) {
    Finger finger;
    if (!locate(key, finger)) return false;
    Leaf& leaf = leaves_[finger.leaf];
    leaf.erase(leaf.begin() + static_cast<std::ptrdiff_t>(finger.slot));
    --size_;
    tidy(finger.leaf);
    return true;
  }
  void clear() { *this = SortedMap{}; }

  bool operator==(const SortedMap& other) const {
    return size_ == other.size_ && std::equal(begin(), end(), other.begin());
  }

 private:
  /// Position of the first of `n` sorted things that is not below: `below(i)` tells, without
  /// branches that the processor would have to guess.
  template <class Below>
  static std::size_t partition(std::size_t from, std::size_t n, const Below& below) {
    while (n > 0) {
      const std::size_t half = (n + 1) / 2;
      from += below(from + half - 1) ? half : 0;
      n -= half;
    }
    return from;
  }
  bool in_leaf(const Key& key, std::size_t leaf) const {
    return (leaf == 0 || !(key < separators_[leaf - 1])) &&
           (leaf == separators_.size() || key < separators_[leaf]);
  }
  /// Sets the finger to where `key` is or belongs; true if it is there.
  bool locate(const Key& key, Finger& finger) const {
    if (leaves_.empty()) return false;
    if (finger.leaf >= leaves_.size()) finger = {};
    if (!in_leaf(key, finger.leaf)) {
      if (finger.leaf + 1 < leaves_.size() && in_leaf(key, finger.leaf + 1)) {
        ++finger.leaf;
      } else {
        finger.leaf = partition(0, separators_.size(),
                                [&](std::size_t i) { return !(key < separators_[i]); });
      }
    }
    const Leaf& leaf = leaves_[finger.leaf];
    finger.slot = partition(0, leaf.size(), [&](std::size_t i) { return leaf[i].first < key; });
    return finger.slot < leaf.size() && leaf[finger.slot].first == key;
  }
  /// Room for one more, by steps of an eighth: a vector's doubling would waste too much.
  static void grow(Leaf& leaf) {
    if (leaf.size() < leaf.capacity()) return;
    const std::size_t more = leaf.empty() ? 1 : leaf.size() + 3 + leaf.size() / 8;
    leaf.reserve(std::min(more, leaf_max));
  }
  void insert(const Key& key, Finger& finger) {
    if (leaves_.empty()) {
      leaves_.emplace_back();
      finger = {};
    }
    if (leaves_[finger.leaf].size() == leaf_max) split(finger);
    Leaf& leaf = leaves_[finger.leaf];
    grow(leaf);
    leaf.insert(leaf.begin() + static_cast<std::ptrdiff_t>(finger.slot), Entry{key, Value{}});
    ++size_;
  }
  /// In the middle, or at the end when keys come in rising order.
  void split(Finger& finger) {
    const bool rising = finger.leaf + 1 == leaves_.size() && finger.slot == leaf_max;
    const std::size_t keep = rising ? leaf_max - 1 : leaf_max / 2;
    Leaf& full = leaves_[finger.leaf];
    const auto cut = full.begin() + static_cast<std::ptrdiff_t>(keep);
    Leaf right(std::make_move_iterator(cut), std::make_move_iterator(full.end()));
    full.erase(cut, full.end());
    full.shrink_to_fit();
    const auto at = static_cast<std::ptrdiff_t>(finger.leaf);
    separators_.insert(separators_.begin() + at, right.front().first);
    leaves_.insert(leaves_.begin() + at + 1, std::move(right));
    if (finger.slot > keep) {
      ++finger.leaf;
      finger.slot -= keep;
    }
  }
  /// After a removal: no empty leaf, no pair of neighbours that would fit well into one, no slack
  /// beyond a quarter.
  void tidy(std::size_t at) {
    if (leaves_[at].empty()) return drop(at);
    if (!merge(at) && at > 0 && merge(at - 1)) --at;
    Leaf& leaf = leaves_[at];
    if (leaf.capacity() - leaf.size() > 4 + leaf.size() / 4) leaf.shrink_to_fit();
  }
  /// Takes the right neighbour in, if both together are at most three quarters of a leaf.
  bool merge(std::size_t at) {
    if (at + 1 >= leaves_.size()) return false;
    Leaf& left = leaves_[at];
    Leaf& right = leaves_[at + 1];
    if (left.size() + right.size() > leaf_max * 3 / 4) return false;
    left.insert(left.end(), std::make_move_iterator(right.begin()),
                std::make_move_iterator(right.end()));
    drop(at + 1);
    return true;
  }
  void drop(std::size_t at) {
    leaves_.erase(leaves_.begin() + static_cast<std::ptrdiff_t>(at));
    if (!separators_.empty()) {
      separators_.erase(separators_.begin() + static_cast<std::ptrdiff_t>(at == 0 ? 0 : at - 1));
    }
  }

  /// `separators_[i]` divides leaf i from leaf i + 1.
  std::vector<Key> separators_;
  boost::container::small_vector<Leaf, 1> leaves_;
  std::size_t size_ = 0;
};

}  // namespace vouch::crdt
