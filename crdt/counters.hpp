// Counters without causal context: one entry per replica, written by that replica alone. A replica
// joins each delta into its own state before it makes the next. Deliberately absent: reset (see
// causal_counter.hpp).
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "vouch/crdt/dot_context.hpp"
#include "vouch/crdt/g_map.hpp"
#include "vouch/crdt/product.hpp"
#include "vouch/crdt/wrapped.hpp"

namespace vouch::crdt {

/// Only grows. Mutator O(log replicas), value O(replicas); sums wrap at 64 bits. Source: Shapiro et
/// al., "A comprehensive study of convergent and commutative replicated data types", 2011, 3.1.2.
class GCounter : public Wrapped<GCounter, GMap<ReplicaId, Max<std::uint64_t>>> {
 public:
  std::uint64_t value() const {
    std::uint64_t sum = 0;
    for (const auto& [replica, count] : body().entries()) sum += count.value().value_or(0);
    return sum;
  }
  /// The delta of counting `by` more.
  GCounter add(ReplicaId replica, std::uint64_t by = 1) const {
    return made(body().update(replica, [&](const Max<std::uint64_t>& held) {
      return greatest(held.value().value_or(0) + by);
    }));
  }
};

/// Goes up and down: what was added and what was taken, each only growing. Costs as GCounter.
/// Source: Shapiro et al., 2011, 3.1.3.
class PnCounter : public Wrapped<PnCounter, Pair<GCounter, GCounter>> {
 public:
  std::int64_t value() const {
    return static_cast<std::int64_t>(body().get<0>().value() - body().get<1>().value());
  }
  PnCounter add(ReplicaId replica, std::uint64_t by = 1) const {
    return made(body().put<0>(body().get<0>().add(replica, by)));
  }
  PnCounter subtract(ReplicaId replica, std::uint64_t by = 1) const {
    return made(body().put<1>(body().get<1>().add(replica, by)));
  }
};

/// Goes up and down in one number per replica, under a version that decides: half the size of a
/// PnCounter. Source: Almeida, Shoker, Baquero, "Delta state replicated data types", 2018; the
/// counters of Cassandra.
class LexCounter
    : public Wrapped<LexCounter, GMap<ReplicaId, LexPair<Max<std::uint64_t>, Max<std::int64_t>>>> {
 public:
  std::int64_t value() const {
    std::uint64_t sum = 0;
    for (const auto& [replica, entry] : body().entries()) sum += wide(entry.second());
    return static_cast<std::int64_t>(sum);
  }
  /// The delta of counting `by` more; `by` may be negative.
  LexCounter add(ReplicaId replica, std::int64_t by = 1) const {
    return made(body().update(replica, [&](const auto& held) {
      const std::uint64_t sum = wide(held.second()) + static_cast<std::uint64_t>(by);
      return LexPair(greatest(held.first().value().value_or(0) + 1),
                     greatest(static_cast<std::int64_t>(sum)));
    }));
  }

 private:
  static std::uint64_t wide(const Max<std::int64_t>& value) {
    return static_cast<std::uint64_t>(value.value().value_or(0));
  }
};

static_assert(Decomposable<GCounter> && Decomposable<PnCounter> && Decomposable<LexCounter>);
static_assert(Wired<GCounter> && Wired<PnCounter> && Wired<LexCounter>);

}  // namespace vouch::crdt
