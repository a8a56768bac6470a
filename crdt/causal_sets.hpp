// Sets in which an element may come and go any number of times. They differ in what an add and a
// remove that did not know of each other give.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include "vouch/crdt/causal.hpp"
#include "vouch/crdt/dot_fun.hpp"
#include "vouch/crdt/dot_map.hpp"
#include "vouch/crdt/max.hpp"

namespace vouch::crdt {

/// Of concurrent changes the add wins (an OR-set without tombstones). Mutators O(log n), except
/// clear; removed elements leave no byte but their place in the context's intervals. Source:
/// Bieniusa et al., "An optimized conflict-free replicated set", 2012; Almeida, Shoker, Baquero,
/// 2018, section 7.3.
template <std::totally_ordered Element>
class AwSet : public StoreOf<AwSet<Element>, DotMap<Element, DotSet>> {
 public:
  using Body = DotMap<Element, DotSet>;

  bool contains(const Element& element) const { return this->body().find(element) != nullptr; }
  std::size_t size() const { return this->body().entries().size(); }
  /// Entries whose `first` is the element, in rising order.
  const typename Body::Map& elements() const { return this->body().entries(); }

  Causal<AwSet> add(const Dot& dot, const Element& element) const {
    return {AwSet::made(Body(element, DotSet(dot))), dots_of(at(element), dot)};
  }
  /// Removes what is seen of the element here.
  Causal<AwSet> remove(const Element& element) const { return {{}, dots_of(at(element))}; }
  Causal<AwSet> clear() const { return {{}, dots_of(*this)}; }

 private:
  DotSet at(const Element& element) const {
    const DotSet* held = this->body().find(element);
    return held == nullptr ? DotSet{} : *held;
  }
};

/// Of concurrent changes the remove wins. A removed element keeps one dot, so the set grows with
/// everything that was ever removed and not added again. Mutators O(log n), except clear. Source:
/// RWORSet of Baquero, delta-enabled-crdts; Shapiro et al., 2011, section 3.3 names the choice.
template <std::totally_ordered Element>
class RwSet : public StoreOf<RwSet<Element>, DotMap<Element, DotFun<Max<bool>>>> {
 public:
  using Dots = DotFun<Max<bool>>;  ///< true: removed
  using Body = DotMap<Element, Dots>;

  bool contains(const Element& element) const {
    const Dots* held = this->body().find(element);
    return held != nullptr && is_in(*held);
  }
  /// In rising order. O(n).
  std::vector<Element> elements() const {
    std::vector<Element> out;
    for (const auto& [element, dots] : this->body().entries()) {
      if (is_in(dots)) out.push_back(element);
    }
    return out;
  }

  Causal<RwSet> add(const Dot& dot, const Element& element) const {
    return put(dot, element, false);
  }
  Causal<RwSet> remove(const Dot& dot, const Element& element) const {
    return put(dot, element, true);
  }
  /// Forgets everything seen, removals too: an add that did not know of it survives.
  Causal<RwSet> clear() const { return {{}, dots_of(*this)}; }

 private:
  static bool is_in(const Dots& dots) {
    return std::all_of(dots.entries().begin(), dots.entries().end(),
                       [](const auto& entry) { return entry.value.value() == false; });
  }
  Causal<RwSet> put(const Dot& dot, const Element& element, bool removed) const {
    const Dots* held = this->body().find(element);
    return {RwSet::made(Body(element, Dots(dot, greatest(removed)))),
            held == nullptr ? DotContext(dot) : dots_of(*held, dot)};
  }
};

static_assert(Decomposable<Causal<AwSet<int>>> && Wired<Causal<AwSet<int>>>);
static_assert(Decomposable<Causal<RwSet<int>>> && Wired<Causal<RwSet<int>>>);

}  // namespace vouch::crdt
