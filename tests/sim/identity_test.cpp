// A peer whose log was lost, rolled back or copied: no number is signed twice, and everybody ends
// with the same logs, byte for byte.
// SPDX-License-Identifier: MIT
#include <array>

#include "tests/sim/world.hpp"
#include <gtest/gtest.h>

namespace vouch::sim::identity_test {
namespace {

using std::chrono::seconds;
using Breaches = std::vector<std::string>;

void restart_with(World& world, std::size_t number, const SimDisk& disk) {
  world.kill_peer(number);
  world.peer(number).disk().restore(disk);
  world.ledger().excuse(world.peer(number).id());
  world.start_peer(number);
}

void cut_off(World& world, std::size_t number) {
  world.network().isolate(std::array{world.peer(number).id()});
}

void expect_equal_logs(World& world) {
  for (std::size_t i = 1; i < world.size(); ++i) {
    EXPECT_TRUE(world.peer(i).disk().same(Table::batches, world.peer(0).disk())) << "p" << i;
    EXPECT_TRUE(world.peer(i).disk().same(Table::frontier, world.peer(0).disk())) << "p" << i;
    EXPECT_EQ(world.state_hashes().at(i), world.state_hashes().at(0)) << "p" << i;
  }
}

std::uint32_t incarnation_of(World& world, std::size_t number) {
  return world.peer(number).machine().replica().self().incarnation;
}

TEST(Identity, ARestoredBackupAsksBeforeItWrites) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    World world({.seed = seed});
    world.start();
    world.run_until(seconds(4));
    const SimDisk backup = world.peer(0).disk();
    world.run_until(seconds(8));
    restart_with(world, 0, backup);
    world.run_until(seconds(16));
    world.stop_opening();
    world.run_until(seconds(45));
    EXPECT_EQ(world.ledger().breaches(), Breaches{}) << "seed " << seed;
    EXPECT_EQ(incarnation_of(world, 0), 2U);
    expect_equal_logs(world);
  }
}

TEST(Identity, TheNextIncarnationIsAboveAllThatOthersKnow) {
  World world({.seed = 3});
  world.start();
  world.run_until(seconds(4));
  const SimDisk backup = world.peer(0).disk();
  for (int life = 1; life <= 3; ++life) {
    world.run_until(seconds(4 + 5 * life));
    restart_with(world, 0, backup);
  }
  world.stop_opening();
  world.run_until(seconds(60));
  EXPECT_EQ(world.ledger().breaches(), Breaches{});
  EXPECT_EQ(incarnation_of(world, 0), 4U);
  expect_equal_logs(world);
}

TEST(Identity, AnEmptyDiskStartsANewLife) {
  World world({.seed = 4});
  world.start();
  world.run_until(seconds(5));
  restart_with(world, 2, SimDisk(0));
  world.stop_opening();
  world.run_until(seconds(40));
  EXPECT_EQ(world.ledger().breaches(), Breaches{});
  EXPECT_EQ(incarnation_of(world, 2), 2U);
  expect_equal_logs(world);
}

TEST(Identity, AnIntactLogGoesOn) {
  World world({.seed = 5});
  world.start();
  world.run_until(seconds(5));
  world.kill_peer(1);
  world.start_peer(1);
  world.stop_opening();
  world.run_until(seconds(40));
  EXPECT_EQ(world.ledger().breaches(), Breaches{});
  EXPECT_EQ(incarnation_of(world, 1), 1U);
  expect_equal_logs(world);
}

TEST(Identity, NothingIsWrittenWithoutAQuorumThatTells) {
  World world({.seed = 6});
  world.start();
  world.run_until(seconds(4));
  const SimDisk backup = world.peer(0).disk();
  world.run_until(seconds(8));
  restart_with(world, 0, backup);
  cut_off(world, 0);
  world.run_until(seconds(100));
  EXPECT_FALSE(world.peer(0).machine().writing());
  EXPECT_GT(world.peer(0).lanes().events(), 0U);
  world.network().heal_all(world.now());
  world.stop_opening();
  world.run_until(seconds(150));
  EXPECT_EQ(world.ledger().breaches(), Breaches{});
  EXPECT_EQ(incarnation_of(world, 0), 2U);
  expect_equal_logs(world);
}

// Only p3 got the end of the log that p0 lost, and p3 is away when p0 asks. The branch that p0 then
// begins reaches nobody; with p3 the old one comes back.
TEST(Identity, NothingStaysOfABranchThatWasGivenUp) {
  World world({.seed = 7});
  const PeerId p0 = world.peer(0).id(), p3 = world.peer(3).id();
  world.start();
  world.run_until(seconds(4));
  const SimDisk backup = world.peer(0).disk();
  world.network().isolate(std::array{p0, p3});
  world.run_until(seconds(16));
  world.network().heal_all(world.now());
  cut_off(world, 3);
  world.ledger().excuse_numbers(p0);
  restart_with(world, 0, backup);
  world.run_until(world.now() + std::chrono::milliseconds(900));
  for (std::size_t i = 1; i < world.size(); ++i) world.network().cut(p0, world.peer(i).id());
  world.run_until(world.now() + std::chrono::milliseconds(300));
  ASSERT_TRUE(world.peer(0).machine().writing());
  EXPECT_EQ(incarnation_of(world, 0), 1U);
  world.network().heal(world.now(), p0, p3);
  world.network().heal(world.now(), p3, p0);
  world.run_until(seconds(30));
  world.network().heal_all(world.now());
  world.stop_opening();
  world.run_until(seconds(70));
  EXPECT_EQ(world.ledger().breaches(), Breaches{});
  EXPECT_EQ(incarnation_of(world, 0), 2U);
  expect_equal_logs(world);
}

}  // namespace
}  // namespace vouch::sim::identity_test
