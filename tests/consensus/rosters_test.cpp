// Rosters that change while a stream is agreed upon: who votes afterwards, and what is carried
// over.
// SPDX-License-Identifier: MIT
#include "tests/consensus/epochs.hpp"
#include "tests/consensus/panel.hpp"
#include <gtest/gtest.h>

#include "vouch/base/bundle.hpp"

namespace vouch::consensus::rosters_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Index = Council::Index;
using Fate = Council::Fate;

/// The operator says so at two voters, which is enough of four.
void change(Council& council, const Indices& at, const Indices& voters) {
  const membership::Roster roster = council.next_roster(at.front(), voters);
  for (const Index voter : at) EXPECT_TRUE(council.propose_roster(voter, roster));
}

/// What a voter says to the roster after the first one.
Handover handover_of(const Council& council, Index voter, const HandoverIndex& index) {
  const Bytes bytes = encode_index(index);
  Statement s;
  s.phase = Phase::handover;
  s.subject = roster_subject(ClusterId{});
  s.height = s.incarnation = 1;
  s.basis = crypto::blake2b(bytes);
  return {council.sign(voter, s), bytes};
}

TEST(Rosters, ADeadVoterIsReplaced) {
  Council council(5, {"prs|tu|"}, 4);
  council.crash(3);
  hold_all(council, {0, 1, 2, 4}, 3);
  council.run(seconds(1));
  expect_certified(council, {0, 1, 2, 4}, council.value(0, 3));
  change(council, {0, 1}, {0, 1, 2, 4});
  council.run(seconds(2));
  expect_epoch(council, {0, 1, 2, 4}, 1);
  council.crash(2);  // of four one may be missing again
  hold_all(council, {0, 1, 4}, 5);
  council.run(seconds(2));
  expect_certified(council, {0, 1, 4}, council.value(0, 5));
}

TEST(Rosters, OneOfFourAloneChangesNothing) {
  Council council(5, {"prs|"}, 4);
  change(council, {0}, {0, 1, 2, 4});
  council.run(seconds(20));
  for (const Index voter : {0, 1, 2, 3, 4}) EXPECT_EQ(council.epoch(voter), 0u) << voter;
  change(council, {2}, {0, 1, 2, 4});  // the second one says the same
  council.run(seconds(2));
  expect_epoch(council, {0, 1, 2, 4}, 1);
}

TEST(Rosters, WhoHearsOfItBeforeItMaySpeakDoesNotMissIt) {
  Panel panel(4);
  const NoChains chains;
  const Signer& signer = panel.voters.signers[1];
  Agreement late({ClusterId{}, panel.voters.roster, signer, chains, "rules", 0, {}});
  membership::Roster next = panel.voters.roster.next();
  next.remove(panel.voters.signers[3].id());
  for (const std::size_t at : {0, 2}) {
    ASSERT_TRUE(panel.agreements[at]->propose_roster(panel.now, next));
    Outbox out;
    panel.agreements[at]->flush(panel.now, out);
    for (const Send& send : out.sends) {
      if (send.to != signer.id()) continue;
      late.on_words(panel.now, panel.voters.signers[at].id(),
                    std::get<Agree>(send.message.body).words);
    }
  }
  const auto rest = [&] {
    Outbox out;
    for (int i = 0; i < 50; ++i) late.on_tick(panel.now += milliseconds(100));
    late.flush(panel.now, out);
  };
  rest();
  late.write_as(panel.now, 1);
  rest();
  EXPECT_GT(late.counters().view_changes, 0u);
}

TEST(Rosters, FewerThanAQuorumChangeNothing) {
  Council council(5, {"prs|"}, 4);
  council.crash(2);
  council.crash(3);
  change(council, {0, 1}, {0, 1, 4});
  council.run(seconds(60));
  for (const Index voter : {0, 1, 4}) EXPECT_EQ(council.epoch(voter), 0u) << voter;
  hold_all(council, {0, 1, 4}, 3);
  council.run(seconds(20));
  expect_certified(council, {0, 1, 4}, Value{});
  council.restart(2);
  council.run(seconds(60));
  expect_epoch(council, {0, 1}, 1);
}

TEST(Rosters, AVoterThatLostItsLogGetsItsVoteBack) {
  Council council(4, {"prs|tu|"});
  hold_all(council, {0, 1, 2, 3}, 3);
  council.run(seconds(1));
  council.start_anew(3);
  council.hold(3, 0, 3);
  council.run(seconds(1));
  change(council, {0, 1}, {0, 1, 2, 3});
  council.run(seconds(3));
  expect_epoch(council, {0, 1, 2, 3}, 1);
  council.crash(0);
  hold_all(council, {1, 2, 3}, 5);
  council.run(seconds(2));
  expect_certified(council, {1, 2, 3}, council.value(0, 5));
}

