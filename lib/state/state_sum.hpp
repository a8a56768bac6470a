// A digest of the state that is kept up with it: the sum, word by word, of a hash of every cell's
// value. A change costs O(cells that changed). Peers whose logs are equal learn from it whether
// their states are, too: against faults of programs, memories and disks. The same sum over each of
// the parts, the leaves, says where they differ. Whoever wants to be sure against somebody who
// chose the cells compares state_hash.
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "vouch/state/state.hpp"

namespace vouch::state {

/// Which of limits::state_leaves parts a cell lies in, by its key. Of a stream, what voters attest
/// and that they have finished it lie in one; of a proposal, that they have finished it.
std::uint16_t leaf_of(ByteView key);
std::uint16_t leaf_of_stream(std::string_view name);
std::uint16_t leaf_of_proposal(const SubjectId& proposal);

/// A sum over each leaf that nobody can foresee who does not know `salt`: equal ones mean equal
/// cells, whoever chose them. O(state).
std::vector<std::uint64_t> salted_leaves(const State& state, std::uint64_t salt);

class StateSum {
 public:
  StateSum();
  /// O(state).
  explicit StateSum(const State& state) : StateSum() { add(state, state); }

  /// Adds the cells of `state` that have an entry in `touched`, or takes them away: away before
  /// they change, and added when they have.
  void add(const State& state, const State& touched) { change(state, touched, 1); }
  void take(const State& state, const State& touched) { change(state, touched, UINT64_MAX); }

  /// Adds one cell, in canonical form (cells.hpp).
  void add(ByteView key, ByteView value) { change(key, value, 1); }

  StateDigest digest() const;
  /// A sum over each leaf, limits::state_leaves of them.
  const std::vector<std::uint64_t>& leaves() const { return leaves_; }
  bool operator==(const StateSum&) const = default;

 private:
  void change(const State& state, const State& touched, std::uint64_t times);
  void change(ByteView key, ByteView value, std::uint64_t times);

  std::array<std::uint64_t, 2> words_{};
  std::vector<std::uint64_t> leaves_;
};

}  // namespace vouch::state
