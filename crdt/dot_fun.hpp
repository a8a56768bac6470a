// Dots, each with a value: the innermost store of every causal type.
// SPDX-License-Identifier: MIT
#pragma once

#include <boost/container/small_vector.hpp>

#include "vouch/crdt/dot_store.hpp"

namespace vouch::crdt {

/// A value per live dot. Values under one dot are joined, so a dot may also be written twice. Made
/// for few dots, about one per writer: each operation walks those of both sides.
template <DeltaLattice Value>
class DotFun {
 public:
  struct Entry {
    Dot dot;
    [[no_unique_address]] Value value;
    bool operator==(const Entry&) const = default;
  };
  using Entries = boost::container::small_vector<Entry, 1>;

  DotFun() = default;
  explicit DotFun(const Dot& dot, Value value = {}) { entries_.push_back({dot, std::move(value)}); }

  bool empty() const { return entries_.empty(); }
  /// In rising order of dots.
  const Entries& entries() const { return entries_; }
  template <class Visit>
  void each_dot(const Visit& visit) const {
    for (const Entry& entry : entries_) visit(entry.dot);
  }

  void join(const DotContext& own, const DotFun& other, const DotContext& theirs,
            DotChanges* changes) {
    Entries joined;
    auto mine = entries_.begin();
    const auto keep_mine_before = [&](const Dot* end) {
      for (; mine != entries_.end() && (end == nullptr || mine->dot < *end); ++mine) {
        if (!theirs.contains(mine->dot)) {
          joined.push_back(std::move(*mine));
        } else if (changes != nullptr) {
          changes->ended.push_back(mine->dot);
        }
      }
    };
    for (const Entry& entry : other.entries_) {
      keep_mine_before(&entry.dot);
      if (mine != entries_.end() && mine->dot == entry.dot) {
        joined.push_back(std::move(*mine++));
        joined.back().value.join(entry.value);
      } else if (!own.contains(entry.dot)) {
        joined.push_back(entry);
        if (changes != nullptr) changes->added.push_back(entry.dot);
      }
    }
    keep_mine_before(nullptr);
    entries_ = std::move(joined);
  }
  bool leq(const DotContext& own, const DotFun& other) const {
    for (const Entry& theirs : other.entries_) {
      if (!own.contains(theirs.dot)) continue;
      const Entry* mine = find(theirs.dot);
      if (mine == nullptr || !mine->value.leq(theirs.value)) return false;
    }
    return true;
  }
  DotFun delta_of(const DotContext& own, const DotFun& other, const DotContext& theirs,
                  DotContext& news) const {
    DotFun part;
    for (const Entry& mine : entries_) {
      if (!theirs.contains(mine.dot)) {
        part.entries_.push_back(mine);
      } else if (const Entry* held = other.find(mine.dot); held != nullptr) {
        if (Value more = mine.value.delta_of(held->value); !(more == Value{})) {
          part.entries_.push_back({mine.dot, std::move(more)});
          news.insert(mine.dot);
        }
      }
    }
    for (const Entry& held : other.entries_) {
      if (own.contains(held.dot) && find(held.dot) == nullptr) news.insert(held.dot);
    }
    return part;
  }
  template <class Visit>
  void decompose(const Visit& visit) const {
    for (const Entry& entry : entries_) {
      if (entry.value == Value{}) {
        visit(DotFun(entry.dot), entry.dot);
      } else {
        entry.value.decompose(
            [&](const Value& part) { visit(DotFun(entry.dot, part), entry.dot); });
      }
    }
  }

  void write(ByteWriter& out, const DotContext& context) const
    requires Wired<Value>
  {
    out.leb(entries_.size());
    const Value none{};
    const Value* before = &none;
    for (const Entry& entry : entries_) {
      context.write_dot(out, entry.dot);
      Wire<Value>::write(out, entry.value, *before);
      before = &entry.value;
    }
  }
  /// Refuses dots outside the context and dots that do not rise.
  static DotFun read(ByteReader& in, const DotContext& context)
    requires Wired<Value>
  {
    DotFun store;
    for (std::size_t n = in.count(2); n > 0; --n) {
      const Dot dot = context.read_dot(in);
      const bool first = store.entries_.empty();
      if (!first && !(store.entries_.back().dot < dot)) in.spoil();
      Value value = Wire<Value>::read(in, first ? Value{} : store.entries_.back().value);
      if (!in.ok()) return {};
      store.entries_.push_back({dot, std::move(value)});
    }
    return store;
  }

  bool operator==(const DotFun&) const = default;

 private:
  const Entry* find(const Dot& dot) const {
    const auto at = std::partition_point(entries_.begin(), entries_.end(),
                                         [&](const Entry& entry) { return entry.dot < dot; });
    return at != entries_.end() && at->dot == dot ? &*at : nullptr;
  }
  Entries entries_;
};

/// Live dots without values: that something is there.
using DotSet = DotFun<Unit>;

static_assert(WiredStore<DotSet>);

}  // namespace vouch::crdt
