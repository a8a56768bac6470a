// What lives in a causal type: values under dots. A store keeps no context of its own; whoever
// joins two stores brings the contexts of both, so that any number of stores, side by side or
// nested, share one. Invariant: a dot lives in at most one place of a store.
// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <vector>

#include "vouch/crdt/dot_context.hpp"

namespace vouch::crdt {

/// Which dots a join brought in and which it ended: how a map keeps its index up to date.
struct DotChanges {
  std::vector<Dot> added;
  std::vector<Dot> ended;
};

/// A store means "these dots live, with these values"; a dot that a context covers and that is not
/// in the store is dead, for ever. Contexts are those before the join and cover all dots of their
/// store.
/// - `a.join(own, b, theirs, changes)`: what lives in both (their values joined) and what one has
///   and the other does not cover. `changes` may be nullptr.
/// - `a.leq(own, b)`: whatever of b is covered by `own` lives in a, with no greater value.
/// - `a.delta_of(own, b, theirs, news)`: the part of a that b lacks; adds to `news` the dots that
///   b covers already and that are news all the same, as they died or their value grew.
/// - `a.each_dot(visit)`; `a.decompose(visit)`: stores of one dot each, with that dot. Several
///   parts may have one dot and share its value.
/// Source: Almeida, Shoker, Baquero, "Delta state replicated data types", 2018, section 7.
template <class S>
concept DotStore =
    std::regular<S> && requires(S a, const S& b, const DotContext& context, DotContext& news,
                                DotChanges* changes, ByteWriter& out, ByteReader& in) {
      { b.empty() } -> std::convertible_to<bool>;
      b.each_dot([](const Dot&) {});
      a.join(context, b, context, changes);
      { b.leq(context, b) } -> std::convertible_to<bool>;
      { b.delta_of(context, b, context, news) } -> std::same_as<S>;
      b.decompose([](const S&, const Dot&) {});
    };

/// A store with a binary form. Dots are written as places in the context, which comes first.
template <class S>
concept WiredStore = DotStore<S> && requires(const S& store, const DotContext& context,
                                             ByteWriter& out, ByteReader& in) {
  store.write(out, context);
  { S::read(in, context) } -> std::same_as<S>;
};

/// The dots that live in `store`, as the context of a delta that ends them.
template <DotStore Store>
DotContext dots_of(const Store& store) {
  DotContext dots;
  store.each_dot([&](const Dot& dot) { dots.insert(dot); });
  return dots;
}
/// The same, and the dot of the update that takes their place.
template <DotStore Store>
DotContext dots_of(const Store& store, const Dot& fresh) {
  DotContext dots = dots_of(store);
  dots.insert(fresh);
  return dots;
}

}  // namespace vouch::crdt
