// A roster that changes under shipping peers while their clients submit.
// SPDX-License-Identifier: MIT
#include "tests/sim/voters.hpp"
#include <gtest/gtest.h>

namespace vouch::sim::rosters_test {
namespace {

using std::chrono::seconds;
using Breaches = std::vector<std::string>;
using Numbers = std::vector<std::size_t>;

TEST(Rosters, ADeadVoterIsReplacedWhileStreamsRun) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    World world({.seed = seed, .peers = 5, .voters = 4});
    world.start();
    world.run_until(seconds(5));
    world.kill_peer(3);
    world.run_until(seconds(8));
    world.propose_roster({0, 1}, {0, 1, 2, 4});
    world.run_until(seconds(14));
    expect_votes(world, {0, 1, 2, 4}, 1);
    world.kill_peer(2);  // of four one may be missing again
    const std::uint64_t before = certificates(world, 0);
    world.run_until(seconds(22));
    EXPECT_GT(certificates(world, 0), before) << "seed " << seed;
    world.start_peer(2);
    world.start_peer(3);
    world.stop_opening();
    world.run_until(seconds(60));
    expect_votes(world, {0, 1, 2, 4}, 1);
    EXPECT_FALSE(world.peer(3).machine().agreement().setting().votes());
    EXPECT_EQ(world.ledger().breaches(), Breaches{}) << "seed " << seed;
    expect_equal_states(world);
    expect_no_alarms(world, {0, 1, 2, 3, 4});
  }
}

TEST(Rosters, AVoterThatLostItsLogGetsItsVoteBack) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    World world({.seed = seed});
    world.start();
    world.run_until(seconds(5));
    world.kill_peer(3);
    world.peer(3).disk().restore(SimDisk(seed));
    world.ledger().excuse(world.peer(3).id());
    world.start_peer(3);
    world.run_until(seconds(10));
    EXPECT_FALSE(world.peer(3).machine().agreement().setting().votes());
    world.propose_roster({0, 1}, {0, 1, 2, 3});
    world.run_until(seconds(16));
    expect_votes(world, {0, 1, 2, 3}, 1);
    world.kill_peer(0);
    const std::uint64_t before = certificates(world, 3);
    world.run_until(seconds(24));
    EXPECT_GT(certificates(world, 3), before) << "seed " << seed;
    world.start_peer(0);
    world.stop_opening();
    world.run_until(seconds(60));
    EXPECT_EQ(world.ledger().breaches(), Breaches{}) << "seed " << seed;
    expect_equal_states(world);
  }
}

TEST(Rosters, AMinorityChangesNothing) {
  World world({.seed = 1, .peers = 5, .voters = 4});
  world.start();
  world.run_until(seconds(3));
  world.kill_peer(2);
  world.kill_peer(3);
  world.propose_roster({0, 1}, {0, 1, 4});
  world.run_until(seconds(30));
  for (const std::size_t number : {0, 1, 4}) {
    EXPECT_EQ(world.peer(number).machine().roster().epoch(), 0u) << "p" << number;
  }
}

}  // namespace
}  // namespace vouch::sim::rosters_test
