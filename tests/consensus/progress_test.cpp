// What must happen: honest voters come to an end, whatever one voter of four does or leaves undone.
// SPDX-License-Identifier: MIT
#include "tests/consensus/council.hpp"
#include <gtest/gtest.h>

namespace vouch::consensus::progress_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Index = Council::Index;

/// No quorum has one chain, so that view 0 cannot end it, and the primary of view 1 is silent.
TEST(Progress, AViewThatStandsStillIsLeft) {
  Council council(4, {"pr|s|", "qr|s|"});
  const Index silent = council.leader(1);
  council.play(silent);
  council.hold(council.follower(0, {1}), 0, 2);
  council.hold(council.follower(1, {1}), 0, 2);
  council.hold(council.follower(2, {1}), 1, 2);
  council.run(seconds(5));
  ASSERT_EQ(council.decided(1), council.value(0, 2));
  EXPECT_EQ(council.last(council.leader(2))->view, 2u);
}

/// Two chains with two voters each: once all have voted, nobody waits for the timer of view 0.
TEST(Progress, ViewZeroIsLeftAtOnceWhereNoQuorumIsLeft) {
  Council council(4, {"pr|s|", "qr|s|"});
  for (const Index voter : {0, 1, 2, 3}) council.hold(voter, voter / 2, 2);
  council.run(milliseconds(40));
  EXPECT_TRUE(council.decided(1)) << "T0 is 50 ms at least";
}

/// One voter alone saw evidence, and left view 0; what it had said there does not reach the others,
/// who are one less than a quorum without it (review L3).
TEST(Progress, ADepartureFromView0IsNoticed) {
  Council council(4, {"pr|s|"});
  const Index silent = council.leader(2), alone = council.leader(1);
  council.play(silent);
  council.passes = [&](Index from, Index, const Body& body) {
    return from != alone || !is_vote(body, Phase::prepare, 0);
  };
  for (const Index voter : council.others(silent)) council.hold(voter, 0, 2);
  council.show_evidence(alone, 1);
  council.run(seconds(5));
  for (const Index voter : council.others(silent)) {
    EXPECT_EQ(council.certified(voter).height, 1u) << voter;
  }
}

/// A voter beside the primary proposes in the primary's view, in time, and what its own
/// view-changes demand. Whoever followed it could not vote for what the primary proposes.
TEST(Progress, OnlyThePrimaryLeads) {
  Council council(4, {"pr|s|", "qr|s|"});
  const Index liar = council.leader(2), primary = council.leader(1),
              b = council.follower(0, {1, 2}), c = council.follower(1, {1, 2});
  const Value other = council.value(1, 2);
  council.play(liar);
  bool held_up = true;
  council.passes = [&](Index from, Index to, const Body& body) {
    const bool primary_speaks = from == primary && to == c && is_vote(body, Phase::new_view, 1);
    return !(held_up && primary_speaks) && !(to != liar && is_vote(body, Phase::prepare, 0));
  };
  council.hold(primary, 0, 2);
  council.hold(b, 0, 2);
  council.hold(c, 1, 2);
  for (const Index voter : {primary, b, c}) council.show_evidence(voter, 1);
  council.run(milliseconds(110));
  council.say(liar, {c},
              council.new_view(liar, 1, other,
                               {council.change_of(liar, b, 1), council.change_of(liar, c, 1),
                                council.change(liar, 1, 1, 2)}));
  council.run(milliseconds(5));
  held_up = false;
  council.run(seconds(5));
  ASSERT_EQ(council.decided(1), council.value(0, 2));
  EXPECT_EQ(council.last(b)->view, 1u);
}

TEST(Progress, ALoserTakesUpTheCertifiedChain) {
  Council council(4, {"pr|s|", "qr|s|"});
  for (const Index voter : {0, 1, 2}) council.hold(voter, 0, 2);
  council.hold(3, 1, 3);
  council.run(seconds(5));
  EXPECT_EQ(council.certified(3).value, council.value(0, 2));
  EXPECT_EQ(council.branch(3), 0u);
}

/// Where nothing is held there is nothing to compare; what is held later may differ.
TEST(Progress, AChainThatBeginsAfterACertificateIsComparedWithIt) {
  Council council(4, {"pr|s|", "qr|s|"});
  const Index late = 3;
  council.hold(late, 0, 0);  // it knows the name
  for (const Index voter : council.others(late)) council.hold(voter, 0, 2);
  council.run(seconds(5));
  ASSERT_EQ(council.certified(late).value, council.value(0, 2));
  council.hold(late, 1, 3);
  council.run(seconds(5));
  EXPECT_EQ(council.branch(late), 0u);
}

/// It gave view 0 some time as it differed. Now it does not, and there is nothing to decide.
TEST(Progress, WhoHoldsNothingMoreLeavesNoView) {
  Council council(4, {"pr|s|", "ps|"});
  for (Index voter = 0; voter < council.size(); ++voter) council.hold(voter, 0, 2);
  council.run(seconds(5));
  ASSERT_EQ(council.certified(3).value, council.value(0, 2));
  std::size_t left = 0;
  council.passes = [&](Index, Index, const Body& body) {
    const Statement* said = statement_in(body);
    left += said != nullptr && said->phase == Phase::view_change ? 1 : 0;
    return true;
  };
  council.hold(3, 0, 3);
  council.show_evidence(3, 3);
  council.hold(3, 0, 2);
  council.run(seconds(5));
  EXPECT_EQ(left, 0u);
}

/// The logs arrive one after the other, so that of each voter only the votes of its latest height
/// are there when those of the next voter come. The voter that was away has no votes of its own.
TEST(Progress, CertificatesInBetweenAreAskedFor) {
  Council council(4, {"p|q|r|s|"});
  const Index away = 3;
  std::set<Index> logs{away};
  council.passes = [&](Index from, Index to, const Body&) {
    return to != away || logs.contains(from);
  };
  for (std::uint64_t size = 1; size <= 3; ++size) {
    for (const Index voter : council.others(away)) council.hold(voter, 0, size);
    council.run(milliseconds(50));
  }
  ASSERT_EQ(council.certified(0).height, 3u);
  council.hold(away, 0, 0);  // it knows the name
  for (const Index voter : council.others(away)) {
    logs.insert(voter);
    council.run(milliseconds(50));
  }
  council.run(seconds(3));
  EXPECT_EQ(council.certified(away).height, 3u);
}

/// Of a certificate whose votes nobody repeats an attestation tells, also the voter's own of a life
/// whose store is lost; however long the holders do not answer, they are asked.
TEST(Progress, AnAttestationTellsOfACertificate) {
  for (const Index by : {0u, 3u}) {
    Council council(4, {"p|q|"});
    const Index holder = 0, away = 3;
    const auto asks = [&] {
      return std::ranges::count_if(council.heard(holder), [](const Body& body) {
        return std::holds_alternative<AskCertificate>(body);
      });
    };
    council.passes = [&](Index, Index to, const Body&) { return to != away; };
    council.hold(away, 0, 0);
    council.play(holder);
    council.run(seconds(1));
    ASSERT_EQ(asks(), 0);
    council.show_attested(away, by, 1);
    council.run(seconds(100));
    const auto early = asks();
    EXPECT_GT(early, 0);
    council.run(seconds(100));
    EXPECT_GT(asks(), early);
    EXPECT_LT(asks(), 30) << "more rarely the longer it takes";
  }
}

}  // namespace
}  // namespace vouch::consensus::progress_test
