// A peer whose disk lost part of its state puts it right by what the others hold, whatever kind of
// cell it was, and nobody else changes anything.
// SPDX-License-Identifier: MIT
#include "tests/sim/quiet_world.hpp"

namespace vouch::sim::reconcile_test {
namespace {

using std::chrono::seconds;
using testing::IsEmpty;

struct Reconciling : QuietWorld, testing::WithParamInterface<char> {
  std::uint64_t repaired(std::size_t number) const {
    return world.peer(number).machine().counters().repaired;
  }
  /// Forgets every third cell of a kind.
  std::size_t forget(std::size_t number, char kind) {
    SimDisk& disk = world.peer(number).disk();
    std::size_t lost = 0;
    while (disk.lose(Table::cells, Bytes{static_cast<std::uint8_t>(kind)}, 2 * lost)) ++lost;
    return lost;
  }
};

TEST_P(Reconciling, WhatADiskLostComesBackFromOthers) {
  world.kill_peer(1);
  const std::size_t lost = forget(1, GetParam());
  ASSERT_GT(lost, 0U);
  world.start_peer(1);
  world.run_until(world.now() + seconds(20));
  EXPECT_THAT(differences(world, {}), IsEmpty());
  EXPECT_EQ(repaired(1), lost);
  for (const std::size_t other : {0U, 2U, 3U}) EXPECT_EQ(repaired(other), 0U);
}

// Attestations, runs, votes of both phases, members.
INSTANTIATE_TEST_SUITE_P(Kinds, Reconciling, testing::Values('s', 't', 'p', 'c', 'm'));

/// Two that lost the same are as many as those who did not, and none of them is taken at its word.
TEST_F(Reconciling, NobodyFollowsAsManyAsAreAgainstThem) {
  for (const std::size_t number : {1U, 2U}) {
    world.kill_peer(number);
    ASSERT_TRUE(world.peer(number).disk().lose(Table::cells, Bytes{'s'}, 0));
    world.start_peer(number);
  }
  world.run_until(world.now() + seconds(20));
  EXPECT_FALSE(differences(world, {}).empty());
  for (std::size_t i = 0; i < world.size(); ++i) EXPECT_EQ(repaired(i), 0U);
}

}  // namespace
}  // namespace vouch::sim::reconcile_test
