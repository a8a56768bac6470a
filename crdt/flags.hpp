// Flags that several writers switch. They differ in what a switch on and a switch off that did not
// know of each other give. Both forget what is over.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/crdt/causal.hpp"
#include "vouch/crdt/dot_fun.hpp"

namespace vouch::crdt {

/// Off at first; of concurrent switches on wins. A dot lives per writer whose switch on nobody has
/// seen and replaced. O(live dots), mostly one. Source: Almeida, Shoker, Baquero, "Delta state
/// replicated data types", 2018, section 7.4.
class EnableWinsFlag : public StoreOf<EnableWinsFlag, DotSet> {
 public:
  bool value() const { return !empty(); }
  Causal<EnableWinsFlag> enable(const Dot& dot) const {
    return {made(DotSet(dot)), dots_of(*this, dot)};
  }
  Causal<EnableWinsFlag> disable() const { return {{}, dots_of(*this)}; }
};

/// On at first; of concurrent switches off wins: the mirror of EnableWinsFlag.
class DisableWinsFlag : public StoreOf<DisableWinsFlag, DotSet> {
 public:
  bool value() const { return empty(); }
  Causal<DisableWinsFlag> enable() const { return {{}, dots_of(*this)}; }
  Causal<DisableWinsFlag> disable(const Dot& dot) const {
    return {made(DotSet(dot)), dots_of(*this, dot)};
  }
};

static_assert(Decomposable<Causal<EnableWinsFlag>> && Wired<Causal<EnableWinsFlag>>);
static_assert(Decomposable<Causal<DisableWinsFlag>> && Wired<Causal<DisableWinsFlag>>);

}  // namespace vouch::crdt
