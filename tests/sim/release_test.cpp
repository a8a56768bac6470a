// A cluster that has seen very many streams holds no more than one that has seen few.
// SPDX-License-Identifier: MIT
#include "tests/sim/proposers.hpp"
#include "tests/sim/world.hpp"
#include <gtest/gtest.h>

#include "vouch/state/cells.hpp"

namespace vouch::sim::release_test {
namespace {

using std::chrono::seconds;

constexpr std::size_t kept = 3;
/// Of four voters each keeps the last ones, and they need not be the same.
constexpr std::size_t left_max = 4 * kept;

/// Everything in memory that is kept by stream, after so many seconds of short streams.
struct Held {
  std::size_t opened = 0, released = 0, most = 0;
};

Held run(VirtualTime time) {
  World world({.seed = 5, .finished_kept = kept, .open_streams = 4});
  world.start();
  world.run_until(time);
  world.stop_opening();
  world.run_until(time + seconds(40));
  EXPECT_TRUE(world.clients_done());
  EXPECT_EQ(world.ledger().breaches(), std::vector<std::string>{});
  Held held;
  held.opened = world.streams().size();
  for (std::size_t i = 0; i < world.size(); ++i) {
    const machine::PeerMachine& machine = world.peer(i).machine();
    const state::State& state = machine.replica().state();
    std::size_t subjects = 0;
    machine.agreement().each([&](const auto&) { ++subjects; });
    for (const std::size_t size :
         {state.streams.size(), state.prepares.size(), state.commits.size(), state.runs.size() / 4,
          state.finished.size(), subjects, machine.over()}) {
      held.most = std::max(held.most, size);
    }
    EXPECT_EQ(world.peer(i).disk().rows(Table::agreement), subjects);
    held.released = world.peer(i).disk().rows(Table::released);
    EXPECT_EQ(world.peer(i).disk().rows(Table::streams), state.streams.size());
  }
  return held;
}

TEST(Release, TheNumberOfStreamsThereEverWereIsNotInMemory) {
  const Held some = run(seconds(20));
  const Held many = run(seconds(100));
  EXPECT_GT(many.opened, 3 * some.opened);
  EXPECT_GE(many.released + left_max, many.opened) << "but for the last ones, all are released";
  EXPECT_LE(many.most, left_max);
}

TEST(Release, TheNumberOfProposalsThereEverWereIsNotInMemory) {
  World world({.seed = 8, .finished_kept = kept});
  Proposers proposers(world, true);
  world.start();
  proposers.start();
  world.run_until(seconds(60));
  world.stop_opening();
  proposers.stop();
  world.run_until(seconds(80));
  EXPECT_EQ(proposers.differences(false), std::vector<std::string>{});
  EXPECT_EQ(world.ledger().breaches(), std::vector<std::string>{});
  for (std::size_t i = 0; i < world.size(); ++i) {
    const machine::PeerMachine& machine = world.peer(i).machine();
    EXPECT_GT(machine.counters().released_proposals, 200u);
    EXPECT_LE(machine.decided(), left_max);
    EXPECT_LE(machine.replica().state().finished_proposals.size(), left_max);
    EXPECT_LE(machine.replica().state().certificates.size(), 2 * left_max) << "with streams";
    EXPECT_LE(machine.agreement().subjects(), 3 * left_max);
    EXPECT_LE(world.peer(i).disk().rows(Table::agreement), 4 * left_max) << "with values";
  }
  // What left memory is there after a start, and has the value it had.
  for (std::size_t i = 0; i < world.size(); ++i) {
    world.kill_peer(i);
    world.start_peer(i);
  }
  world.run_until(seconds(90));
  EXPECT_EQ(proposers.differences(false), std::vector<std::string>{});
}

TEST(Release, ASilentVoterIsWaitedFor) {
  World world({.seed = 6, .finished_kept = kept});
  world.start();
  world.run_until(seconds(5));
  world.kill_peer(3);
  world.run_until(seconds(25));
  world.stop_opening();
  world.run_until(seconds(40));
  const state::State& state = world.peer(0).machine().replica().state();
  EXPECT_GT(state.finished.size(), left_max) << "it may know nothing of them yet";
  for (const auto& [stream, peers] : state.finished.entries()) {
    EXPECT_EQ(peers.find(world.peer(3).id()), nullptr) << stream;
  }
  world.start_peer(3);
  world.run_until(seconds(80));
  for (std::size_t i = 0; i < world.size(); ++i) {
    EXPECT_LE(world.peer(i).machine().replica().state().streams.size(), left_max) << i;
  }
}

/// Two of five do not know what one of the other two said, and two are no majority against two.
TEST(Release, LastWordsThatOnlySomeHoldAreSaidAgain) {
  World world({.seed = 9, .peers = 5, .finished_kept = kept});
  Proposers proposers(world, true);
  world.start();
  proposers.start();
  world.run_until(seconds(3));
  world.kill_peer(4);
  world.run_until(seconds(20));
  world.stop_opening();
  proposers.stop();
  world.run_until(seconds(40));
  const PeerId speaker = world.peer(0).id();
  const auto words = [&](std::size_t number) {
    const auto& held = world.peer(number).machine().replica().state().finished_proposals;
    return std::ranges::count_if(held.entries(), [&](const auto& proposal) {
      return proposal.second.find(speaker) != nullptr;
    });
  };
  const auto said = words(0);
  ASSERT_GT(said, 10);
  for (const std::size_t number : {2, 3}) {
    const auto keys = state::cell_keys_of(world.peer(number).machine().replica().state(), speaker);
    world.kill_peer(number);
    for (const Bytes& key : keys) {
      if (key.front() != 'g') continue;
      ASSERT_TRUE(world.peer(number).disk().lose(Table::cells, key, 0));
    }
    world.start_peer(number);
  }
  world.run_until(seconds(80));
  for (const std::size_t number : {0, 1, 2, 3}) EXPECT_EQ(words(number), said) << number;
  world.start_peer(4);
  world.run_until(seconds(120));
  EXPECT_EQ(proposers.differences(false), std::vector<std::string>{});
  for (std::size_t i = 0; i < world.size(); ++i) {
    EXPECT_LE(world.peer(i).machine().replica().state().finished_proposals.size(), left_max);
  }
}

TEST(Release, ANameIsNotTakenForANewStream) {
  World world({.seed = 7, .finished_kept = 0});
  world.start();
  world.run_until(seconds(10));
  world.stop_opening();
  world.run_until(seconds(20));
  ASSERT_FALSE(world.streams().empty());
  for (const auto& [stream, at] : world.streams()) {
    for (std::size_t i = 0; i < world.size(); ++i) {
      const auto refused = world.peer(i).lanes().submit(stream, "{}", std::nullopt, false);
      ASSERT_FALSE(refused.has_value()) << stream;
      EXPECT_EQ(refused.error().code, Errc::not_allowed);
      EXPECT_FALSE(world.peer(i).lanes().close(stream));
    }
  }
  world.kill_peer(1);
  world.start_peer(1);
  const auto& [stream, at] = *world.streams().begin();
  EXPECT_TRUE(world.peer(1).lanes().position(stream).second) << "nor after a restart";
}

}  // namespace
}  // namespace vouch::sim::release_test
