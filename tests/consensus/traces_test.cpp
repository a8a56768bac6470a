// Known traces. The first five broke an earlier draft of this protocol, in which disputes had
// subjects of their own; the others stopped or deposed voters in PBFT systems that shipped.
// SPDX-License-Identifier: MIT
#include "tests/consensus/council.hpp"
#include <gtest/gtest.h>

namespace vouch::consensus::traces_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Index = Council::Index;

SignedStatement commit_of(const Council& council, Index voter, const Value& value) {
  return council.sign(voter, council.statement(Phase::commit, 0, value));
}

/// A certificate for one event, which the liar alone has, and a dispute about the second one: the
/// lock on the first event counts (S1), whichever of the other voters holds nothing at all.
TEST(Traces, ALockBelowTheDisputedIndexCounts) {
  Council council(4, {"a|x|", "b|a|"});
  const Index liar = council.leader(1), one = council.follower(0, {1}),
              two = council.follower(1, {1}), empty = council.follower(2, {1});
  const Value certified = council.value(0, 1);
  council.play(liar);
  council.passes = [&](Index, Index to, const Body& body) {
    const Statement* s = statement_in(body);
    const bool first = s != nullptr && s->view == 0;
    return to == liar || !first || (to != empty && s->phase == Phase::prepare);
  };
  council.hold(one, 0, 1);
  council.hold(two, 0, 1);
  council.say(liar, {one, two},
              council.sign(liar, council.statement(Phase::prepare, 0, certified)));
  council.run(milliseconds(10));
  auto commits = council.votes(liar, Phase::commit, 0, certified);
  ASSERT_EQ(commits.size(), 2u);
  commits.push_back(commit_of(council, liar, certified));
  for (const Index voter : {one, two, empty}) council.show_evidence(voter, 2);
  council.run(milliseconds(130));
  // No two of these claims have anything in common, so that without the lock null would follow.
  const Value null{};
  council.say(liar, {one, two, empty},
              council.new_view(liar, 1, null,
                               {council.change_of(liar, one, 1), council.change_of(liar, empty, 1),
                                council.change(liar, 1, 1, 1)}));
  council.support(liar, 1, null);
  council.run(seconds(3));
  council.say(liar, {one, two, empty}, council.certificate(commits));
  council.passes = nullptr;
  council.run(seconds(5));
  EXPECT_EQ(council.decided(1), certified);
  for (const Index voter : {one, two, empty}) {
    EXPECT_EQ(council.certified(voter).value, certified) << voter;
  }
}

/// The same voters; now the prepares that would let them commit in view 0 come after they left it
/// (S2): they belong below the disputed index, and are too late all the same.
TEST(Traces, NoCommitBehindAViewChange) {
  Council council(4, {"a|x|", "b|a|"});
  const Index liar = council.leader(1), one = council.follower(0, {1}),
              two = council.follower(1, {1}), empty = council.follower(2, {1});
  const Value value = council.value(0, 1);
  council.play(liar);
  bool late = false;
  council.passes = [&](Index, Index to, const Body& body) {
    return to == liar || late || !is_vote(body, Phase::prepare, 0);
  };
  council.hold(one, 0, 1);
  council.hold(two, 0, 1);
  for (const Index voter : {one, two, empty}) council.show_evidence(voter, 2);
  council.run(milliseconds(130));
  (void)council.change_of(liar, one, 1);
  late = true;
  council.say(liar, {one, two}, council.sign(liar, council.statement(Phase::prepare, 0, value)));
  council.run(milliseconds(20));
  EXPECT_TRUE(council.votes(liar, Phase::commit, 0, value).empty());
}

/// Four honest voters were shown three chains, which differ at the first or at the second event
/// (S3): one instance after the other decides, and all certificates lie on one chain.
TEST(Traces, DisputesAboutTwoIndicesAreOneAfterTheOther) {
  Council council(4, {"ba|", "ab|", "aa|"});
  council.hold(0, 0, 2);
  council.hold(1, 0, 2);
  council.hold(2, 1, 2);
  council.hold(3, 2, 2);
  for (Index voter = 0; voter < 4; ++voter) {
    council.show_evidence(voter, 2);
    council.show_evidence(voter, 1);
  }
  council.run(seconds(30));
  const auto end = council.certified(0).value;
  EXPECT_EQ(end.size, 2u);
  for (Index voter = 0; voter < 4; ++voter) EXPECT_EQ(council.certified(voter).value, end);
}

