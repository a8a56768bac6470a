// Sets without causal context: they only grow, or remember what was removed, or go by stamps. Sets
// that forget what was removed are in causal_sets.hpp.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/crdt/g_map.hpp"
#include "vouch/crdt/lww_register.hpp"
#include "vouch/crdt/wrapped.hpp"

namespace vouch::crdt {

/// Only grows. Mutator and look-up O(log n), no byte beyond the element. Source: Shapiro et al.,
/// "A comprehensive study of convergent and commutative replicated data types", 2011, 3.3.1.
template <std::totally_ordered Element>
class GSet {
 public:
  using Elements = SortedMap<Element, Unit>;

  bool contains(const Element& element) const { return elements_.contains(element); }
  std::size_t size() const { return elements_.size(); }
  /// Entries whose `first` is the element, in rising order.
  const Elements& elements() const { return elements_; }

  /// The delta of adding.
  GSet add(const Element& element) const {
    GSet delta;
    if (!contains(element)) delta.elements_.append(element, {});
    return delta;
  }

  void join(const GSet& other) {
    typename Elements::Finger finger;
    for (const auto& entry : other.elements_) elements_.at(entry.first, finger);
  }
  bool leq(const GSet& other) const {
    typename Elements::Finger finger;
    for (const auto& entry : elements_) {
      if (!other.elements_.find(entry.first, finger)) return false;
    }
    return true;
  }
  GSet delta_of(const GSet& local) const {
    GSet news;
    typename Elements::Finger finger;
    for (const auto& entry : elements_) {
      if (!local.elements_.find(entry.first, finger)) news.elements_.append(entry.first, {});
    }
    return news;
  }
  template <class Visit>
  void decompose(const Visit& visit) const {
    for (const auto& entry : elements_) visit(GSet().add(entry.first));
  }
  void write(ByteWriter& out, const GSet&) const
    requires Wired<Element>
  {
    write_entries(out, elements_);
  }
  static GSet read(ByteReader& in, const GSet&)
    requires Wired<Element>
  {
    GSet set;
    set.elements_ = read_entries<Element, Unit>(in, [](Unit) { return true; });
    return set;
  }
  bool operator==(const GSet&) const = default;

 private:
  Elements elements_;
};

/// An element comes once and goes once, for ever: removal wins and leaves a tombstone. O(log n).
/// Source: Shapiro et al., 2011, 3.3.2.
template <std::totally_ordered Element>
class TwoPhaseSet : public Wrapped<TwoPhaseSet<Element>, GMap<Element, Max<bool>>> {
 public:
  bool contains(const Element& element) const {
    const Max<bool>* removed = this->body().find(element);
    return removed != nullptr && removed->value() == false;
  }
  /// The delta of adding; without effect on an element that was removed.
  TwoPhaseSet add(const Element& element) const { return put(element, false); }
  /// The delta of removing, whether or not the element has been seen.
  TwoPhaseSet remove(const Element& element) const { return put(element, true); }

 private:
  TwoPhaseSet put(const Element& element, bool removed) const {
    return TwoPhaseSet::made(this->body().put(element, greatest(removed)));
  }
};

/// The latest stamp decides for each element; at one stamp adding wins. Keeps a tombstone for
/// every removed element. O(log n). Source: Shapiro et al., 2011, 3.3.3.
template <std::totally_ordered Element, std::totally_ordered Stamp = std::uint64_t>
class LwwSet : public Wrapped<LwwSet<Element, Stamp>, GMap<Element, LwwRegister<bool, Stamp>>> {
 public:
  bool contains(const Element& element) const {
    const auto* last = this->body().find(element);
    return last != nullptr && last->value();
  }
  /// The delta of adding at `stamp`, which must be above `Stamp{}`.
  LwwSet add(const Stamp& stamp, const Element& element) const {
    return put(element, LwwRegister(stamp, true));
  }
  LwwSet remove(const Stamp& stamp, const Element& element) const {
    return put(element, LwwRegister(stamp, false));
  }

 private:
  LwwSet put(const Element& element, const LwwRegister<bool, Stamp>& last) const {
    return LwwSet::made(this->body().put(element, last));
  }
};

static_assert(Decomposable<GSet<int>> && Decomposable<TwoPhaseSet<int>>);
static_assert(Decomposable<LwwSet<int>> && Wired<LwwSet<int>>);

}  // namespace vouch::crdt
