// Streams that are submitted to at several peers: who loses a dispute gets to the certified chain,
// goes on from there, and then there is quiet. What seeds draw of this is in split/.
// SPDX-License-Identifier: MIT
#include "tests/sim/run.hpp"
#include "tests/sim/split/clients.hpp"
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "vouch/state/cell_of.hpp"

namespace vouch::sim::split_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// The ledger takes a stream with this name for one that may be split.
const std::string stream = "t~";

WorldSettings quiet(std::uint64_t seed) {
  WorldSettings out;
  out.seed = seed;
  out.open_streams = 0;
  return out;
}

/// Events of nobody else: a run that stays open unless it is `whole`.
void submit(World& world, std::size_t peer, std::string_view run, std::size_t texts, bool whole) {
  std::vector<std::string> events{
      fmt::format(R"({{"type":"RUN_STARTED","threadId":"t","runId":"{}"}})", run)};
  for (std::size_t i = 0; i < texts; ++i) {
    events.push_back(fmt::format(R"({{"type":"CUSTOM","name":"{}","value":{}}})", run, i));
  }
  if (whole) {
    events.push_back(fmt::format(R"({{"type":"RUN_FINISHED","threadId":"t","runId":"{}"}})", run));
  }
  for (const std::string& event : events) {
    world.ledger().splits().submitted(stream, event);
    EXPECT_TRUE(world.peer(peer).lanes().submit(stream, event, std::nullopt, false));
  }
}

consensus::Standpoint certified(World& world, std::size_t peer) {
  return world.peer(peer).machine().agreement().certified(stream);
}

void expect_one_chain(World& world, std::uint64_t size) {
  for (std::size_t i = 0; i < world.size(); ++i) {
    const Value value = certified(world, i).value;
    EXPECT_EQ(value.size, size) << i;
    EXPECT_EQ(value.head, certified(world, 0).value.head) << i;
    EXPECT_EQ(world.peer(i).lanes().head_at(stream, size - 1), value.head) << i;
    EXPECT_TRUE(world.peer(i).machine().agreement().on_track(stream)) << i;
  }
  EXPECT_TRUE(world.ledger().breaches().empty());
}

TEST(Split, EventsStayUntilALateLoserHasThem) {
  World world(quiet(3));
  world.start();
  world.run_until(seconds(2));
  const std::vector<PeerId> alone{world.peer(3).id()};
  world.network().isolate(alone);
  for (const std::size_t peer : {0, 3}) {
    submit(world, peer, fmt::format("r{}", peer), 4, true);
    EXPECT_TRUE(world.peer(peer).lanes().close(stream));
  }
  world.run_until(seconds(30));
  ASSERT_EQ(certified(world, 0).value.size, 7U);
  world.network().heal_all(world.now());
  world.run_until(seconds(90));
  EXPECT_EQ(world.peer(3).machine().refolder().counters().rebased, 1U);
  for (std::size_t i = 0; i < world.size(); ++i) {
    EXPECT_EQ(certified(world, i).value, certified(world, 0).value) << i;
    EXPECT_EQ(world.peer(i).disk().rows(Table::payloads), 0U) << i << " and then they go";
  }
}

TEST(Split, AChainThatBeginsAfterACertificateIsComparedWithIt) {
  World world(quiet(4));
  world.start();
  world.run_until(seconds(2));
  world.kill_peer(3);
  submit(world, 0, "first", 4, true);
  world.run_until(seconds(20));
  ASSERT_EQ(certified(world, 0).value.size, 6U);
  world.start_peer(3);
  while (certified(world, 3).height == 0 && world.now() < seconds(30)) {
    world.run_until(world.now() + milliseconds(1));
  }
  ASSERT_EQ(world.peer(3).lanes().position(stream).first, 0U) << "its events are on their way";
  submit(world, 3, "late", 4, true);
  world.run_until(seconds(60));
  expect_one_chain(world, 6);
}

