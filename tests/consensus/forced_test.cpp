// More than f voters are lost for good, and those that remain force a roster: what goes on, what
// was locked, who follows, and whom nobody follows.
// SPDX-License-Identifier: MIT
#include "tests/consensus/epochs.hpp"
#include <gtest/gtest.h>

#include "vouch/base/bundle.hpp"

namespace vouch::consensus::forced_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Index = Council::Index;
using Fate = Council::Fate;

membership::Roster forced(const Council& council, Index at, const Indices& voters) {
  membership::Roster out = council.next_roster(at, voters);
  out.force();
  return out;
}

void force(Council& council, const Indices& at, const Indices& voters) {
  for (const Index voter : at) {
    const auto told = council.propose_roster(voter, forced(council, voter, voters));
    EXPECT_TRUE(told) << voter << ": " << told.error().detail;
  }
}

/// Of all votes of this voter in a certificate's stead.
SignedStatement commit_to(const Council& council, Index voter, const membership::Roster& roster) {
  Statement s;
  s.phase = Phase::commit;
  s.subject = roster_subject(ClusterId{});
  s.height = 1U << 20;
  s.view = 1;
  s.epoch = roster.epoch() - 1;
  s.incarnation = 1;
  s.value = value_of(roster);
  return council.sign(voter, s);
}

/// As if its operator had named it.
void propose_as(Council& council, Index voter, const Indices& to,
                const membership::Roster& roster) {
  const auto s =
      council.sign(voter, roster_statement(roster_subject(ClusterId{}), value_of(roster)));
  council.say(voter, to, Proposal{encode_roster(roster), council.id(voter), s.path, s.signature});
}

Certificate certificate_of(const Council& council, const Indices& by,
                           const membership::Roster& roster) {
  std::vector<SignedStatement> commits;
  for (const Index voter : by) commits.push_back(commit_to(council, voter, roster));
  Certificate out = council.certificate(commits);
  out.roster = encode_roster(roster);
  return out;
}

TEST(Forced, TwoOfFourGoOn) {
  Council council(4, {"prs|tu|"});
  hold_all(council, {0, 1, 2, 3}, 3);
  council.run(seconds(1));
  council.crash(2);
  council.crash(3);
  hold_all(council, {0, 1}, 5);
  council.run(seconds(20));
  expect_certified(council, {0, 1}, council.value(0, 3));
  force(council, {0}, {0, 1});
  council.run(seconds(20));
  expect_epoch(council, {0, 1}, 0);  // one operator of two
  force(council, {1}, {0, 1});
  council.run(seconds(5));
  expect_epoch(council, {0, 1}, 1);
  expect_certified(council, {0, 1}, council.value(0, 5));
  EXPECT_EQ(council.last(0)->epoch, 1u);
}

TEST(Forced, OneOfFourGoesOnAloneAndWithNewOnes) {
  Council council(6, {"prs|tu|"}, 4);
  hold_all(council, {0, 1, 2, 3}, 3);
  council.run(seconds(1));
  for (const Index lost : {1, 2, 3}) council.crash(lost);
  force(council, {0}, {0, 4, 5});
  council.run(seconds(10));
  EXPECT_EQ(council.epoch(0), 1u);
  EXPECT_EQ(council.epoch(4), 0u) << "it is not told so, and one of four may lie";
  force(council, {4, 5}, {0, 4, 5});
  council.run(seconds(5));
  expect_epoch(council, {0, 4, 5}, 1);
  hold_all(council, {0, 4, 5}, 5);
  council.run(seconds(5));
  expect_certified(council, {0, 4, 5}, council.value(0, 5));
}

TEST(Forced, WhatWasLockedIsCertified) {
  Council council(7, {"pr|s|", "qr|s|"}, 4);
  lock_and_lose_one(council);
  council.crash(3);
  expect_certified(council, {0, 1}, Value{});
  force(council, {0, 1}, {0, 1, 4, 5, 6});
  council.run(seconds(10));
  expect_epoch(council, {0, 1, 4, 5, 6}, 1);
  expect_certified(council, {0, 1, 4, 5, 6}, council.value(0, 2));
}

