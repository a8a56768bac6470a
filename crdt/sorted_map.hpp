// An ordered map in leaves of about 1.5 KiB, which lie in branches: the container under every map
// and set of this room. Invariant: no branch and no leaf is empty, keys rise within and between
// leaves. Deliberately absent: a hash
// table, whose order would differ between peers, and nodes, whose pointers would outweigh the
// payload.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "vouch/crdt/lattice.hpp"

namespace vouch::crdt {

/// Look-up O(log n). Insertion and removal O(log n) plus moves inside one leaf; a split moves a
/// branch, a split of a branch the list of them, n/4096 words. Slack stays near a tenth of the
/// payload, whatever came and went. Any change makes iterators and pointers to values invalid.
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
  /// `separators[i]` divides leaf i from leaf i + 1.
  struct Branch {
    std::vector<Key> separators;
    boost::container::small_vector<Leaf, 1> leaves;
  };

 public:
  static constexpr std::size_t leaf_max = std::clamp<std::size_t>(1536 / sizeof(Entry), 16, 64);
  static constexpr std::size_t branch_max = 128;

  class Iterator {
   public:
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;
    using reference = const Entry&;
    using pointer = const Entry*;
    using iterator_category = std::forward_iterator_tag;

    Iterator() = default;
    reference operator*() const { return *entry_; }
    pointer operator->() const { return entry_; }
    Iterator& operator++() {
      if (++entry_ == leaf_end_) enter(leaf_ + 1, 0);
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator& other) const { return entry_ == other.entry_; }

   private:
    friend SortedMap;
    Iterator(const Branch* branch, const Branch* end, std::size_t leaf, std::size_t slot)
        : branch_(branch), end_(end) {
      enter(leaf, slot);
    }
    /// Also takes the place behind the last of a leaf or branch.
    void enter(std::size_t leaf, std::size_t slot) {
      leaf_ = leaf;
      if (branch_ != end_ && leaf_ < branch_->leaves.size() &&
          slot == branch_->leaves[leaf_].size()) {
        ++leaf_;
        slot = 0;
      }
      if (branch_ != end_ && leaf_ == branch_->leaves.size()) {
        ++branch_;
        leaf_ = 0;
      }
      const bool any = branch_ != end_;
      entry_ = any ? branch_->leaves[leaf_].data() + slot : nullptr;
      leaf_end_ = any ? branch_->leaves[leaf_].data() + branch_->leaves[leaf_].size() : nullptr;
    }
    const Branch* branch_ = nullptr;
    const Branch* end_ = nullptr;
    std::size_t leaf_ = 0;
    const Entry* entry_ = nullptr;  ///< nullptr: the end
    const Entry* leaf_end_ = nullptr;
  };

  /// Where the last key went: makes a walk in rising order cheap. Any map takes any finger.
  struct Finger {
    std::size_t branch = 0;
    std::size_t leaf = 0;
    std::size_t slot = 0;
  };

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Iterator begin() const { return iterator(0, 0, 0); }
  Iterator end() const { return {}; }
  /// The last entry; precondition: not empty.
  const Entry& back() const { return branches_.back().leaves.back().back(); }

