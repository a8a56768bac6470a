// A long stream in a whole cluster: the state behind its verdicts is certified, and a voter that
// was started again comes to the same.
// SPDX-License-Identifier: MIT
#include <chrono>

#include "tests/sim/voters.hpp"
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "vouch/sync/payload_rows.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace vouch::sim::states_test {
namespace {

using std::chrono::seconds;

const std::string name = "t~";  // the ledger takes it for one that may be split

struct States : testing::Test {
  World world{{.seed = 3, .open_streams = 0}};
  validator::StreamValidator single{{.stream = name}};
  std::uint64_t runs = 0;

  void submit(std::uint64_t upto) {
    for (; runs < upto; ++runs) {
      const std::string ids = fmt::format(R"("threadId":"t","runId":"r{}")", runs);
      for (const char* type : {"RUN_STARTED", "RUN_FINISHED"}) {
        const std::string event = fmt::format(R"({{"type":"{}",{}}})", type, ids);
        world.ledger().splits().submitted(name, event);
        ASSERT_TRUE(world.peer(0).lanes().submit(name, event, std::nullopt, false));
        single.feed(event);
      }
    }
  }
  const consensus::Agreement& agreement(std::size_t number) {
    return world.peer(number).machine().agreement();
  }
  bool has_event(std::size_t number, std::uint64_t index) {
    const auto events = sync::read_events(world.peer(number).disk(), name, index, index + 1, 999);
    return events && !events->empty();
  }
};

TEST_F(States, AreCertifiedAndSurviveARestart) {
  world.start();
  world.run_until(seconds(1));
  submit(300);
  world.run_until(seconds(20));
  world.kill_peer(2);
  world.run_until(seconds(21));
  submit(512);
  world.start_peer(2);
  world.run_until(seconds(60));
  const auto state = single.state_at(1024);
  ASSERT_TRUE(state);
  for (std::size_t number = 0; number < 4; ++number) {
    const Value certified = agreement(number).certified(name).value;
    EXPECT_EQ(certified.size, 1024u) << number;
    EXPECT_EQ(certified.state, state) << number;
    EXPECT_EQ(agreement(number).counters().other_states, 0u) << number;
    EXPECT_EQ(agreement(number).counters().view_changes, 0u) << number;
  }
}

/// A cluster that has come to the first state of a long stream.
struct Forgotten : States {
  void SetUp() override {
    world.start();
    world.run_until(seconds(1));
    submit(520);
    world.run_until(seconds(60));
  }
  void expect_all_at(std::uint64_t size) {
    for (std::size_t number = 0; number < 4; ++number) {
      EXPECT_EQ(world.peer(number).lanes().tip(name)->upto + 1, size) << number;
      EXPECT_EQ(world.peer(number).lanes().tip(name)->head, single.chain().head()) << number;
      EXPECT_EQ(agreement(number).counters().other_states, 0u) << number;
    }
  }
};

TEST_F(Forgotten, EventsThatAllHaveGo) {
  for (std::size_t number = 0; number < 4; ++number) {
    EXPECT_FALSE(has_event(number, 0)) << number;
    EXPECT_FALSE(has_event(number, 1023)) << number;
    EXPECT_TRUE(has_event(number, 1024)) << number;
  }
  expect_all_at(1040);
}

TEST_F(States, EventsStayAsLongAsAVoterHasNotJudgedThem) {
  world.start();
  world.run_until(seconds(1));
  submit(100);
  world.run_until(seconds(20));
  world.kill_peer(2);
  submit(520);
  world.run_until(seconds(60));
  EXPECT_EQ(agreement(0).certified(name).value.size, 1040u);
  for (const std::size_t number : {0, 1, 3}) {
    EXPECT_TRUE(has_event(number, 0)) << number;
  }
  world.kill_peer(1);
  world.start_peer(1);  // knows what is still to go
  world.start_peer(2);
  world.run_until(seconds(120));
  for (std::size_t number = 0; number < 4; ++number) {
    EXPECT_FALSE(has_event(number, 0)) << number;
    EXPECT_EQ(world.peer(number).machine().refolder().counters().resumed, 0u) << number;
  }
}

TEST_F(Forgotten, AStartGoesOnFromTheState) {
  for (std::size_t number = 0; number < 4; ++number) world.kill_peer(number);
  for (std::size_t number = 0; number < 4; ++number) world.start_peer(number);
  world.run_until(seconds(70));
  expect_all_at(1040);
  submit(1100);
  world.run_until(seconds(150));
  expect_all_at(2200);
  EXPECT_EQ(agreement(0).certified(name).value.size, 2200u);
  for (std::size_t number = 0; number < 4; ++number)
    EXPECT_FALSE(has_event(number, 2047)) << number;
}

TEST_F(Forgotten, AStateThatRottedIsTakenAgain) {
  world.kill_peer(3);
  const Bytes key = sync::stream_row_key(name);
  Bytes row = *world.peer(3).disk().find(Table::states, key);
  row[row.size() / 2] ^= 1;
  world.peer(3).disk().put(Table::states, key, row);
  world.start_peer(3);
  world.run_until(seconds(120));
  submit(521);
  world.run_until(seconds(180));
  expect_all_at(1042);
  world.kill_peer(3);
  world.start_peer(3);
  expect_all_at(1042);
}

TEST_F(Forgotten, WhoLostItsDiskTakesTheState) {
  world.kill_peer(3);
  world.peer(3).disk().erase_all();
  world.start_peer(3);
  world.run_until(seconds(120));
  // What is not certified comes with the next push: its own old word says that it has it.
  submit(521);
  world.run_until(seconds(180));
  expect_all_at(1042);
  EXPECT_FALSE(has_event(3, 0)) << "nobody had it";
  world.kill_peer(3);
  world.start_peer(3);
  world.run_until(seconds(200));
  expect_all_at(1042);
}

}  // namespace
}  // namespace vouch::sim::states_test