TEST(Split, WhoWasPutOnAChainIsPushedOnFromThere) {
  World world(quiet(5));
  world.start();
  world.run_until(seconds(2));
  for (std::size_t i = 0; i < world.size(); ++i) submit(world, i, fmt::format("r{}", i), 4, true);
  world.run_until(seconds(60));
  for (std::size_t i = 0; i < world.size(); ++i) {
    const std::uint64_t size = world.peer(i).lanes().position(stream).first;
    submit(world, i, fmt::format("next{}", i), 2, true);
    world.run_until(world.now() + seconds(60));
    expect_one_chain(world, size + 4);
  }
}

TEST(Split, EvidenceEndsWithTheChainsThatItWasOf) {
  World world(quiet(6));
  world.start();
  world.run_until(seconds(2));
  for (const std::size_t peer : {0, 1, 2}) submit(world, peer, fmt::format("r{}", peer), 40, false);
  world.run_until(seconds(60));
  const std::uint32_t height = certified(world, 0).height;
  EXPECT_GT(height, 0U);
  world.run_until(seconds(300));
  for (std::size_t i = 0; i < world.size(); ++i) {
    EXPECT_EQ(certified(world, i).height, height) << i << " decides nothing again and again";
  }
}

TEST(Split, WhatNobodyPushesAnyMoreIsToldByWhoHasIt) {
  World world(quiet(8));
  world.start();
  world.run_until(seconds(2));
  for (const std::size_t peer : {2, 3}) {
    world.network().cut(world.peer(0).id(), world.peer(peer).id());
  }
  submit(world, 0, "r", 4, true);
  world.run_until(seconds(4));
  ASSERT_EQ(world.peer(1).lanes().position(stream).first, 6U);
  ASSERT_EQ(world.peer(2).lanes().position(stream).first, 0U);
  world.kill_peer(0);  // for good: the three others are a quorum
  world.run_until(seconds(60));
  for (const std::size_t peer : {1, 2, 3}) EXPECT_EQ(certified(world, peer).value.size, 6U) << peer;
}

TEST(Split, WhoEndsBetweenAnotherChainAndItsWordSaysItLater) {
  World world(quiet(7));
  world.start();
  world.run_until(seconds(2));
  SimPeer& loser = world.peer(3);
  const std::vector<PeerId> alone{loser.id()};
  world.network().isolate(alone);
  for (const std::size_t peer : {0, 3}) submit(world, peer, fmt::format("r{}", peer), 4, true);
  world.run_until(seconds(30));
  const Hash head = certified(world, 0).value.head;
  const auto attests = [&](std::size_t at) {
    const auto& streams = world.peer(at).machine().replica().state().streams;
    const auto* cell = state::cell_of(streams, stream, alone[0]);
    return cell != nullptr && cell->claims().contains(head);
  };
  // Started again it hears one voter, which shows it the chain, and writes nothing until a quorum
  // has told it what it said before.
  world.kill_peer(3);
  world.network().heal(world.now(), world.peer(0).id(), loser.id());
  world.network().heal(world.now(), loser.id(), world.peer(0).id());
  world.start_peer(3);
  world.run_until(seconds(60));
  ASSERT_EQ(loser.lanes().head_at(stream, 5), head);
  ASSERT_FALSE(attests(3));
  world.kill_peer(3);
  world.network().heal_all(world.now());
  world.start_peer(3);
  world.run_until(seconds(90));
  EXPECT_TRUE(attests(0));
}

TEST(Split, WhatDifferedBeforeAStartIsFoundAfterIt) {
  RunSettings settings;
  settings.world.seed = 31;
  settings.plan = *plan_of(31, "loss,reordering,flips,partition,flapping,crash,disk_error,drift");
  settings.plan.splits = 2;
  settings.troubled = milliseconds(19'608);
  EXPECT_EQ(run(settings).breaches, std::vector<std::string>{});
}

}  // namespace
}  // namespace vouch::sim::split_test
