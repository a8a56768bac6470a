// Two stores side by side under one context.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include "vouch/crdt/dot_fun.hpp"

namespace vouch::crdt {

/// A product of causal types: one update of either takes one dot, and one context serves both. For
/// more than two, nest. Every operation costs the sum of both.
template <DotStore A, DotStore B>
class DotPair {
 public:
  DotPair() = default;
  DotPair(A first, B second) : first_(std::move(first)), second_(std::move(second)) {}

  const A& first() const { return first_; }
  const B& second() const { return second_; }
  bool empty() const { return first_.empty() && second_.empty(); }
  template <class Visit>
  void each_dot(const Visit& visit) const {
    first_.each_dot(visit);
    second_.each_dot(visit);
  }

  void join(const DotContext& own, const DotPair& other, const DotContext& theirs,
            DotChanges* changes) {
    first_.join(own, other.first_, theirs, changes);
    second_.join(own, other.second_, theirs, changes);
  }
  bool leq(const DotContext& own, const DotPair& other) const {
    return first_.leq(own, other.first_) && second_.leq(own, other.second_);
  }
  DotPair delta_of(const DotContext& own, const DotPair& other, const DotContext& theirs,
                   DotContext& news) const {
    DotContext moved = common(first_, other.second_);
    moved.join(common(second_, other.first_));
    news.join(moved);
    const DotContext known = theirs.delta_of(moved);
    A first = first_.delta_of(own, other.first_, known, news);
    return {std::move(first), second_.delta_of(own, other.second_, known, news)};
  }
  template <class Visit>
  void decompose(const Visit& visit) const {
    first_.decompose([&](const A& part, const Dot& dot) { visit(DotPair(part, B{}), dot); });
    second_.decompose([&](const B& part, const Dot& dot) { visit(DotPair(A{}, part), dot); });
  }

  void write(ByteWriter& out, const DotContext& context) const
    requires WiredStore<A> && WiredStore<B>
  {
    first_.write(out, context);
    second_.write(out, context);
  }
  /// Refuses a dot that lives in both.
  static DotPair read(ByteReader& in, const DotContext& context)
    requires WiredStore<A> && WiredStore<B>
  {
    A first = A::read(in, context);
    DotPair pair(std::move(first), B::read(in, context));
    std::vector<Dot> dots;
    pair.each_dot([&](const Dot& dot) { dots.push_back(dot); });
    std::sort(dots.begin(), dots.end());
    if (std::adjacent_find(dots.begin(), dots.end()) != dots.end()) in.spoil();
    return pair;
  }

  bool operator==(const DotPair&) const = default;

 private:
  /// Dots that live here on one side and there on the other: a writer's id was used twice. They
  /// are dead in the join of both.
  static DotContext common(const auto& mine, const auto& theirs) {
    if (mine.empty() || theirs.empty()) return {};
    const DotContext dots = dots_of(mine);
    return dots.delta_of(dots.delta_of(dots_of(theirs)));
  }

  A first_;
  B second_;
};

static_assert(WiredStore<DotPair<DotSet, DotSet>>);

}  // namespace vouch::crdt
