// A set that counts how often each element is in it.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/crdt/causal_counter.hpp"
#include "vouch/crdt/or_map.hpp"

namespace vouch::crdt {

/// Counts of concurrent adds sum up; removing an element ends the counts that were seen (and what
/// CausalCounter says of concurrent ones holds). Mutators O(log n + writers of the element).
/// Source: Bag of Baquero, delta-enabled-crdts.
template <std::totally_ordered Element>
class Bag : public StoreOf<Bag<Element>, OrMap<Element, CausalCounter>> {
 public:
  using Body = OrMap<Element, CausalCounter>;

  /// How often it is in; below zero when more were taken out than put in.
  std::int64_t count(const Element& element) const {
    const CausalCounter* held = this->body().find(element);
    return held == nullptr ? 0 : held->value();
  }
  bool contains(const Element& element) const { return count(element) > 0; }

  /// Puts `n` more in, or takes some out when `n` is negative.
  Causal<Bag> add(const Dot& dot, const Element& element, std::int64_t n = 1) const {
    return bagged(this->body().update(
        dot, element, [&](const CausalCounter& held, const Dot& d) { return held.add(d, n); }));
  }
  /// Removes all that is seen of the element here.
  Causal<Bag> remove(const Element& element) const { return bagged(this->body().remove(element)); }

 private:
  static Causal<Bag> bagged(const Causal<Body>& delta) {
    return {Bag::made(delta.store()), delta.context()};
  }
};

static_assert(Decomposable<Causal<Bag<int>>> && Wired<Causal<Bag<int>>>);

}  // namespace vouch::crdt
