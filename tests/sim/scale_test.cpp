// A large cluster in small: relays bring everything to everybody in the time and with the bytes
// that arithmetic says, and what goes round in circles ends.
// SPDX-License-Identifier: MIT
#include "tests/sim/scale/scale.hpp"

#include <algorithm>

#include "tests/sim/scale/crowd.hpp"
#include <gtest/gtest.h>

namespace vouch::sim::scale_test {
namespace {

using std::chrono::seconds;

constexpr ScaleSettings small{.seed = 3, .peers = 48, .voters = 7, .fan_out = 3, .rounds = 2};

const RoleFigures& of(const ScaleReport& report, Role role) {
  return report.roles[static_cast<std::size_t>(role)];
}

TEST(Scale, EveryPeerHoldsAnAttestationAfterTheLongestWayInTheTree) {
  const ScaleReport report = run_scale(small);
  EXPECT_EQ(report.breaches, std::vector<std::string>{});
  EXPECT_EQ(report.hops, 4U);
  EXPECT_GT(report.attested, 20U);
  EXPECT_LE(report.to_voters.max, report.to_all.max);
  EXPECT_GT(report.to_all.max, 110) << "regions are far from each other";
  EXPECT_LE(report.to_all.max, report.expected.to_all_max);
  EXPECT_EQ(report.asked_in_vain, 0U);
}

TEST(Scale, BytesAreThoseOfSizesCountsAndTree) {
  const ScaleReport report = run_scale(small);
  const RoleFigures& observers = of(report, Role::observer);
  const RoleFigures& relays = of(report, Role::relay);
  const double gossip = report.expected.gossip_bytes;
  EXPECT_NEAR(report.batches, report.expected.batches, 0.25 * report.expected.batches);
  EXPECT_NEAR(observers.heartbeat_bytes + observers.batch_bytes, gossip, 0.05 * gossip);
  EXPECT_NEAR(relays.heartbeat_bytes + relays.batch_bytes, gossip, 0.05 * gossip);
  EXPECT_NEAR(observers.received.median, gossip, 0.1 * gossip);
  EXPECT_NEAR(relays.sent.max, report.expected.relay_sent, 0.1 * report.expected.relay_sent);
  EXPECT_LT(observers.sent.max, 0.01 * gossip) << "observers ask, and seldom";
  EXPECT_GE(of(report, Role::voter).sent.median, 0.9 * report.expected.voter_sent);
}

TEST(Scale, ASeedIsOneTrace) {
  const std::uint64_t once = run_scale(small).trace_hash;
  EXPECT_EQ(run_scale(small).trace_hash, once);
  ScaleSettings other = small;
  other.seed = 4;
  EXPECT_NE(run_scale(other).trace_hash, once);
}

/// Everybody without a vote hears everybody else without one, and voters hear relays.
TEST(Scale, NewsThatGoRoundInCirclesEnd) {
  constexpr std::size_t voters = 4, all = 12;
  std::vector<Place> places = plan_tree(all, voters, 1);
  for (std::size_t i = voters; i < all; ++i) {
    places[i].role = Role::relay;
    places[i].subscribers.clear();
    for (std::size_t other = 0; other < all; ++other) {
      if (other != i) places[i].subscribers.push_back(other);
    }
  }
  Crowd crowd(1, std::move(places), voters);
  crowd.start();
  crowd.run_until(seconds(4));
  crowd.submit(0, "s");
  crowd.run_until(seconds(15));
  EXPECT_TRUE(crowd.equal());
  EXPECT_EQ(crowd.flights().unfinished(), 0U);
  EXPECT_EQ(crowd.breaches(), std::vector<std::string>{});
  const auto heard = crowd.heard();
  for (std::size_t i = 0; i < all; ++i) {
    const std::size_t batches = crowd.peer(i).disk().rows(Table::batches);
    EXPECT_GT(batches, 0U);
    EXPECT_LE(heard[i].batches, batches * all) << "each relay tells of each batch once";
  }
}

}  // namespace
}  // namespace vouch::sim::scale_test
