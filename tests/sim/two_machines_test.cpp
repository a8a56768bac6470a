// Two peers over the network in memory: equal in the end, and the same seed tells the same story.
// SPDX-License-Identifier: MIT
#include "tests/sim/world.hpp"
#include <gtest/gtest.h>

namespace vouch::sim::two_machines_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Outcome {
  std::uint64_t trace = 0;
  std::vector<Hash> states;
  bool operator==(const Outcome&) const = default;
};

Outcome run(std::uint64_t seed, bool real_signatures, transport::LinkFaults faults) {
  World world({.seed = seed, .peers = 2, .real_signatures = real_signatures});
  world.network().set_faults(faults);
  world.start();
  world.run_until(seconds(10));
  world.stop_opening();
  world.network().set_faults({});
  world.run_until(seconds(40));
  EXPECT_TRUE(world.clients_done());
  EXPECT_EQ(world.ledger().breaches(), std::vector<std::string>{}) << "seed " << seed;
  for (std::size_t i = 0; i < world.size(); ++i) {
    EXPECT_EQ(world.peer(i).machine().pusher().backlog_bytes(), 0U);
    EXPECT_GT(world.peer(i).machine().replica().own_last(), 0U);
  }
  return {world.trace_hash(), world.state_hashes()};
}

TEST(TwoMachines, AreEqualInTheEnd) {
  const Outcome outcome = run(1, true, {});
  ASSERT_EQ(outcome.states.size(), 2U);
  EXPECT_EQ(outcome.states[0], outcome.states[1]);
}

TEST(TwoMachines, AreEqualAfterLossDuplicatesAndReordering) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const transport::LinkFaults faults{.drop = 0.2, .duplicate = 0.2, .reorder = 0.2};
    const Outcome outcome = run(seed, false, faults);
    ASSERT_EQ(outcome.states.size(), 2U);
    EXPECT_EQ(outcome.states[0], outcome.states[1]) << "seed " << seed;
  }
}

TEST(TwoMachines, TheSameSeedGivesTheSameTrace) {
  const transport::LinkFaults faults{.drop = 0.1, .delay_max = milliseconds(20)};
  EXPECT_EQ(run(7, false, faults), run(7, false, faults));
  EXPECT_NE(run(7, false, faults).trace, run(8, false, faults).trace);
}

}  // namespace
}  // namespace vouch::sim::two_machines_test
