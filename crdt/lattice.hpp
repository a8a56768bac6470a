// What a value must offer to be merged: join, an order, the part of a delta that is news, and the
// parts a value is made of.
// SPDX-License-Identifier: MIT
#pragma once

#include <compare>
#include <concepts>

namespace vouch::crdt {

/// A join-semilattice with a bottom. `join` is commutative, associative, idempotent, total, and
/// never lowers the value; `a.leq(b)` holds exactly when joining `a` into `b` changes nothing. A
/// default-constructed value is the bottom.
template <class L>
concept Lattice = std::regular<L> && requires(L a, const L& b) {
  a.join(b);
  { b.leq(b) } -> std::convertible_to<bool>;
};

/// A lattice that can say which part of a received value is news to a local one:
/// `local.join(delta_of(received, local))` equals `local.join(received)`, and no part of the delta
/// is known to `local`.
template <class L>
concept DeltaLattice = Lattice<L> && requires(const L& received, const L& local) {
  { received.delta_of(local) } -> std::same_as<L>;
};

/// A lattice that can be taken apart: the visitor gets parts whose join is the whole; no part is
/// the bottom, and the bottom has none. Source: Enes et al., "Efficient synchronization of
/// state-based CRDTs", ICDE 2019.
template <class L>
concept Decomposable =
    DeltaLattice<L> && requires(const L& whole) { whole.decompose([](const L&) {}); };

/// The lattice of one value: nothing to say beyond being there.
struct Unit {
  void join(const Unit&) {}
  bool leq(const Unit&) const { return true; }
  Unit delta_of(const Unit&) const { return {}; }
  template <class Visit>
  void decompose(const Visit&) const {}
  auto operator<=>(const Unit&) const = default;
};
static_assert(Decomposable<Unit>);

/// The news of `received` for somebody who holds `local`.
template <DeltaLattice L>
L delta_of(const L& received, const L& local) {
  return received.delta_of(local);
}

}  // namespace vouch::crdt