TEST(Rosters, TheVotesOfARemovedVoterDoNotCount) {
  Council council(5, {"prs|tu|"}, 4);
  change(council, {0, 1}, {0, 1, 2, 4});
  council.run(seconds(2));
  expect_epoch(council, {0, 1, 2, 4}, 1);
  council.crash(2);
  council.crash(4);
  hold_all(council, {0, 1, 3}, 3);
  council.run(seconds(30));
  expect_certified(council, {0, 1, 3}, Value{});
  EXPECT_FALSE(council.propose_roster(3, council.next_roster(3, {3})));
  council.restart(4);
  council.hold(4, 0, 3);
  council.run(seconds(30));
  expect_certified(council, {0, 1, 3, 4}, council.value(0, 3));
}

/// All voters but one are replaced by such that have the other chain.
TEST(Rosters, WhatWasLockedIsCertifiedByTheNextOnes) {
  Council council(7, {"pr|s|", "qr|s|"}, 4);
  lock_and_lose_one(council);
  EXPECT_FALSE(council.up(2));
  expect_certified(council, {0, 1, 3}, Value{});
  change(council, {0, 1}, {0, 4, 5, 6});
  council.run(seconds(5));
  expect_epoch(council, {0, 4, 5, 6}, 1);
  expect_certified(council, {0, 4, 5, 6}, council.value(0, 2));
  EXPECT_EQ(council.last(0)->epoch, 1u);
}

TEST(Rosters, WhatWasLockedCanBeSpelledThoughAllStartedAgain) {
  Council council(5, {"prs|"}, 4);
  council.passes = [](Index, Index, const Body& body) {
    const Statement* s = statement_in(body);
    return s == nullptr || s->phase != Phase::commit;
  };
  change(council, {0, 1}, {0, 1, 2, 4});
  council.run(seconds(1));
  for (const Index voter : {0, 1, 2, 3, 4}) {
    EXPECT_EQ(council.epoch(voter), 0u);
    council.crash(voter);
  }
  council.passes = nullptr;
  for (const Index voter : {0, 1, 2, 3, 4}) council.restart(voter);
  council.run(seconds(20));  // nobody proposes anything
  expect_epoch(council, {0, 1, 2, 4}, 1);
}

TEST(Rosters, HandoversInTheNameOfOthersDoNotCount) {
  Council council(5, {"prs|"}, 4);
  council.passes = [](Index, Index to, const Body& body) {
    return to != 4 || !std::holds_alternative<Handover>(body);
  };
  change(council, {0, 1}, {0, 1, 2, 4});
  council.run(seconds(2));
  expect_epoch(council, {0, 1, 2}, 1);
  for (const Index voter : {0, 1, 2}) {
    Handover forged = handover_of(council, 3, {});
    forged.vote.voter = council.id(voter);
    council.say(3, {4}, forged);
  }
  council.run(seconds(1));
  EXPECT_EQ(council.entered(4), 0u);
  council.passes = nullptr;
  council.run(seconds(5));
  expect_epoch(council, {4}, 1);
}

/// With what one liar hands over beside two honest voters there would be a quorum.
TEST(Rosters, ALockThatNobodyProvedIsNotHandedOver) {
  Council council(5, {"prs|"}, 4);
  council.play(3);
  council.passes = [&council](Index, Index to, const Body& body) {
    const auto* handover = std::get_if<Handover>(&body);
    return to != 4 || handover == nullptr || handover->vote.voter != council.id(2);
  };
  change(council, {0, 1}, {0, 1, 2, 4});
  council.run(seconds(2));
  expect_epoch(council, {0, 1, 2}, 1);
  EXPECT_EQ(council.entered(4), 0u);
  const Statement lock = council.statement(Phase::prepare, 1, council.value(0, 3));
  PageCutter cutter;
  cutter.add({lock.subject, 0, {council.sign(3, lock)}});
  const CutPage page = cutter.take().front();
  council.say(3, {4}, handover_of(council, 3, {{}, {page.hash}}));
  council.run(seconds(1));
  EXPECT_TRUE(std::ranges::any_of(
      council.heard(3), [](const Body& body) { return std::holds_alternative<AskPages>(body); }));
  council.say(3, {4}, HandoverPage{page.bytes});
  council.run(seconds(2));
  EXPECT_EQ(council.entered(4), 0u);
  EXPECT_GT(council.counters(4).bad_words, 0u);
  council.passes = nullptr;
  council.run(seconds(5));
  expect_epoch(council, {4}, 1);
}

