// A register that keeps what was written concurrently, for somebody to choose.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/crdt/causal.hpp"
#include "vouch/crdt/dot_fun.hpp"
#include "vouch/crdt/max.hpp"

namespace vouch::crdt {

/// A write replaces every value that its writer had seen; values of writers that did not know of
/// each other stand side by side. O(values), mostly one. Take LwwRegister where nobody will
/// choose. Source: DeCandia et al., "Dynamo", SOSP 2007; Almeida, Shoker, Baquero, 2018, 7.5.
template <std::totally_ordered T>
class MvRegister : public StoreOf<MvRegister<T>, DotFun<Max<T>>> {
 public:
  /// In the order of their dots, the same on every peer; may hold equal values.
  std::vector<T> values() const {
    std::vector<T> out;
    for (const auto& entry : this->body().entries()) {
      if (entry.value.value()) out.push_back(*entry.value.value());
    }
    return out;
  }
  Causal<MvRegister> set(const Dot& dot, T value) const {
    return {MvRegister::made(DotFun<Max<T>>(dot, Max<T>(std::move(value)))), dots_of(*this, dot)};
  }
  /// Back to no value; a concurrent write survives.
  Causal<MvRegister> clear() const { return {{}, dots_of(*this)}; }
};

static_assert(Decomposable<Causal<MvRegister<int>>> && Wired<Causal<MvRegister<int>>>);

}  // namespace vouch::crdt
