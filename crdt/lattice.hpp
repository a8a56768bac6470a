// What a value must offer to be merged: join, an order, and the part of a delta that is news.
// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>

namespace vouch::crdt {

/// A join-semilattice with a bottom. `join` is commutative, associative, idempotent, total, and
/// never lowers the value; `a.leq(b)` holds exactly when joining `a` into `b` changes nothing.
template <class L>
concept Lattice = std::regular<L> && requires(L a, const L& b) {
  a.join(b);
  { b.leq(b) } -> std::convertible_to<bool>;
};

/// A lattice that can say which part of a received value is news to a local one:
/// `local.join(delta_of(received, local))` equals `local.join(received)`, and the delta is minimal.
template <class L>
concept DeltaLattice = Lattice<L> && requires(const L& received, const L& local) {
  { received.delta_of(local) } -> std::same_as<L>;
};

/// The news of `received` for somebody who holds `local`.
template <DeltaLattice L>
L delta_of(const L& received, const L& local) {
  return received.delta_of(local);
}

}  // namespace vouch::crdt
