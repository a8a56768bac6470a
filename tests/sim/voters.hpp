// What scenarios about rosters that change look at.
// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "tests/sim/world.hpp"
#include <gtest/gtest.h>

namespace vouch::sim {

inline std::uint64_t certificates(World& world, std::size_t number) {
  return world.peer(number).machine().agreement().counters().certificates;
}

/// They are in this epoch and vote in it.
inline void expect_votes(World& world, const std::vector<std::size_t>& voters,
                         std::uint32_t epoch) {
  for (const std::size_t number : voters) {
    const machine::PeerMachine& machine = world.peer(number).machine();
    EXPECT_EQ(machine.roster().epoch(), epoch) << "p" << number;
    EXPECT_TRUE(machine.agreement().setting().votes()) << "p" << number;
  }
}

/// None of them saw two certificates of one height.
inline void expect_no_alarms(World& world, const std::vector<std::size_t>& peers) {
  for (const std::size_t number : peers) {
    EXPECT_EQ(world.peer(number).machine().agreement().counters().alarms, 0u) << "p" << number;
  }
}

inline void expect_equal_states(World& world) {
  const auto hashes = world.state_hashes();
  for (std::size_t i = 1; i < hashes.size(); ++i) EXPECT_EQ(hashes[i], hashes[0]) << "p" << i;
}

}  // namespace vouch::sim
