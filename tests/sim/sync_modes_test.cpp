// Each way of keeping peers equal, alone: it brings everybody to one state, and does nothing that
// is another's.
// SPDX-License-Identifier: MIT
#include "tests/sim/checks.hpp"
#include "tests/sim/run.hpp"
#include "tests/sim/world.hpp"
#include <gmock/gmock.h>

namespace vouch::sim::sync_modes_test {
namespace {

using std::chrono::seconds;
using testing::IsEmpty;

/// As long as vouch-sim waits, whose peers do both.
const VirtualTime as_ever = RunSettings().calm_max;

struct Totals {
  std::uint64_t asked = 0, heard = 0, gaps = 0;
};

Totals totals_of(const World& world) {
  Totals out;
  for (std::size_t i = 0; i < world.size(); ++i) {
    const machine::PeerMachine& machine = world.peer(i).machine();
    out.asked += machine.puller().asked();
    out.heard += machine.replica().counters().batches;
    out.gaps += machine.replica().counters().gaps;
  }
  return out;
}

/// Runs until everybody is equal and done, for `longest` at most.
void expect_settles(World& world, VirtualTime longest) {
  const VirtualTime begin = world.now();
  std::vector<std::string> left = differences(world, {});
  while (!left.empty() && world.now() < begin + longest) {
    world.run_until(world.now() + seconds(1));
    left = differences(world, {});
  }
  EXPECT_THAT(left, IsEmpty());
  EXPECT_THAT(world.ledger().breaches(), IsEmpty());
  EXPECT_GT(totals_of(world).heard, 0U);
}

/// Much is lost for twenty seconds, and nothing afterwards.
void settle_after_losses(World& world) {
  world.network().set_faults({.drop = 0.2, .duplicate = 0.2, .reorder = 0.2});
  world.start();
  world.run_until(seconds(20));
  world.stop_opening();
  world.network().set_faults({});
  expect_settles(world, as_ever);
}

TEST(SyncModes, EqualPeersAskForNothing) {
  World world({.seed = 30});
  world.start();
  world.run_until(seconds(5));
  world.stop_opening();
  expect_settles(world, as_ever);
  const std::uint64_t before = totals_of(world).asked;
  world.run_until(world.now() + seconds(60));
  EXPECT_EQ(totals_of(world).asked, before);
}

TEST(SyncModes, GossipAloneMakesEqualWhereNothingIsLost) {
  World world({.seed = 31, .sync = sync::Mode::gossip});
  world.network().set_faults({.duplicate = 0.3});
  world.start();
  world.run_until(seconds(5));
  const std::uint64_t at_start = totals_of(world).asked;
  world.run_until(seconds(30));
  world.stop_opening();
  expect_settles(world, as_ever);
  EXPECT_EQ(totals_of(world).asked, at_start);
}

TEST(SyncModes, AfterALossGossipAloneIsEqualWithTheNextStart) {
  World world({.seed = 32, .sync = sync::Mode::gossip});
  world.start();
  world.run_until(seconds(5));
  world.network().isolate(std::array{world.peer(3).id()});
  world.run_until(seconds(10));
  world.network().heal_all(world.now());
  world.stop_opening();
  world.run_until(seconds(40));
  EXPECT_GT(totals_of(world).gaps, 0U);
  EXPECT_NE(world.state_hashes()[3], world.state_hashes()[0]);
  for (std::size_t i = 0; i < world.size(); ++i) {
    world.kill_peer(i);
    world.start_peer(i);
    world.run_until(world.now() + seconds(3));
  }
  expect_settles(world, as_ever);
}

TEST(SyncModes, FrontiersAloneMakeEqualWhateverIsLost) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    World world({.seed = seed, .sync = sync::Mode::crdt});
    settle_after_losses(world);
    EXPECT_EQ(totals_of(world).gaps, 0U) << "a batch came that nobody asked for, seed " << seed;
  }
}

/// Of batches everybody gives its own alone, and one writer is gone: what it wrote while another
/// peer was away comes as state.
struct ByStates : testing::TestWithParam<sync::Mode> {};

TEST_P(ByStates, WhatAWriterSaidComesThoughItIsGone) {
  for (std::uint64_t seed = 50; seed <= 54; ++seed) {
    World world({.seed = seed, .sync = GetParam(), .finished_kept = 3});
    world.start();
    world.run_until(seconds(5));
    world.network().isolate(std::array{world.peer(3).id()});
    world.run_until(seconds(15));
    world.stop_opening();
    world.kill_peer(0);
    world.network().heal_all(world.now());
    world.run_until(seconds(30));
    const auto& others = world.peer(1).machine().replica();
    const auto& back = world.peer(3).machine();
    EXPECT_EQ(back.replica().frontier(), others.frontier()) << "seed " << seed;
    EXPECT_EQ(back.replica().state_digest(), others.state_digest()) << "seed " << seed;
    EXPECT_GE(back.counters().transfers, 1U);
    world.start_peer(0);
    expect_settles(world, as_ever);
  }
}

TEST_P(ByStates, EverythingBecomesEqualWhateverIsLost) {
  for (std::uint64_t seed = 60; seed <= 64; ++seed) {
    World world({.seed = seed, .sync = GetParam()});
    settle_after_losses(world);
  }
}

INSTANTIATE_TEST_SUITE_P(Modes, ByStates,
                         testing::Values(sync::Mode::merkle, sync::Mode::snapshot));

/// Neither heartbeats nor gaps come through: checks over the own connections must do. The end of a
/// run and the close mark are certified one after the other, and for each the voters attest,
/// prepare and commit: six words, each found within a period. As much again for pushes before them.
TEST(SyncModes, ChecksFindWhatNoGossipTells) {
  for (std::uint64_t seed = 33; seed <= 36; ++seed) {
    World world({.seed = seed});
    world.start();
    world.run_until(seconds(5));
    world.network().isolate(std::array{world.peer(3).id()});
    world.run_until(seconds(20));
    world.stop_opening();
    world.run_until(seconds(40));
    world.network().heal_all(world.now());
    world.set_flips(1.0);
    expect_settles(world, 12 * sync::PullTimes().period);
  }
}

/// Gossip does not help: what tells the halves that they can hear each other are their connections.
TEST(SyncModes, APartitionIsOverSoonAfterItsLinksAreBack) {
  for (std::uint64_t seed = 37; seed <= 40; ++seed) {
    World world({.seed = seed});
    world.start();
    world.run_until(seconds(5));
    world.network().isolate(std::array{world.peer(2).id(), world.peer(3).id()});
    world.run_until(seconds(65));
    world.set_flips(1.0);
    std::map<Writer, std::uint64_t> written;
    for (std::size_t i = 0; i < world.size(); ++i) {
      const sync::Replica& replica = world.peer(i).machine().replica();
      written[replica.self()] = replica.own_last();
    }
    world.network().heal_all(world.now());
    world.run_until(world.now() + std::chrono::milliseconds(250));
    for (std::size_t i = 0; i < world.size(); ++i) {
      const FrontierMap& held = world.peer(i).machine().replica().frontier();
      for (const auto& [writer, last] : written) {
        EXPECT_GE(held.at(writer).last, last) << "p" << i << ", seed " << seed;
      }
    }
  }
}

}  // namespace
}  // namespace vouch::sim::sync_modes_test