/// A voter that is removed has one log alone, in which it finds a commit of the old epoch, and then
/// the one of the new epoch, which decides.
TEST(Rosters, WhoIsBehindCountsTheVotesOfEachEpoch) {
  Council council(4, {"prs|tu|"});
  bool behind = true, old = true;
  const SubjectId subject = council.statement(Phase::prepare, 0, std::nullopt).subject;
  council.passes = [&](Index from, Index to, const Body& body) {
    const Statement* s = statement_in(body);
    const auto* certificate = std::get_if<Certificate>(&body);
    if (certificate != nullptr && certificate->subject == subject) return to != 3 || !behind;
    if (s == nullptr || s->subject != subject || from == 0) return true;
    return to == 3 ? !behind : to == 0 || s->height == 1 || !old;
  };
  hold_all(council, {0, 1, 2, 3}, 3);
  council.run(seconds(1));
  hold_all(council, {0, 1, 2}, 5);
  council.run(seconds(1));
  change(council, {0, 1}, {0, 1});
  council.run(seconds(2));
  old = false;
  council.run(seconds(2));
  expect_certified(council, {0, 1}, council.value(0, 5));
  expect_certified(council, {3}, Value{});
  EXPECT_EQ(council.epoch(3), 1u);
  behind = false;
  council.run(seconds(2));
  expect_certified(council, {3}, council.value(0, 5));
  EXPECT_EQ(council.last(3)->epoch, 1u);
}

TEST(Rosters, OneAfterTheOtherWhileAVoterSleeps) {
  Council council(6, {"prs|tu|vw|"}, 4);
  council.crash(3);
  hold_all(council, {0, 1, 2}, 3);
  change(council, {0, 1}, {0, 1, 2, 3, 4});
  council.run(seconds(2));
  change(council, {0, 4}, {0, 1, 2, 3, 5});
  council.run(seconds(2));
  hold_all(council, {0, 1, 2, 5}, 5);
  council.run(seconds(2));
  expect_epoch(council, {0, 1, 2, 5}, 2);
  council.restart(3);
  council.hold(3, 0, 7);
  council.run(seconds(10));
  expect_epoch(council, {3}, 2);
  council.crash(0);
  hold_all(council, {1, 2, 3, 5}, 7);
  council.run(seconds(5));
  expect_certified(council, {1, 2, 3, 5}, council.value(0, 7));
}

/// Of the four voters of an epoch one comes too late for it, and another one votes for the next
/// roster and is gone.
TEST(Rosters, WhoNeverEnteredAnEpochHandsItOver) {
  Council council(5, {"prs|tu|"}, 4);
  council.passes = [](Index from, Index to, const Body& body) {
    const auto* handover = std::get_if<Handover>(&body);
    if (handover == nullptr) return true;
    return handover->vote.statement.height == 1 ? to != 4 : from != 0;
  };
  hold_all(council, {0, 1, 2, 3, 4}, 3);
  council.run(seconds(1));
  change(council, {0, 1}, {0, 1, 2, 4});
  council.run(seconds(2));
  expect_epoch(council, {0, 1, 2}, 1);
  EXPECT_EQ(council.entered(4), 0u);
  change(council, {0, 1}, {1, 2, 3, 4});
  council.run(milliseconds(500));
  ASSERT_EQ(council.epoch(1), 2u);
  council.crash(0);
  council.run(seconds(20));
  expect_epoch(council, {1, 2, 3, 4}, 2);
  hold_all(council, {1, 2, 3, 4}, 5);
  council.run(seconds(5));
  expect_certified(council, {1, 2, 3, 4}, council.value(0, 5));
}

/// Somebody dies whenever something is stored in the course of a change, one after the other.
struct DeathsInAChange : testing::TestWithParam<std::tuple<int, Fate>> {};

TEST_P(DeathsInAChange, AreSurvived) {
  const auto [nth, how] = GetParam();
  Council council(5, {"prs|tu|"}, 4);
  hold_all(council, {0, 1, 2, 3, 4}, 3);
  council.run(milliseconds(100));
  int stored = 0;
  council.fate = [&, nth = nth, how = how](Index, const std::vector<Statement>&) {
    return stored++ == nth ? how : Fate::lives;
  };
  change(council, {0, 1}, {0, 1, 2, 4});
  for (int slice = 0; slice < 100; ++slice) {
    council.run(milliseconds(100));
    for (const Index voter : {0, 1, 2, 3, 4}) {
      if (council.up(voter)) continue;
      council.restart(voter);
      // Proposals are not stored: the operator looks, and says it again.
      for (const Index at : {0, 1}) {
        const membership::Roster again = council.next_roster(at, {0, 1, 2, 4});
        if (council.epoch(at) == 0) (void)council.propose_roster(at, again);
      }
    }
  }
  council.fate = nullptr;
  expect_epoch(council, {0, 1, 2, 4}, 1);
  council.crash(0);
  hold_all(council, {1, 2, 4}, 5);
  council.run(seconds(5));
  expect_certified(council, {1, 2, 4}, council.value(0, 5));
}
INSTANTIATE_TEST_SUITE_P(Rosters, DeathsInAChange,
                         testing::Combine(testing::Range(0, 30, 1),
                                          testing::Values(Fate::dies_before_storing,
                                                          Fate::dies_after_storing)));

}  // namespace
}  // namespace vouch::consensus::rosters_test
