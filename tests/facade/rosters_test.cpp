// Programs that change who votes: it takes two of four, and who is too late is told so.
// SPDX-License-Identifier: MIT
#include <atomic>
#include <future>

#include "tests/facade/voting_peers.hpp"
#include <gtest/gtest.h>

namespace vouch::rosters_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Rosters : VotingPeers {
  PeerId id(std::size_t peer) { return cluster.peers()[peer].id; }
};

TEST_F(Rosters, TwoOfFourTakeAVoterOutAndOneAloneDoesNot) {
  const RosterChange change{{id(3)}, {}};
  const auto alone = peers[0]->change_roster(change, milliseconds(1));
  ASSERT_TRUE(alone) << alone.error().text();
  EXPECT_FALSE(alone->certified);
  EXPECT_EQ(alone->epoch, 1U);
  EXPECT_EQ(alone->backers, std::vector<PeerId>{id(0)});
  EXPECT_EQ(alone->backers_needed, 2U);
  const auto both = peers[1]->change_roster(change, seconds(30));
  ASSERT_TRUE(both) << both.error().text();
  EXPECT_TRUE(both->certified);
  EXPECT_TRUE(both->in_force);
  const auto status = peers[1]->status();
  ASSERT_TRUE(status);
  EXPECT_EQ(status->voters, 3U);
  const auto again = peers[1]->change_roster({{}, {{id(2), 0}}}, seconds(1));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::not_allowed) << "it votes already";
  const auto gone = peers[1]->change_roster(change, seconds(1));
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Errc::malformed) << "it has no vote";

  Stream stream = peers[1]->stream("t");
  ASSERT_TRUE(stream.submit(R"({"type":"RUN_STARTED","threadId":"t","runId":"r"})"));
  const auto support = stream.wait(0, Strength::pbft, seconds(20));
  ASSERT_TRUE(support) << support.error().text();
  ASSERT_TRUE(support->reached);
  EXPECT_EQ(support->certificate->epoch, 1U);
}

TEST_F(Rosters, OfTwoWishesOneIsLost) {
  const auto wish = [this](std::size_t peer, std::size_t out) {
    return std::async(std::launch::async, [this, peer, out] {
      return peers[peer]->change_roster({{id(out)}, {}}, seconds(30));
    });
  };
  auto one = wish(0, 2), same = wish(1, 2), other = wish(2, 3), too = wish(3, 3);
  const auto first = one.get(), second = other.get();
  same.wait();
  too.wait();
  ASSERT_TRUE(first) << first.error().text();
  if (!second) {  // who came too late found the first wish fulfilled, and had no vote any more
    EXPECT_TRUE(first->certified);
    return;
  }
  if (first->epoch != second->epoch) {  // one after the other, then
    EXPECT_TRUE(first->certified && second->certified);
    return;
  }
  EXPECT_NE(first->certified, second->certified);
  EXPECT_NE(first->lost, second->lost);
}

/// Rejected by the first rules, since no run was started.
constexpr std::string_view without_run =
    R"({"type":"TEXT_MESSAGE_START","messageId":"m","role":"assistant"})";

TEST_F(Rosters, StreamsThatBeginAreJudgedByOtherRules) {
  Stream old = peers[1]->stream("old");
  const auto rejected = old.submit(without_run);
  ASSERT_TRUE(rejected) << rejected.error().text();
  EXPECT_EQ(rejected->verdicts.front().outcome, validator::Outcome::rejected);
  RosterChange change;
  change.rule_set = "agui-1.1/strict/compat/2001=info";
  ASSERT_TRUE(peers[0]->change_roster(change, milliseconds(1)));
  const auto both = peers[1]->change_roster(change, seconds(30));
  ASSERT_TRUE(both) << both.error().text();
  ASSERT_TRUE(both->in_force);
  const auto again = peers[1]->change_roster(change, seconds(1));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::not_allowed) << "it is so already";
  change.rule_set += "/+acme.no-secrets@1";
  EXPECT_EQ(peers[1]->change_roster(change, seconds(1)).error().code, Errc::invalid_config);
  change.rule_set = "agui-9";
  EXPECT_EQ(peers[1]->change_roster(change, seconds(1)).error().code, Errc::malformed);

  Stream stream = peers[1]->stream("t");
  const auto taken = stream.submit(without_run);
  ASSERT_TRUE(taken) << taken.error().text();
  EXPECT_EQ(taken->verdicts.front().outcome, validator::Outcome::accepted);
  EXPECT_EQ(stream.position(), std::pair(std::uint64_t{1}, false));
  const auto support = stream.wait(0, Strength::pbft, seconds(20));
  ASSERT_TRUE(support) << support.error().text();
  ASSERT_TRUE(support->reached);
  EXPECT_EQ(support->certificate->epoch, 1U);
  const auto all = stream.wait(0, peers.size(), seconds(20));
  ASSERT_TRUE(all) << all.error().text();
  EXPECT_EQ(all->agree.size(), peers.size());
  EXPECT_TRUE(peers[3]->await(taken->token, seconds(20)));
  EXPECT_EQ(peers[3]->stream("t").position().first, 1U) << "by its name, at any peer";
  const auto more = old.submit(without_run);
  ASSERT_TRUE(more);
  EXPECT_EQ(more->verdicts.front().outcome, validator::Outcome::unjudged);
}

}  // namespace
}  // namespace vouch::rosters_test
