// A stream that runs far ahead of its certificates, as when everybody submits as fast as they can.
// SPDX-License-Identifier: MIT
#include "tests/sim/world.hpp"
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace vouch::sim::ahead_test {
namespace {

using std::chrono::seconds;

constexpr std::uint64_t runs = 300;

/// Each run ends a segment: far more of them than certificates cover in that time.
void submit_runs(SimPeer& peer, char name = 'r') {
  for (std::uint64_t run = 0; run < runs; ++run) {
    for (const char* type : {"RUN_STARTED", "RUN_FINISHED"}) {
      const std::string event =
          fmt::format(R"({{"type":"{}","threadId":"t","runId":"{}{}"}})", type, name, run);
      ASSERT_TRUE(peer.lanes().submit("ahead", event, std::nullopt, false));
    }
  }
}

TEST(Ahead, WhatWasAcceptedIsCertifiedToItsEnd) {
  World world({.seed = 3});
  world.start();
  world.at(seconds(2), [&] { submit_runs(world.peer(0)); });
  world.run_until(seconds(10));
  world.stop_opening();
  world.run_until(seconds(90));
  std::size_t validators = 0;
  for (std::size_t i = 0; i < world.size(); ++i) {
    const machine::PeerMachine& machine = world.peer(i).machine();
    EXPECT_EQ(machine.agreement().certified("ahead").value.size, 2 * runs) << i;
    EXPECT_EQ(machine.refolder().counters().rebased, 0U) << i;
    const std::uint64_t held = world.peer(i).lanes().position("ahead").first;
    validators += held == 2 * runs ? 1 : 0;
    EXPECT_TRUE(held == 2 * runs || held == 0) << i;
  }
  EXPECT_GE(validators, 3U);
}

TEST(Ahead, AHalfThatWasAloneIsCertifiedAfterwards) {
  World world({.seed = 4});
  world.start();
  world.run_until(seconds(2));
  world.kill_peer(2);
  world.kill_peer(3);
  world.at(seconds(4), [&] { submit_runs(world.peer(0)); });
  world.run_until(seconds(20));
  EXPECT_EQ(world.peer(0).machine().agreement().certified("ahead").value.size, 0U);
  world.start_peer(2);
  world.start_peer(3);
  world.stop_opening();
  world.run_until(seconds(120));
  for (std::size_t i = 0; i < world.size(); ++i) {
    EXPECT_EQ(world.peer(i).machine().agreement().certified("ahead").value.size, 2 * runs) << i;
    EXPECT_EQ(world.peer(i).machine().refolder().counters().rebased, 0U) << i;
  }
}

TEST(Ahead, ADisputeFarBehindIsSettled) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    World world({.seed = seed});
    world.start();
    world.at(seconds(2), [&] {
      submit_runs(world.peer(0));
      submit_runs(world.peer(1), 'q');
    });
    world.run_until(seconds(10));
    world.stop_opening();
    world.run_until(seconds(200));
    for (std::size_t i = 0; i < world.size(); ++i) {
      EXPECT_EQ(world.peer(i).machine().agreement().certified("ahead").value.size, 2 * runs) << i;
    }
  }
}

}  // namespace
}  // namespace vouch::sim::ahead_test
