// Values that all peers share under a key. Each peer puts into slots of its own, so that no peer
// can take another's room, and the state is bounded: a key has the puts that no other replaced.
// Which one counts is decided by who reads: every peer reads the same from equal states. Absent:
// when puts are written (lib/machine/puts.cpp).
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vouch/schemas/error.hpp"
#include "vouch/schemas/ids.hpp"
#include "vouch/schemas/limits.hpp"
#include "vouch/state/state.hpp"

namespace vouch {

/// What one peer put, and nobody has replaced yet. Several of one key were put at the same time.
struct SharedValue {
  std::optional<std::string> value;  ///< nothing: it erased the key
  PeerId writer;
  std::uint64_t written_ms = 0;  ///< Unix time at the writer
  std::uint64_t version = 0;     ///< how many puts, one after the other, led to it
  bool operator==(const SharedValue&) const = default;
};

/// Chooses among values of one key, or makes one of them all; nothing when the key has no value.
/// Must be pure, or peers read differently. Gets them in the order of their writers.
using Resolution = std::function<std::optional<std::string>(const std::vector<SharedValue>&)>;

/// The one that was written last by the clocks of the writers; of equal ones the greatest writer's.
std::optional<std::string> last_written(const std::vector<SharedValue>& values);
/// The one that the most puts led to; of equal ones the greatest writer's.
std::optional<std::string> highest_version(const std::vector<SharedValue>& values);

namespace state {

/// The values of `key` that stand, by writer. O(puts in the state).
std::vector<SharedValue> shared_values(const State& state, std::string_view key);
/// The same of all keys that have a value. O(puts in the state).
std::map<std::string, std::vector<SharedValue>> shared_values(const State& state);

/// Of whatever key; the lowest mark when there is none. O(slots).
PutMark newest_put(const State& state, const PeerId& writer);

/// What `self` has to write so that `key` has this value, or none, at all peers that hold what this
/// state holds. `now_ms` is Unix time. Errors: malformed (no UTF-8), too_large, storage_full (the
/// `slots` of `self`, of which there are at most limits::put_slots, hold values that stand).
Result<Put> next_put(const State& state, const Writer& self, std::string_view key,
                     std::optional<std::string> value, std::uint64_t now_ms,
                     std::size_t slots = limits::put_slots);

}  // namespace state
}  // namespace vouch
