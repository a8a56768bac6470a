// Counters that can go back to zero: one that lives in causal maps and forgets, and one that is
// exact and remembers its writers for ever.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/crdt/causal.hpp"
#include "vouch/crdt/dot_fun.hpp"
#include "vouch/crdt/g_map.hpp"
#include "vouch/crdt/max.hpp"
#include "vouch/crdt/product.hpp"
#include "vouch/crdt/wrapped.hpp"

namespace vouch::crdt {

/// Each writer's sum lives under the dot of its latest count; a reset ends the dots it saw. A
/// count that did not know of a reset survives it *together with what its writer had counted
/// before*: take ResettableCounter where that is wrong. O(writers since the last reset). Source:
/// CCounter of Baquero, delta-enabled-crdts; the trouble with it: Baquero, Almeida, Lerche, "The
/// problem with embedded CRDT counters and a solution", PaPoC 2016.
class CausalCounter : public StoreOf<CausalCounter, DotFun<Max<std::int64_t>>> {
 public:
  /// Wraps at 64 bits.
  std::int64_t value() const {
    return sum([](const Dot&) { return true; });
  }
  /// Counts `by` more, which may be negative.
  Causal<CausalCounter> add(const Dot& dot, std::int64_t by = 1) const {
    const auto own = [&](const Dot& held) { return held.replica == dot.replica; };
    DotContext replaced(dot);
    for (const auto& entry : body().entries()) {
      if (own(entry.dot)) replaced.insert(entry.dot);
    }
    const std::int64_t total = wrapped(sum(own), by);
    return {made(DotFun<Max<std::int64_t>>(dot, greatest(total))), std::move(replaced)};
  }
  Causal<CausalCounter> reset() const { return {{}, dots_of(*this)}; }

 private:
  static std::int64_t wrapped(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
  }
  template <class Counts>
  std::int64_t sum(const Counts& counts) const {
    std::int64_t total = 0;
    for (const auto& [dot, amount] : body().entries()) {
      if (counts(dot)) total = wrapped(total, amount.value().value_or(0));
    }
    return total;
  }
};

/// What each writer counted, and how much of it had been counted when somebody last reset: a reset
/// ends exactly the counts that it saw. No dots: it cannot be removed from a causal map without
/// trace. O(log writers) to count, O(writers) to read and to reset. Source: the two vectors of a
/// PN-counter (Shapiro et al., 2011, 3.1.3), each entry under a version as in LexCounter.
class ResettableCounter
    : public Wrapped<ResettableCounter,
                     GMap<ReplicaId, Pair<LexPair<Max<std::uint64_t>, Max<std::int64_t>>,
                                          LexPair<Max<std::uint64_t>, Max<std::int64_t>>>>> {
 public:
  /// A writer's sum after so many of its counts.
  using Sum = LexPair<Max<std::uint64_t>, Max<std::int64_t>>;

  /// Wraps at 64 bits.
  std::int64_t value() const {
    std::uint64_t total = 0;
    for (const auto& [replica, sums] : body().entries()) {
      total += amount(sums.template get<0>()) - amount(sums.template get<1>());
    }
    return static_cast<std::int64_t>(total);
  }
  /// Counts `by` more, which may be negative.
  ResettableCounter add(ReplicaId replica, std::int64_t by = 1) const {
    return made(body().update(replica, [&](const auto& held) {
      const Sum& sum = held.template get<0>();
      const std::uint64_t counts = sum.first().value().value_or(0);
      const std::uint64_t total = amount(sum) + static_cast<std::uint64_t>(by);
      return held.template put<0>(
          Sum(greatest(counts + 1), greatest(static_cast<std::int64_t>(total))));
    }));
  }
  ResettableCounter reset() const {
    GMap<ReplicaId, Pair<Sum, Sum>> zeros;
    for (const auto& [replica, sums] : body().entries()) {
      zeros.join_at(replica, sums.template put<1>(sums.template get<0>()));
    }
    return made(std::move(zeros));
  }

 private:
  static std::uint64_t amount(const Sum& sum) {
    return static_cast<std::uint64_t>(sum.second().value().value_or(0));
  }
};

static_assert(Decomposable<Causal<CausalCounter>> && Wired<Causal<CausalCounter>>);
static_assert(Decomposable<ResettableCounter> && Wired<ResettableCounter>);

}  // namespace vouch::crdt
