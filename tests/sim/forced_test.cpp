// More voters are lost for good than may be, while streams run and voters differ: shipping peers,
// whose operators force a roster of those that remain.
// SPDX-License-Identifier: MIT
#include "tests/paths.hpp"
#include "tests/sim/split/clients.hpp"
#include "tests/sim/voters.hpp"
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace vouch::sim::forced_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Breaches = std::vector<std::string>;
using Numbers = std::vector<std::size_t>;

/// Streams of these peers' clients that are not certified to their end at `number`.
std::size_t open_streams(World& world, const Numbers& clients, std::size_t number) {
  const auto& agreement = world.peer(number).machine().agreement();
  std::size_t open = 0;
  for (const auto& [name, client] : world.streams()) {
    if (std::ranges::find(clients, client) == clients.end()) continue;
    agreement.each([&](const consensus::Agreement::View& view) {
      if (view.name == name && !view.finished) ++open;
    });
  }
  return open;
}

/// Of four voters two are lost in the middle of whatever they were doing.
void lose_two(World& world) {
  world.start();
  world.run_until(seconds(5));
  world.kill_peer(3);
  world.run_until(seconds(5) + milliseconds(70 * world.settings().seed));
  world.kill_peer(2);
  world.run_until(seconds(9));
}

TEST(Forced, TwoOfFourGoOnAndEverythingCloses) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    World world({.seed = seed});
    lose_two(world);
    const std::uint64_t stuck = certificates(world, 0);
    world.run_until(seconds(15));
    EXPECT_EQ(certificates(world, 0), stuck) << "nothing is certified any more";
    world.force_roster({0}, {0, 1});
    world.run_until(seconds(20));
    EXPECT_EQ(world.peer(0).machine().roster().epoch(), 0u) << "one operator of two";
    world.force_roster({1}, {0, 1});
    world.run_until(seconds(25));
    expect_votes(world, {0, 1}, 1);
    EXPECT_TRUE(world.peer(1).machine().roster().forced());
    world.run_until(seconds(30));
    EXPECT_GT(certificates(world, 0), stuck) << "seed " << seed;
    world.stop_opening();
    world.run_until(seconds(60));
    EXPECT_EQ(open_streams(world, {0, 1}, 0), 0u) << "seed " << seed;
    EXPECT_EQ(world.ledger().breaches(), Breaches{}) << "seed " << seed;
    expect_equal_states(world);
    expect_no_alarms(world, {0, 1});
  }
}

TEST(Forced, LostVotersThatComeBackStopAndFollow) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    World world({.seed = seed});
    lose_two(world);
    world.force_roster({0, 1}, {0, 1});
    world.run_until(seconds(20));
    expect_votes(world, {0, 1}, 1);
    world.start_peer(2);
    world.start_peer(3);
    world.run_until(seconds(30));
    world.stop_opening();
    world.run_until(seconds(70));
    for (const std::size_t lost : {2, 3}) {
      EXPECT_EQ(world.peer(lost).machine().roster().epoch(), 1u) << "p" << lost;
      EXPECT_FALSE(world.peer(lost).machine().agreement().setting().votes()) << "p" << lost;
    }
    EXPECT_EQ(world.ledger().breaches(), Breaches{}) << "seed " << seed;
    expect_equal_states(world);
    expect_no_alarms(world, {0, 1, 2, 3});
  }
}