/// Each of those that remain may be the only one that knows something: one alone holds a
/// certificate, and does not get through for long.
TEST(Forced, AllThatRemainHandOver) {
  Council council(6, {"pr|s|", "qr|s|"}, 5);
  bool apart = false;
  const SubjectId stream = council.statement(Phase::prepare, 0, std::nullopt).subject;
  const SubjectId rosters = roster_subject(ClusterId{});
  council.passes = [&](Index from, Index to, const Body& body) {
    const Statement* s = statement_in(body);
    const bool commit = s != nullptr && s->subject == stream && s->phase == Phase::commit;
    if (commit && s->epoch == 0 && to != 1) return false;
    if (!apart || (from != 1 && to != 1)) return true;
    const bool forcing = s != nullptr && s->subject == rosters && s->phase == Phase::commit;
    return forcing || std::holds_alternative<Proposal>(body);
  };
  hold_all(council, {0, 1, 2, 3}, 2);
  council.run(milliseconds(30));
  EXPECT_EQ(council.certified(1).value, council.value(0, 2));
  EXPECT_EQ(council.certified(0).value, Value{});
  council.crash(3);
  council.crash(4);
  hold_all(council, {5}, 2, 1);
  apart = true;
  force(council, {0, 1, 2}, {0, 1, 2, 5});
  council.run(seconds(5));
  EXPECT_EQ(council.epoch(0), 1u);
  EXPECT_EQ(council.entered(0), 0u);
  EXPECT_EQ(council.entered(5), 0u);
  council.passes = nullptr;
  council.run(seconds(10));
  expect_epoch(council, {0, 1, 2, 5}, 1);
  expect_certified(council, {0, 1, 2, 5}, council.value(0, 2));
}

TEST(Forced, ALostVoterThatComesBackFollowsAndHasNoVote) {
  Council council(4, {"prs|tu|"});
  council.crash(2);
  council.crash(3);
  force(council, {0, 1}, {0, 1});
  council.run(seconds(5));
  hold_all(council, {0, 1}, 3);
  council.run(seconds(2));
  council.restart(2);
  council.restart(3);
  hold_all(council, {2, 3}, 5);
  council.run(seconds(20));
  for (const Index lost : {2, 3}) EXPECT_EQ(council.epoch(lost), 1u) << lost;
  expect_certified(council, {0, 1, 2, 3}, council.value(0, 3));
  EXPECT_FALSE(council.propose_roster(2, council.next_roster(2, {0, 1, 2})));
  hold_all(council, {0, 1}, 5);
  council.run(seconds(2));
  expect_certified(council, {0, 1, 2, 3}, council.value(0, 5));
}

TEST(Forced, OneLiarMovesNobody) {
  Council council(5, {"prs|tu|"}, 4);
  council.play(3);
  const membership::Roster alone = forced(council, 0, {3});
  const membership::Roster both = forced(council, 0, {0, 3});
  const membership::Roster many = forced(council, 0, {3, 4});
  for (const auto& roster : {alone, both, many}) {
    council.say(3, {0, 1, 2, 4}, certificate_of(council, {3}, roster));
    council.say(3, {0, 1, 2, 4}, commit_to(council, 3, roster));
  }
  propose_as(council, 3, {0, 1, 2, 4}, alone);
  council.run(milliseconds(10));
  council.say(3, {0, 1, 2, 4}, commit_to(council, 3, alone));
  // Signed by somebody who does not remain, too.
  council.say(3, {0, 1, 2, 4}, certificate_of(council, {3, 4}, many));
  council.run(seconds(5));
  expect_epoch(council, {0, 1, 2, 4}, 0);
  hold_all(council, {0, 1, 2}, 3);
  council.run(seconds(5));
  expect_certified(council, {0, 1, 2}, council.value(0, 3));
}

/// Voters 0 and 1 are told different things, then the same; nobody is bound before all agree.
TEST(Forced, OperatorsMayThinkAgain) {
  Council council(4, {"prs|"});
  council.crash(2);
  council.crash(3);
  force(council, {0}, {0, 1});
  force(council, {1}, {0, 1, 2});
  council.run(seconds(10));
  expect_epoch(council, {0, 1}, 0);
  force(council, {1}, {0, 1});
  council.run(seconds(10));
  expect_epoch(council, {0, 1}, 1);
  EXPECT_EQ(council.next_roster(0, {0}).epoch(), 2u);
}

/// What the other one's operator said first, and took back, binds nobody.
TEST(Forced, TheLastWordOfAnOperatorCounts) {
  Council council(5, {"prs|"}, 4);
  council.crash(2);
  council.crash(3);
  force(council, {1}, {0, 1, 4});
  council.run(seconds(3));
  force(council, {1}, {0, 1});
  council.run(seconds(1));
  force(council, {0}, {0, 1, 4});
  council.run(seconds(10));
  expect_epoch(council, {0, 1}, 0);
  force(council, {0}, {0, 1});
  council.run(seconds(10));
  expect_epoch(council, {0, 1}, 1);
}

