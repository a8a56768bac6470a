// A long stream in a whole cluster: the state behind its verdicts is certified, and a voter that
// was started again comes to the same.
// SPDX-License-Identifier: MIT
#include <chrono>

#include "tests/sim/voters.hpp"
#include <fmt/format.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace vouch::sim::states_test