/// Two events are certified in secret. A dispute about the first event must not cut that off, so
/// that the second could be decided otherwise in the next instance (S4).
TEST(Traces, ALockAboveTheDisputedIndexIsKeptWhole) {
  Council council(4, {"aa|x|", "ab|x|", "bb|x|"});
  const Index liar = council.leader(1), one = council.follower(0, {1}),
              two = council.follower(1, {1}), three = council.follower(2, {1});
  const Value certified = council.value(0, 2);
  council.play(liar);
  council.passes = [&](Index, Index to, const Body& body) {
    const Statement* s = statement_in(body);
    const bool first = s != nullptr && s->view == 0;
    return to == liar || !first || (to != three && s->phase == Phase::prepare);
  };
  council.hold(one, 0, 2);
  council.hold(two, 0, 2);
  council.hold(three, 1, 1);  // event b comes later
  council.say(liar, {one, two},
              council.sign(liar, council.statement(Phase::prepare, 0, certified)));
  council.run(milliseconds(10));
  auto commits = council.votes(liar, Phase::commit, 0, certified);
  ASSERT_EQ(commits.size(), 2u);
  commits.push_back(commit_of(council, liar, certified));
  for (const Index voter : {one, two, three}) council.show_evidence(voter, 1);
  council.run(milliseconds(130));
  // All that three view-changes without the lock have in common is the first event.
  council.say(liar, {one, two, three},
              council.new_view(liar, 1, council.value(0, 1),
                               {council.change_of(liar, one, 1), council.change_of(liar, three, 1),
                                council.change(liar, 1, 1, 1)}));
  council.support(liar, 1, council.value(0, 1));
  council.run(milliseconds(100));
  council.hold(three, 1, 2);
  council.say(liar, {three, one, two}, council.change(liar, 2, 1, 2));
  council.support(liar, 2, council.value(1, 2));
  council.run(seconds(3));
  council.say(liar, {one, two, three}, council.certificate(commits));
  council.passes = nullptr;
  council.run(seconds(5));
  EXPECT_EQ(council.decided(1), certified);
  for (const Index voter : {one, two, three}) {
    EXPECT_EQ(council.certified(voter).value, certified) << voter;
  }
}

/// A loser goes on beside the winners (S5). One voter is silent, so every certificate needs the
/// loser and both winners; one of them learns of the decision late.
TEST(Traces, WinnersAndLosersGoOnInOneInstance) {
  Council council(4, {"a|b|c|", "x|y|z|"});
  const Index silent = council.leader(2), late = council.leader(1),
              winner = council.follower(0, {1, 2}), loser = council.follower(1, {1, 2});
  council.play(silent);
  bool held_up = true;
  council.passes = [&](Index, Index to, const Body& body) {
    const bool decision =
        std::holds_alternative<Certificate>(body) || is_vote(body, Phase::commit, 1);
    return !(held_up && decision && to == late);
  };
  council.hold(late, 0, 3);
  council.hold(winner, 0, 3);
  council.hold(loser, 1, 3);
  council.run(seconds(1));
  ASSERT_EQ(council.certified(loser).height, 1u);
  ASSERT_EQ(council.certified(late).height, 0u);
  held_up = false;
  council.run(seconds(10));
  for (const Index voter : {late, winner, loser}) {
    EXPECT_EQ(council.certified(voter).value, council.value(0, 3)) << voter;
    EXPECT_EQ(council.certified(voter).height, 3u) << voter;
  }
}

/// An honest primary is ahead of a voter that lacks the certificate before (what watermarks do in
/// Fabric's PBFT): the voter fetches it, and the primary decides in its own view.
TEST(Traces, APrimaryAheadOfAVoterIsNotDeposed) {
  Council council(4, {"p|r|", "p|s|"});
  const Index primary = council.leader(1, 2), silent = council.leader(2, 2),
              behind = council.leader(3, 2), other = council.leader(4, 2);
  bool lags = true;
  council.passes = [&](Index from, Index to, const Body& body) {
    if (from == silent && lags) return to != behind;
    const bool vote = statement_in(body) != nullptr && statement_in(body)->height == 1;
    return !(lags && to == behind && vote);
  };
  for (const Index voter : {primary, silent, other}) council.hold(voter, 0, 1);
  council.run(milliseconds(20));
  ASSERT_EQ(council.certified(primary).height, 1u);
  ASSERT_EQ(council.certified(behind).height, 0u);
  council.play(silent);
  council.hold(behind, 0, 2);
  council.hold(primary, 0, 2);
  council.hold(other, 1, 2);
  council.show_evidence(primary, 2);
  council.run(seconds(5));
  lags = false;
  council.run(seconds(1));
  ASSERT_EQ(council.decided(2), council.value(0, 2));
  EXPECT_EQ(council.last(primary)->view, 1u) << "the primary was deposed";
}

