// Stories of real peers: separate processes on loopback that submit, crash, stall and come late.
// SPDX-License-Identifier: MIT
#include "tests/net/daemons.hpp"

#include <atomic>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

namespace vouch::net::daemons_test {
namespace {

using std::chrono::seconds;
const std::vector<std::size_t> all_four{0, 1, 2, 3};
const std::vector<std::size_t> first_three{0, 1, 2};

std::uint64_t counter(const json::Value& dump, std::string_view name) {
  const json::Value* counters = dump.find("counters");
  return counters == nullptr ? 0 : tools::number(*counters, name);
}

/// The peer writes its log. What others tell it shows earlier, and without anything of its own: a
/// restarted peer of a cluster first hears what the others hold of its log.
testing::AssertionResult writes(Daemons& peers, std::size_t index) {
  return within(seconds(20), [&]() -> testing::AssertionResult {
    if (tools::number(peers.dump(index), "session") > 0) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "peer " << index << " has no session";
  });
}

/// So many heartbeats more.
testing::AssertionResult hears(Daemons& peers, std::size_t index, std::uint64_t more) {
  const std::uint64_t before = counter(peers.dump(index), "heartbeats");
  return within(seconds(20), [&]() -> testing::AssertionResult {
    if (counter(peers.dump(index), "heartbeats") >= before + more) {
      return testing::AssertionSuccess();
    }
    return testing::AssertionFailure() << "peer " << index << " hears nobody";
  });
}

/// Its state may be equal before the last parts, of which it has all, are compared.
testing::AssertionResult took_state(Daemons& peers, std::size_t index) {
  return within(seconds(20), [&]() -> testing::AssertionResult {
    if (counter(peers.dump(index), "states_taken") > 0) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "peer " << index << " took no state";
  });
}

TEST(Daemons, FourPeersValidateStreamsOfEachOtherAndEndEqual) {
  Daemons peers(4);
  peers.start_all();
  for (std::size_t i = 0; i < 4; ++i) {
    peers.submit(i, fmt::format("t{}", i), run_events(fmt::format("t{}", i), 50));
  }
  EXPECT_TRUE(within(seconds(20), [&] { return peers.converged(all_four, 4); }));
  EXPECT_TRUE(peers.cluster().stop_all(seconds(10)));
}

TEST(Daemons, EachWayOfSynchronisationAloneEndsEqual) {
  for (const char* mode : {"gossip", "crdt", "merkle", "snapshot"}) {
    SCOPED_TRACE(mode);
    Daemons peers(4, [mode](std::size_t, Config& config) {
      config.sync = mode;
      config.heartbeat_interval_ms = 200;
    });
    peers.start_all();
    for (std::size_t i = 0; i < 4; ++i) {
      peers.submit(i, fmt::format("t{}", i), run_events(fmt::format("t{}", i), 50));
    }
    EXPECT_TRUE(within(seconds(30), [&] { return peers.converged(all_four, 4); }));
    EXPECT_TRUE(peers.cluster().stop_all(seconds(10)));
  }
}

TEST(Daemons, AKilledPeerGoesOnWithItsOwnLog) {
  Daemons peers(4);
  peers.start_all();
  peers.submit(3, "before", run_events("before", 300));
  ASSERT_TRUE(within(seconds(20), [&] { return peers.converged(all_four, 4); }));
  const json::Value before = peers.dump(3);
  peers.cluster().kill(peers[3]);
  peers.submit(0, "meanwhile", run_events("meanwhile", 300));
  ASSERT_TRUE(within(seconds(20), [&] { return peers.converged(first_three, 3); }));
  peers.start(3);
  peers.submit(3, "after", run_events("after", 300));
  EXPECT_TRUE(within(seconds(20), [&] { return peers.converged(all_four, 3); }));
  EXPECT_TRUE(writes(peers, 3));
  const json::Value after = peers.dump(3);
  EXPECT_EQ(tools::number(before, "session"), 1u);
  EXPECT_EQ(tools::number(after, "session"), 2u);
  EXPECT_EQ(tools::number(after, "incarnation"), tools::number(before, "incarnation"));
  EXPECT_EQ(counter(peers.dump(0), "forks"), 0u);
}

TEST(Daemons, APeerThatIsKilledAgainAndAgainUnderLoadLosesNothing) {
  Daemons peers(4);
  peers.start_all();
  std::atomic<bool> done{false};
  std::thread submitter([&] {
    for (int i = 0; i < 12; ++i) {
      const std::string stream = fmt::format("load{}", i);
      peers.submit(0, stream, run_events(stream, 400));
    }
    done = true;
  });
  for (int kills = 0; kills < 4 && !done; ++kills) {
    peers.cluster().kill(peers[2]);
    peers.start(2);
  }
  submitter.join();
  EXPECT_TRUE(within(seconds(40), [&] { return peers.converged(all_four, 4); }));
  EXPECT_TRUE(writes(peers, 2));
  EXPECT_EQ(counter(peers.dump(0), "forks"), 0u);
  EXPECT_EQ(tools::number(peers.dump(2), "incarnation"), 1u);
}

TEST(Daemons, ALateJoinerCatchesUp) {
  Daemons peers(4);
  for (const std::size_t i : first_three) peers.start(i);
  for (int i = 0; i < 10; ++i) {
    const std::string stream = fmt::format("early{}", i);
    peers.submit(static_cast<std::size_t>(i) % 3, stream, run_events(stream, 20));
  }
  ASSERT_TRUE(within(seconds(20), [&] { return peers.converged(first_three, 3); }));
  peers.start(3);
  EXPECT_TRUE(within(seconds(20), [&] { return peers.converged(all_four, 3); }));
}

/// Logs keep a few batches: what it was not there for is gone, and comes as state.
TEST(Daemons, ALateJoinerTakesTheStateWhereLogsAreCut) {
  Daemons peers(4, [](std::size_t, Config& config) {
    config.log_bytes_kept = 4096;
    config.heartbeat_interval_ms = 100;
  });
  for (const std::size_t i : first_three) peers.start(i);
  for (int i = 0; i < 40; ++i) {
    const std::string stream = fmt::format("early{}", i);
    peers.submit(static_cast<std::size_t>(i) % 3, stream, run_events(stream, 20));
  }
  ASSERT_TRUE(within(seconds(30), [&] { return peers.converged(first_three, 3); }));
  // What all have read goes with what is written next, once heartbeats said so.
  for (const std::size_t i : first_three) ASSERT_TRUE(hears(peers, i, 6));
  for (const std::size_t i : first_three) {
    const std::string stream = fmt::format("next{}", i);
    peers.submit(i, stream, run_events(stream, 20));
  }
  ASSERT_TRUE(within(seconds(30), [&] { return peers.converged(first_three, 3); }));
  peers.start(3);
  EXPECT_TRUE(within(seconds(30), [&] { return peers.converged(all_four, 3); }));
  EXPECT_TRUE(took_state(peers, 3));
  EXPECT_TRUE(writes(peers, 3));
}

TEST(Daemons, ByStatesAPeerLearnsWhatOneWroteThatIsGone) {
  for (const char* mode : {"merkle", "snapshot"}) {
    SCOPED_TRACE(mode);
    Daemons peers(4, [mode](std::size_t, Config& config) { config.sync = mode; });
    for (const std::size_t i : first_three) peers.start(i);
    peers.submit(0, "early", run_events("early", 50));
    ASSERT_TRUE(within(seconds(20), [&] { return peers.converged(first_three, 3); }));
    peers.cluster().kill(peers[0]);
    peers.start(3);
    EXPECT_TRUE(within(seconds(30), [&] { return peers.converged({1, 2, 3}, 3); }));
    EXPECT_TRUE(took_state(peers, 3));
  }
}

TEST(Daemons, EventsOfOneMebibyteTravelInParts) {
  Daemons peers(4);
  peers.start_all();
  peers.submit(1, "large", run_events("large", 3, (std::size_t{1} << 20) - 200));
  EXPECT_TRUE(within(seconds(30), [&] { return peers.converged(all_four, 4); }));
}

TEST(Daemons, AReceiverThatStoppedForTenSecondsUnderFullLoadMissesNothing) {
  Daemons peers(4);
  peers.start_all();
  ::kill(peers[3].process, SIGSTOP);
  const auto until = std::chrono::steady_clock::now() + seconds(10);
  int runs = 0;
  while (std::chrono::steady_clock::now() < until) {
    const std::string stream = fmt::format("flood{}", runs);
    peers.submit(static_cast<std::size_t>(runs % 3), stream, run_events(stream, 400));
    ++runs;
  }
  ::kill(peers[3].process, SIGCONT);
  EXPECT_GT(runs, 20);
  EXPECT_TRUE(within(seconds(60), [&] { return peers.converged(all_four, 3); }));
}

}  // namespace
}  // namespace vouch::net::daemons_test