TEST(Forced, AVoterCommitsToOneAlone) {
  Council council(4, {"prs|"});
  council.play(1);
  council.crash(2);
  council.crash(3);
  const membership::Roster first = forced(council, 0, {0, 1});
  const membership::Roster second = forced(council, 0, {0, 1, 2});
  force(council, {0}, {0, 1});
  const auto propose = [&](const membership::Roster& roster) {
    propose_as(council, 1, {0}, roster);
    council.run(seconds(3));
  };
  propose(first);
  const auto told = council.propose_roster(0, second);
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().code, Errc::not_allowed);
  propose(second);
  council.say(1, {0}, commit_to(council, 1, second));
  council.run(seconds(3));
  EXPECT_EQ(council.epoch(0), 0u);
  council.crash(0);
  council.restart(0);
  EXPECT_FALSE(council.propose_roster(0, second)) << "it was stored";
  council.run(seconds(3));
  EXPECT_EQ(council.epoch(0), 0u);
  propose(first);
  council.say(1, {0}, commit_to(council, 1, first));
  council.run(seconds(3));
  EXPECT_EQ(council.epoch(0), 1u);
}

/// Who committed to a forced roster has no say in another one of that epoch any more.
TEST(Forced, WhoCommittedVotesForNoOtherRoster) {
  Council council(5, {"prs|tu|"}, 4);
  council.play(1);
  council.crash(2);
  council.crash(3);
  force(council, {0}, {0, 1});
  propose_as(council, 1, {0}, forced(council, 0, {0, 1}));
  council.run(seconds(2));
  council.restart(2);
  council.restart(3);
  const membership::Roster other = council.next_roster(2, {0, 2, 3, 4});
  for (const Index at : {2, 3}) EXPECT_TRUE(council.propose_roster(at, other));
  council.run(seconds(20));
  for (const Index voter : {0, 2, 3}) EXPECT_EQ(council.epoch(voter), 0u) << voter;
  // In streams it is a voter like any other.
  hold_all(council, {0, 2, 3}, 3);
  council.run(seconds(5));
  expect_certified(council, {0, 2, 3}, council.value(0, 3));
}

/// Two halves of a cluster take each other for lost, and meet again.
TEST(Forced, ASecondRosterOfAnEpochIsRefusedAndShown) {
  Council council(4, {"prs|"});
  council.play(3);
  council.play(2);
  force(council, {0, 1}, {0, 1});
  council.run(seconds(5));
  expect_epoch(council, {0, 1}, 1);
  const membership::Roster first = council.agreement(0).rosters().newest();
  membership::Roster before({council.id(0), council.id(1), council.id(2), council.id(3)}, 0);
  membership::Roster other = before.next();
  other.remove(council.id(0));
  other.remove(council.id(1));
  other.force();
  council.tolerate_alarms = true;
  council.say(2, {0, 1}, certificate_of(council, {2, 3}, other));
  council.run(seconds(2));
  expect_epoch(council, {0, 1}, 1);
  EXPECT_EQ(council.agreement(0).rosters().newest(), first);
  EXPECT_EQ(council.counters(0).alarms, 1u);
  EXPECT_TRUE(council.agreement(0).rivals().contains(value_of(other)));
  council.crash(0);
  council.restart(0);
  EXPECT_TRUE(council.agreement(0).rivals().contains(value_of(other)));
  EXPECT_EQ(council.agreement(0).rosters().newest(), first);
}

/// Somebody dies whenever something is stored in the course of it, one after the other.
struct DeathsInAForcing : testing::TestWithParam<std::tuple<int, Fate>> {};

TEST_P(DeathsInAForcing, AreSurvived) {
  const auto [nth, how] = GetParam();
  Council council(5, {"prs|tu|"}, 4);
  hold_all(council, {0, 1, 2, 3, 4}, 3);
  council.run(milliseconds(100));
  council.crash(2);
  council.crash(3);
  council.run(milliseconds(100));
  int stored = 0;
  council.fate = [&, nth = nth, how = how](Index, const std::vector<Statement>&) {
    return stored++ == nth ? how : Fate::lives;
  };
  for (const Index voter : {0, 1}) {
    if (!council.up(voter)) council.restart(voter);
    (void)council.propose_roster(voter, forced(council, voter, {0, 1, 4}));
    // It was not told that it is done: it is told again.
    if (!council.up(voter)) {
      council.restart(voter);
      (void)council.propose_roster(voter, forced(council, voter, {0, 1, 4}));
    }
  }
  for (int slice = 0; slice < 100; ++slice) {
    council.run(milliseconds(100));
    for (const Index voter : {0, 1, 4}) {
      if (!council.up(voter)) council.restart(voter);
    }
  }
  council.fate = nullptr;
  expect_epoch(council, {0, 1, 4}, 1);
  hold_all(council, {0, 1, 4}, 5);
  council.run(seconds(5));
  expect_certified(council, {0, 1, 4}, council.value(0, 5));
}
INSTANTIATE_TEST_SUITE_P(Forced, DeathsInAForcing,
                         testing::Combine(testing::Range(0, 25, 1),
                                          testing::Values(Fate::dies_before_storing,
                                                          Fate::dies_after_storing)));

}  // namespace
}  // namespace vouch::consensus::forced_test