/// A voter that lacks the certificate before hears view-changes of the instance behind it, and
/// later, with the certificate, takes part in that view-change (Fabric: ignored for good).
TEST(Traces, AViewChangeBehindAMissingCertificateIsNotLost) {
  Council council(4, {"p|r|", "p|s|"});
  const Index behind = council.follower(0, {});
  bool lags = true;
  council.passes = [&](Index, Index to, const Body& body) {
    const Statement* s = statement_in(body);
    const bool certifies = std::holds_alternative<Certificate>(body) ||
                           (s != nullptr && (s->height == 1 || s->view == 0));
    return !(lags && to == behind && certifies);
  };
  for (Index voter = 0; voter < 4; ++voter) council.hold(voter, 0, 1);
  council.run(milliseconds(20));
  ASSERT_EQ(council.certified(1).height, 1u);
  ASSERT_EQ(council.certified(behind).height, 0u);
  // Now one more is silent: the dispute at height 2 needs the voter that is behind.
  council.play(1);
  council.hold(2, 0, 2);
  council.hold(3, 1, 2);
  council.hold(behind, 0, 2);
  council.run(seconds(3));
  EXPECT_FALSE(council.decided(2));
  lags = false;
  council.run(seconds(10));
  for (const Index voter : {behind, Index{2}, Index{3}}) {
    EXPECT_EQ(council.certified(voter).value, council.value(0, 2)) << voter;
  }
}

/// View-changes are lost on all links but those to one voter, which alone holds a quorum of them,
/// until the links heal (Fabric and concord: wedged for good).
TEST(Traces, LostViewChangesAreSaidAgain) {
  for (Index lonely = 0; lonely < 4; ++lonely) {
    Council council(4, {"pr|", "ps|"});
    bool broken = true;
    council.passes = [&](Index, Index to, const Body& body) {
      return !broken || to == lonely || !std::holds_alternative<ViewChange>(body);
    };
    for (Index voter = 0; voter < 4; ++voter) council.hold(voter, voter % 2, 2);
    council.run(seconds(10));
    broken = false;
    council.run(seconds(20));
    for (Index voter = 0; voter < 4; ++voter) {
      EXPECT_GE(council.certified(voter).height, 1u) << voter << " of " << lonely;
    }
  }
}

/// Two voters commit in view 1, unheard, while the other two see no quorum of prepares there (dBFT:
/// four honest voters stood still). All go on to view 2, with the value of the two.
TEST(Traces, CommitsDoNotKeepFromLaterViews) {
  Council council(4, {"pr|", "ps|"});
  const Index one = council.leader(1), two = council.leader(2);
  std::map<Index, Value> committed;
  council.passes = [&](Index from, Index to, const Body& body) {
    const bool commits = is_vote(body, Phase::commit, 1);
    if (commits) committed.emplace(from, *statement_in(body)->value);
    return !commits && (!is_vote(body, Phase::prepare, 1) || to == one || to == two);
  };
  for (Index voter = 0; voter < 4; ++voter) {
    council.hold(voter, voter == one || voter == two ? 0 : 1, 2);
  }
  council.run(seconds(5));
  ASSERT_EQ(committed.size(), 2u);
  ASSERT_TRUE(committed.contains(one) && committed.contains(two));
  EXPECT_EQ(council.decided(1), committed.at(one));
  for (Index voter = 0; voter < 4; ++voter) {
    EXPECT_EQ(council.certified(voter).value, committed.at(one)) << voter;
    EXPECT_GT(council.last(voter)->view, 1u);
  }
}

/// A voter that led view 1 comes back when the others are in a later view: it does not take itself
/// for the primary any more (SmartBFT).
TEST(Traces, APrimaryThatComesBackLeadsNoMore) {
  Council council(4, {"pr|s|", "ps|s|"});
  const Index old = council.leader(1);
  council.fate = [&](Index voter, const std::vector<Statement>& said) {
    const bool leads = std::any_of(said.begin(), said.end(), [](const Statement& s) {
      return s.phase == Phase::new_view && s.view == 1;
    });
    return voter == old && leads ? Council::Fate::dies_after_storing : Council::Fate::lives;
  };
  std::size_t at = 0;
  for (Index voter = 0; voter < 4; ++voter) {
    council.hold(voter, voter == old || at++ == 0 ? 0 : 1, 2);
  }
  council.run(seconds(1));
  ASSERT_FALSE(council.up(old));
  ASSERT_TRUE(council.decided(1));
  council.fate = nullptr;
  council.restart(old);
  council.run(seconds(5));
  for (Index voter = 0; voter < 4; ++voter) {
    EXPECT_EQ(council.certified(voter).value, *council.decided(1)) << voter;
  }
}

/// Nobody leaves a view of an instance that was decided, nor one that nobody disputes (Fabric: 17
/// views in ten minutes without any work).
TEST(Traces, NothingRunsWhereNothingIsDisputed) {
  Council council(4, {"p|r|s|"});
  for (std::uint64_t have = 1; have <= 2; ++have) {
    for (Index voter = 0; voter < 4; ++voter) council.hold(voter, 0, have);
    council.run(seconds(600));
  }
  for (Index voter = 0; voter < 4; ++voter) {
    EXPECT_EQ(council.certified(voter).height, 2u);
    EXPECT_EQ(council.counters(voter).view_changes, 0u);
  }
}

}  // namespace
}  // namespace vouch::consensus::traces_test