/// All four have another beginning of one stream, and two are lost in the middle of the dispute.
TEST(Forced, AnOpenDisputeIsSettledByThoseThatRemain) {
  const std::string stream = "t~";  // for the ledger one that may be split
  const auto value_at = [&stream](World& world, std::size_t peer) {
    return world.peer(peer).machine().agreement().certified(stream).value;
  };
  std::size_t open = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    World world({.seed = seed, .open_streams = 0});
    world.start();
    world.run_until(seconds(3));
    for (std::size_t peer = 0; peer < 4; ++peer) {
      for (const char* form : {R"({{"type":"RUN_STARTED","threadId":"t","runId":"r{}"}})",
                               R"({{"type":"RUN_FINISHED","threadId":"t","runId":"r{}"}})"}) {
        const std::string event = fmt::format(fmt::runtime(form), peer);
        world.ledger().splits().submitted(stream, event);
        EXPECT_TRUE(world.peer(peer).lanes().submit(stream, event, std::nullopt, false));
      }
    }
    world.run_until(seconds(3) + milliseconds(20 * seed));
    world.kill_peer(3);
    world.kill_peer(2);
    world.run_until(seconds(9));
    const Value before = value_at(world, 0);
    open += before.size == 0 ? 1 : 0;
    world.run_until(seconds(20));
    EXPECT_EQ(value_at(world, 0), before) << "nothing is certified any more";
    world.force_roster({0, 1}, {0, 1});
    world.run_until(seconds(60));
    expect_votes(world, {0, 1}, 1);
    EXPECT_GT(value_at(world, 0).size, 0u) << "seed " << seed;
    EXPECT_EQ(value_at(world, 1), value_at(world, 0)) << "seed " << seed;
    world.start_peer(2);
    world.start_peer(3);
    world.run_until(seconds(120));
    for (const std::size_t lost : {2, 3}) {
      EXPECT_EQ(value_at(world, lost), value_at(world, 0)) << "seed " << seed << " p" << lost;
    }
    EXPECT_EQ(world.ledger().breaches(), Breaches{}) << "seed " << seed;
    expect_no_alarms(world, {0, 1, 2, 3});
  }
  EXPECT_GT(open, 4u) << "most disputes were open when two were lost";
}

/// Both that remain are killed at one moment after the other of what they do, and start again
/// without those that are lost.
TEST(Forced, EachPhaseSurvivesARestart) {
  for (int phase = 0; phase < 24; phase += sanitized ? 5 : 1) {
    World world({.seed = 7, .peers = 5, .voters = 4});
    lose_two(world);
    const std::size_t victim = static_cast<std::size_t>(phase % 2);
    world.peer(victim).disk().crash_after(static_cast<std::uint64_t>(phase / 2), phase % 4 < 2);
    world.force_roster({0}, {0, 1, 4});
    world.run_until(seconds(10));
    world.start_peer(victim);
    world.force_roster({1}, {0, 1, 4});
    world.run_until(seconds(16));
    world.start_peer(victim);
    // Who died before it was told that its peer has it says it again.
    for (const std::size_t number : {0, 1}) {
      if (world.peer(number).machine().roster().epoch() == 0) {
        world.force_roster({number}, {0, 1, 4});
      }
    }
    world.run_until(seconds(30));
    expect_votes(world, {0, 1, 4}, 1);
    world.kill_peer(0);
    world.kill_peer(1);
    world.start_peer(0);
    world.start_peer(1);
    world.run_until(seconds(40));
    expect_votes(world, {0, 1, 4}, 1);
    EXPECT_EQ(world.ledger().breaches(), Breaches{}) << "phase " << phase;
    expect_no_alarms(world, {0, 1, 4});
  }
}

/// Before the operators come both were started again: nobody answers them what they wrote.
TEST(Forced, WhoStartsAgainNeedNotAskTheLost) {
  World world({.seed = 3});
  lose_two(world);
  for (const std::size_t number : {0, 1}) {
    world.kill_peer(number);
    world.start_peer(number);
  }
  world.run_until(seconds(15));
  EXPECT_FALSE(world.peer(0).machine().writing());
  world.force_roster({0, 1}, {0, 1});
  world.run_until(seconds(22));
  expect_votes(world, {0, 1}, 1);
  world.stop_opening();
  world.run_until(seconds(60));
  EXPECT_EQ(world.ledger().breaches(), Breaches{});
  expect_equal_states(world);
}

/// Of four one remains, with a new one that is told to follow it.
TEST(Forced, OneOfFourGoesOn) {
  World world({.seed = 2, .peers = 5, .voters = 4});
  world.start();
  world.run_until(seconds(5));
  for (const std::size_t lost : {1, 2, 3}) world.kill_peer(lost);
  world.run_until(seconds(8));
  world.force_roster({0}, {0, 4});
  world.run_until(seconds(14));
  EXPECT_EQ(world.peer(0).machine().roster().epoch(), 1u);
  EXPECT_EQ(world.peer(4).machine().roster().epoch(), 0u) << "its operator did not say so";
  world.force_roster({4}, {0, 4});
  world.run_until(seconds(24));
  expect_votes(world, {0, 4}, 1);
  const std::uint64_t before = certificates(world, 4);
  world.run_until(seconds(34));
  EXPECT_GT(certificates(world, 4), before);
  world.stop_opening();
  world.run_until(seconds(70));
  expect_equal_states(world);
}

}  // namespace
}  // namespace vouch::sim::forced_test