  const Value* find(const Key& key) const {
    Finger finger;
    return find(key, finger);
  }
  const Value* find(const Key& key, Finger& finger) const {
    return locate(key, finger) ? &leaf_at(finger)[finger.slot].second : nullptr;
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
    const auto below_in = [&](const std::vector<Key>& keys) {
      return partition(0, keys.size(), [&](std::size_t i) { return below(keys[i]); });
    };
    const std::size_t branch = below_in(separators_);
    const std::size_t at = below_in(branches_[branch].separators);
    const Leaf& leaf = branches_[branch].leaves[at];
    const std::size_t slot =
        partition(0, leaf.size(), [&](std::size_t i) { return below(leaf[i].first); });
    return iterator(branch, at, slot);
  }
  /// The entry at `index` in key order, or end. O(n / 64).
  Iterator nth(std::size_t index) const {
    for (std::size_t branch = 0; branch < branches_.size(); ++branch) {
      const auto& leaves = branches_[branch].leaves;
      for (std::size_t leaf = 0; leaf < leaves.size(); ++leaf) {
        if (index < leaves[leaf].size()) return iterator(branch, leaf, index);
        index -= leaves[leaf].size();
      }
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
    return leaf_at(finger)[finger.slot].second;
  }
  /// Precondition: `key` is above every key held. O(1).
  void append(Key key, Value value) {
    if (branches_.empty()) {
      branches_.emplace_back().leaves.emplace_back();
    } else if (branches_.back().leaves.back().size() == leaf_max) {
      append_leaf(key);
    }
    Leaf& leaf = branches_.back().leaves.back();
    grow(leaf);
    leaf.push_back({std::move(key), std::move(value)});
    ++size_;
  }
  /// True if there was such an entry.
  bool erase(const Key& key) {
    Finger finger;
    if (!locate(key, finger)) return false;
    Leaf& leaf = leaf_at(finger);
    leaf.erase(place(leaf, finger.slot));
    --size_;
    tidy(finger.branch, finger.leaf);
    return true;
  }
  void clear() { *this = SortedMap{}; }
  /// Lets every value be changed in place, in order: `visit(const Key&, Value&)`.
  template <class Visit>
  void change(const Visit& visit) {
    for (Branch& branch : branches_) {
      for (Leaf& leaf : branch.leaves) {
        for (Entry& entry : leaf) visit(std::as_const(entry.first), entry.second);
      }
    }
  }
  /// Gives every entry away, in order: `visit(Key&&, Value&&)`.
  template <class Visit>
  void drain(const Visit& visit) && {
    for (Branch& branch : branches_) {
      for (Leaf& leaf : branch.leaves) {
        for (Entry& entry : leaf) visit(std::move(entry.first), std::move(entry.second));
      }
    }
    clear();
  }

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
  static auto place(auto& list, std::size_t at) {
    return list.begin() + static_cast<std::ptrdiff_t>(at);
  }
  const Leaf& leaf_at(const Finger& at) const { return branches_[at.branch].leaves[at.leaf]; }
  Leaf& leaf_at(const Finger& at) { return branches_[at.branch].leaves[at.leaf]; }
  Iterator iterator(std::size_t branch, std::size_t leaf, std::size_t slot) const {
    return {branches_.data() + branch, branches_.data() + branches_.size(), leaf, slot};
  }

  bool in_leaf(const Key& key, const Finger& at) const {
    const std::vector<Key>& inner = branches_[at.branch].separators;
    const Key* from = at.leaf > 0     ? &inner[at.leaf - 1]
                      : at.branch > 0 ? &separators_[at.branch - 1]
                                      : nullptr;
    const Key* to = at.leaf < inner.size()           ? &inner[at.leaf]
                    : at.branch < separators_.size() ? &separators_[at.branch]
                                                     : nullptr;
    return (from == nullptr || !(key < *from)) && (to == nullptr || key < *to);
  }
  /// Sets the finger to where `key` is or belongs; true if it is there.
  bool locate(const Key& key, Finger& finger) const {
    if (branches_.empty()) return false;
    if (finger.branch >= branches_.size() ||
        finger.leaf >= branches_[finger.branch].leaves.size()) {
      finger = {};
    }
    const bool stays = in_leaf(key, finger);
    if (!stays) {
      const bool more = finger.leaf + 1 < branches_[finger.branch].leaves.size();
      if (more) ++finger.leaf;
      if (!more || !in_leaf(key, finger)) {
        const auto reached = [&](const std::vector<Key>& keys) {
          return partition(0, keys.size(), [&](std::size_t i) { return !(key < keys[i]); });
        };
        finger.branch = reached(separators_);
        finger.leaf = reached(branches_[finger.branch].separators);
      }
    }
    const Leaf& leaf = leaf_at(finger);
    const auto below = [&](std::size_t i) { return leaf[i].first < key; };
    std::size_t from = 0, to = leaf.size();
    if (stays && finger.slot > 0 && finger.slot < to && below(finger.slot)) {
      // In a walk the next key is mostly right behind the last one: steps that double find it.
      from = finger.slot + 1;
      for (std::size_t step = 1; from < to; step *= 2) {
        const std::size_t last = std::min(from + step, to) - 1;
        if (!below(last)) {
          to = last;
          break;
        }
        from = last + 1;
      }
    }
    finger.slot = partition(from, to - from, below);
    return finger.slot < leaf.size() && leaf[finger.slot].first == key;
  }
  /// Room for one more, by steps of an eighth: a vector's doubling would waste too much.
  static void grow(Leaf& leaf) {
    if (leaf.size() < leaf.capacity()) return;
    const std::size_t more = leaf.empty() ? 1 : leaf.size() + 3 + leaf.size() / 8;
    leaf.reserve(std::min(more, leaf_max));
  }
  void insert(const Key& key, Finger& finger) {
    if (branches_.empty()) {
      branches_.emplace_back().leaves.emplace_back();
      finger = {};
    }
    if (leaf_at(finger).size() == leaf_max) split(finger);
    Leaf& leaf = leaf_at(finger);
    grow(leaf);
    leaf.insert(place(leaf, finger.slot), Entry{key, Value{}});
    ++size_;
  }
  void append_leaf(const Key& key) {
    if (branches_.back().leaves.size() == branch_max) {
      separators_.push_back(key);
      branches_.emplace_back();
    } else {
      branches_.back().separators.push_back(key);
    }
    branches_.back().leaves.emplace_back();
  }
  /// In the middle, or at the end when keys come in rising order.
  void split(Finger& finger) {
    Branch& branch = branches_[finger.branch];
    const bool last =
        finger.branch + 1 == branches_.size() && finger.leaf + 1 == branch.leaves.size();
    const std::size_t keep = last && finger.slot == leaf_max ? leaf_max - 1 : leaf_max / 2;
    Leaf& full = branch.leaves[finger.leaf];
    Leaf right(std::make_move_iterator(place(full, keep)), std::make_move_iterator(full.end()));
    full.erase(place(full, keep), full.end());
    full.shrink_to_fit();
    branch.separators.insert(place(branch.separators, finger.leaf), right.front().first);
    branch.leaves.insert(place(branch.leaves, finger.leaf + 1), std::move(right));
    if (finger.slot > keep) {
      ++finger.leaf;
      finger.slot -= keep;
    }
    if (branch.leaves.size() > branch_max) split_branch(finger, last);
  }
  void split_branch(Finger& finger, bool last) {
    Branch& full = branches_[finger.branch];
    const std::size_t keep = last ? branch_max : branch_max / 2;
    Branch right;
    right.leaves.assign(std::make_move_iterator(place(full.leaves, keep)),
                        std::make_move_iterator(full.leaves.end()));
    right.separators.assign(place(full.separators, keep), full.separators.end());
    separators_.insert(place(separators_, finger.branch), full.separators[keep - 1]);
    full.leaves.erase(place(full.leaves, keep), full.leaves.end());
    full.separators.erase(place(full.separators, keep - 1), full.separators.end());
    branches_.insert(place(branches_, finger.branch + 1), std::move(right));
    if (finger.leaf >= keep) {
      ++finger.branch;
      finger.leaf -= keep;
    }
  }
  /// After a removal: no empty leaf, no pair of neighbours of one branch that would fit well into
  /// one, no slack beyond a quarter, no pair of branches that would fit into half of one.
  void tidy(std::size_t branch, std::size_t at) {
    if (branches_[branch].leaves[at].empty()) {
      drop(branch, at);
    } else {
      if (!merge(branch, at) && at > 0 && merge(branch, at - 1)) --at;
      Leaf& leaf = branches_[branch].leaves[at];
      if (leaf.capacity() - leaf.size() > 4 + leaf.size() / 4) leaf.shrink_to_fit();
    }
    if (!merge_branch(branch) && branch > 0) merge_branch(branch - 1);
  }
  /// Takes the right neighbour in, if both together are at most three quarters of a leaf.
  bool merge(std::size_t branch, std::size_t at) {
    auto& leaves = branches_[branch].leaves;
    if (at + 1 >= leaves.size()) return false;
    Leaf& left = leaves[at];
    Leaf& right = leaves[at + 1];
    if (left.size() + right.size() > leaf_max * 3 / 4) return false;
    left.insert(left.end(), std::make_move_iterator(right.begin()),
                std::make_move_iterator(right.end()));
    drop(branch, at + 1);
    return true;
  }
  bool merge_branch(std::size_t at) {
    if (at + 1 >= branches_.size()) return false;
    Branch& left = branches_[at];
    Branch& right = branches_[at + 1];
    if (left.leaves.size() + right.leaves.size() > branch_max / 2) return false;
    left.separators.push_back(separators_[at]);
    left.separators.insert(left.separators.end(), right.separators.begin(), right.separators.end());
    left.leaves.insert(left.leaves.end(), std::make_move_iterator(right.leaves.begin()),
                       std::make_move_iterator(right.leaves.end()));
    branches_.erase(place(branches_, at + 1));
    separators_.erase(place(separators_, at));
    return true;
  }
  void drop(std::size_t branch, std::size_t at) {
    const auto forget = [](auto& list, std::vector<Key>& separators, std::size_t i) {
      list.erase(place(list, i));
      if (!separators.empty()) separators.erase(place(separators, i == 0 ? 0 : i - 1));
    };
    forget(branches_[branch].leaves, branches_[branch].separators, at);
    if (branches_[branch].leaves.empty()) forget(branches_, separators_, branch);
  }

  /// `separators_[i]` divides branch i from branch i + 1.
  std::vector<Key> separators_;
  boost::container::small_vector<Branch, 1> branches_;
  std::size_t size_ = 0;
};

}  // namespace vouch::crdt
