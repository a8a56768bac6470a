// Quorum arithmetic against a twin that counts, and who validates what.
// SPDX-License-Identifier: MIT
#include "vouch/membership/roster.hpp"

#include <map>
#include <string>

#include <gtest/gtest.h>

namespace vouch::membership::roster_test {
namespace {

/// The smallest q for which any two sets of q voters share more than f: found by trying.
std::size_t quorum_by_trying(std::size_t n, std::size_t f) {
  for (std::size_t q = 0;; ++q) {
    const std::size_t shared = 2 * q > n ? 2 * q - n : 0;
    if (shared > f) return q;
  }
}

PeerId peer(std::uint8_t number) {
  PeerId id;
  id.bytes.fill(number);
  return id;
}

TEST(Quorum, TwoQuorumsShareAnHonestVoterAndTheHonestAreEnough) {
  for (std::size_t n = 1; n <= 200; ++n) {
    std::size_t f = 0;
    while (3 * (f + 1) + 1 <= n) ++f;
    EXPECT_EQ(faults_tolerated(n), f) << n;
    EXPECT_EQ(quorum(n), quorum_by_trying(n, f)) << n;
    EXPECT_LE(quorum(n), n - f) << n;
  }
}

TEST(Quorum, OfSmallClusters) {
  EXPECT_EQ(quorum(1), 1u);
  EXPECT_EQ(quorum(2), 2u);
  EXPECT_EQ(quorum(3), 2u);
  EXPECT_EQ(quorum(4), 3u);
  EXPECT_EQ(quorum(5), 4u) << "2f + 1 = 3 would not do at n = 5";
  EXPECT_EQ(quorum(7), 5u);
}

TEST(Roster, IsASetInOneOrder) {
  const Roster roster({peer(3), peer(1), peer(3), peer(2)}, 5);
  EXPECT_EQ(roster.voters(), (std::vector<PeerId>{peer(1), peer(2), peer(3)}));
  EXPECT_TRUE(roster.contains(peer(2)));
  EXPECT_FALSE(roster.contains(peer(4)));
}

TEST(Roster, SpreadsStreamsAndMovesFewWhenAVoterLeaves) {
  std::vector<PeerId> voters;
  for (std::uint8_t i = 1; i <= 10; ++i) voters.push_back(peer(i));
  const Roster all(voters, 0);
  voters.pop_back();
  const Roster fewer(voters, 1);
  std::map<PeerId, int> load;
  int moved = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string stream = "stream-" + std::to_string(i);
    const auto before = all.validators(stream, peer(1), 3);
    ASSERT_EQ(before.size(), 3u);
    for (const PeerId& id : before) {
      EXPECT_NE(id, peer(1)) << "the ingesting peer is no target of its own";
      ++load[id];
    }
    const auto after = fewer.validators(stream, peer(1), 3);
    const bool had_it = std::find(before.begin(), before.end(), peer(10)) != before.end();
    moved += before != after;
    EXPECT_EQ(before != after, had_it) << stream;
  }
  for (const auto& [id, streams] : load) EXPECT_NEAR(streams, 333, 90) << id.short_hex();
  EXPECT_NEAR(moved, 333, 90);
}

}  // namespace
}  // namespace vouch::membership::roster_test
