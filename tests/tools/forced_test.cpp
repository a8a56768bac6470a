// What operators are told who force a roster, and what a forced roster does to the chain that
// receipts are checked by.
// SPDX-License-Identifier: MIT
#include "tests/consensus/voters.hpp"
#include "tools/receipt_file.hpp"
#include "tools/roster_chain.hpp"
#include "tools/roster_force.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vouch/membership/rosters.hpp"
#include "vouch/schemas/json_write.hpp"
#include "vouch/sync/seal.hpp"

namespace vouch::tools::forced_test {
namespace {

using membership::Roster;
using testing::HasSubstr;
using End = ChangeOutcome::End;

/// Of six the first four vote, and two of them are lost.
struct Forced : testing::Test {
  const Voters all{6};
  const ClusterId cluster = sync::cluster_id("c");
  Roster first = all.roster;
  ToldRosters now;

  PeerId id(std::size_t i) const { return all.signers[i].id(); }
  std::string word(std::size_t i) const { return id(i).hex().substr(0, 8); }
  void SetUp() override {
    for (const std::size_t out : {4, 5}) first.remove(id(out));
    now.cluster = "c";
    now.peer = id(0);
    now.rosters = {{0, first}};
    now.in_force = now.votes = true;
    now.heard = {id(0), id(1)};
    for (std::size_t i = 0; i < 4; ++i) now.writes_as[id(i)] = 1;
  }
  Roster forced(const std::vector<std::string>& words) const {
    return forced_roster(now, {words, {}, {}, 0}).value();
  }
  Certificate by(const std::vector<std::size_t>& voters, std::string_view name, const Value& value,
                 std::uint32_t height, std::uint32_t epoch) const {
    std::map<PeerId, SignedStatement> commits;
    for (const std::size_t i : voters) {
      Statement commit;
      commit.phase = Phase::commit;
      commit.subject = name.empty() ? roster_subject(cluster) : stream_subject(cluster, name);
      commit.height = height;
      commit.view = commit.incarnation = 1;
      commit.epoch = epoch;
      commit.value = value;
      commits[id(i)] = sign_bundle(cluster, all.signers[i], {commit}).front();
    }
    return membership::certificate_from(commits);
  }
  NamedRoster chain(const std::vector<std::size_t>& remaining, const Roster& roster) const {
    Certificate decided = by(remaining, "", membership::value_of(roster), 1U << 20, 0);
    decided.roster = encode_roster(roster);
    return {"c", roster, first, {decided}};
  }
};

TEST_F(Forced, IsWhoIsNamedAndNobodyElse) {
  const Roster two = forced({word(0), word(1)});
  EXPECT_TRUE(two.forced());
  EXPECT_EQ(two.size(), 2u);
  EXPECT_TRUE(membership::follows(first, two));
  EXPECT_EQ(remaining(first, two), two.voters());
  const Roster more = forced({word(0), word(1), id(4).hex()});
  EXPECT_EQ(more.size(), 3u);
  EXPECT_EQ(remaining(first, more).size(), 2u);
  now.writes_as[id(1)] = 2;  // it lost its log
  EXPECT_TRUE(forced({word(0), word(1)}).lists(id(1), 2));
  EXPECT_EQ(remaining(first, forced({word(0), word(1)})), std::vector<PeerId>{id(0)});
  const auto none = forced_roster(now, {{id(4).hex()}, {}, {}, 0});
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().detail, HasSubstr("none of these votes now"));
}

TEST_F(Forced, IsRefusedWhereAQuorumIsHeardOrAnotherRosterIsBeingDecided) {
  const Roster two = forced({word(0), word(1)});
  EXPECT_FALSE(objection(now, two));
  now.heard.insert(id(2));
  EXPECT_THAT(objection(now, two).value_or(""), HasSubstr("3 of the 4 voters of epoch 0"));
  now.heard.erase(id(2));
  now.deciding = json::Object{
      {"said", json::Array{json::Object{{"voter", id(0).hex()}, {"phase", "prepare"}}}}};
  EXPECT_FALSE(objection(now, two));
  now.deciding = json::Object{
      {"said", json::Array{json::Object{{"voter", id(0).hex()}, {"phase", "commit"}}}}};
  EXPECT_THAT(objection(now, two).value_or(""), HasSubstr("has committed to another roster"));
}

TEST_F(Forced, TellsWhatIsLostAndWhomItWaitsFor) {
  const Roster two = forced({word(0), word(1)});
  EXPECT_THAT(loss_text(now, two), HasSubstr("2 of the 4 voters of epoch 0 remain"));
  EXPECT_THAT(loss_text(now, two), HasSubstr("lost: 2 voters"));
  EXPECT_THAT(loss_text(now, forced({word(0)})), HasSubstr("they are 3 and 3 decide"));
  EXPECT_THAT(loss_text(now, forced({word(0)})), HasSubstr("every other peer must be told"));
  now.proposed.push_back({two, {id(0)}, 2});
  const ChangeOutcome outcome = outcome_of(now, two);
  EXPECT_EQ(outcome.end, End::open);
  EXPECT_THAT(outcome_text(outcome), HasSubstr("1 of the 2 voters that remain agree"));
  EXPECT_THAT(outcome_text(outcome), HasSubstr("run the same at " + id(1).short_hex()));
  EXPECT_FALSE(is_forced_already(now, two));
  now.rosters.emplace(1, two);
  now.handed_over.emplace({id(0)});
  EXPECT_EQ(outcome_of(now, two).needed, 2u) << "all that remain hand over";
  now.handed_over.reset();
  EXPECT_THAT(outcome_text(outcome_of(now, two)), HasSubstr("epoch 1, forced by an operator"));
  EXPECT_TRUE(is_forced_already(now, forced({word(0), word(1)}))) << "the command is repeated";
  EXPECT_THAT(told_text(now), HasSubstr("epoch 1 was forced by an operator"));
}

TEST_F(Forced, ReceiptsOfLaterEpochsHoldAndSaySo) {
  const Roster two = forced({word(0), word(1)});
  const NamedRoster told = chain({0, 1}, two);
  const consensus::Receipt receipt{cluster, "s", "rules", by({0, 1}, "s", {3, {}, 0}, 1, 1)};
  const auto checked = check_receipt(receipt, {"c", first}, told, "");
  ASSERT_TRUE(checked) << checked.error().detail;
  EXPECT_EQ(checked->flaw, consensus::Flaw::none) << checked->reason;
  EXPECT_EQ(checked->forced, std::set<std::uint32_t>{1});
  // Backwards from the forced one: a receipt of before does not rest on it.
  const consensus::Receipt old{cluster, "s", "rules", by({0, 1, 2}, "s", {3, {}, 0}, 1, 0)};
  const auto before = check_receipt(old, told, told, "");
  ASSERT_TRUE(before) << before.error().detail;
  EXPECT_EQ(before->flaw, consensus::Flaw::none) << before->reason;
  EXPECT_TRUE(before->forced.empty());
}

TEST_F(Forced, AChainThatOneVoterForcedProvesNothing) {
  const Roster alone = forced({word(3)});
  const auto refused = roster_of_epoch({"c", first}, chain({3}, alone), 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::bad_signature);
  EXPECT_THAT(refused.error().detail, HasSubstr("all of them may lie"));
  const auto partly = roster_of_epoch({"c", first}, chain({0}, forced({word(0), word(1)})), 1);
  ASSERT_FALSE(partly);
  EXPECT_THAT(partly.error().detail, HasSubstr("not signed by all voters that remain"));
}

}  // namespace
}  // namespace vouch::tools::forced_test
