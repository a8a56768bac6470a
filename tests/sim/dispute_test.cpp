// The shipping agreement against adversaries: no contradiction ever, and an end once the network
// heals. `vouch-sim --profile byzantine|twins|epochs` runs as many seeds as asked.
// SPDX-License-Identifier: MIT
#include "tests/sim/dispute/dispute.hpp"

#include "tests/paths.hpp"
#include <gtest/gtest.h>

namespace vouch::sim::dispute_test {
namespace {

void run_seeds(std::string_view profile) {
  constexpr std::uint64_t count = sanitized ? 30 : 300;
  for (std::uint64_t seed = 1; seed <= count; ++seed) {
    const std::size_t voters = seed % 4 == 0 ? 1 + seed % 7 : 4;
    const auto report = run_dispute(draw_dispute(seed, profile, voters));
    ASSERT_TRUE(report.ok()) << "seed " << seed << ": " << report.what << ": "
                             << report.breaches.front();
  }
}

TEST(Disputes, SeedsWithByzantineVoters) {
  run_seeds("byzantine");
}

/// Judgements differ, so that every view up to the seventh fails, in a network that taught long
/// timers: they close in view 8 or 9, later than four voters ever would.
TEST(Disputes, SevenVotersThatDifferCloseInTheEnd) {
  for (const std::uint64_t seed : {1784, 2602, 2711}) {
    const auto report = run_dispute(draw_dispute(seed, "byzantine", 7));
    EXPECT_TRUE(report.ok()) << "seed " << seed << ": " << report.what << ": "
                             << report.breaches.front();
  }
}

TEST(Disputes, SeedsWithTwins) {
  run_seeds("twins");
}

TEST(Disputes, SeedsWithChangesOfTheRoster) {
  run_seeds("epochs");
}

}  // namespace
}  // namespace vouch::sim::dispute_test
