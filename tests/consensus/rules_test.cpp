// Each rule that keeps two certificates apart has a script here that fails without it. In all of
// them one value is certified in secret: a quorum committed to it, and the liar alone knows.
// SPDX-License-Identifier: MIT
#include "tests/consensus/council.hpp"
#include <gtest/gtest.h>

namespace vouch::consensus::rules_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Voters a and b hold one chain, c another; the liar leads view 1, a leads view 2.
struct Rules : ::testing::Test {
  Council council{4, {"pr|s|", "qr|s|"}};
  const Council::Index liar = council.leader(1), a = council.leader(2),
                       b = council.follower(0, {1, 2}), c = council.follower(1, {1, 2});
  const Value right = council.value(0, 2), wrong = council.value(1, 2);
  Certificate secret;

  /// In view 0 a, b and the liar commit to the right value, which the liar alone sees; c sees none
  /// of their votes. As the votes of c differ from theirs, all will leave view 0 after T0.
  void certify_in_secret() {
    council.play(liar);
    council.passes = [this](auto, auto to, const Body& body) {
      const Statement* s = statement_in(body);
      const bool first = s != nullptr && s->view == 0;
      return to == liar || !first || (to != c && s->phase == Phase::prepare);
    };
    council.hold(a, 0, 2);
    council.hold(b, 0, 2);
    council.hold(c, 1, 2);
    council.say(liar, {a, b}, council.sign(liar, council.statement(Phase::prepare, 0, right)));
    council.run(milliseconds(10));
    auto commits = council.votes(liar, Phase::commit, 0, right);
    ASSERT_EQ(commits.size(), 2u);
    commits.push_back(council.sign(liar, council.statement(Phase::commit, 0, right)));
    secret = council.certificate(commits);
  }
  void leave_view_0() { council.run(milliseconds(130)); }
  /// The liar proposes and supports a value in the view that it leads.
  void lead_to(const Value& value, std::vector<ViewChange> basis) {
    council.say(liar, {a, b, c}, council.new_view(liar, 1, value, std::move(basis)));
    council.support(liar, 1, value);
    council.run(milliseconds(100));
  }
  /// View-changes with which the wrong value has the most claims.
  std::vector<ViewChange> tempting() const {
    return {council.change_of(liar, b, 1), council.change_of(liar, c, 1),
            council.change(liar, 1, 1, 2)};
  }
  void expect_right_when_the_secret_is_out() {
    council.say(liar, {a, b, c}, secret);
    council.passes = nullptr;
    council.run(seconds(5));
    EXPECT_EQ(council.decided(1), right);
    for (const auto voter : {a, b, c}) EXPECT_EQ(council.certified(voter).value, right) << voter;
  }
};

TEST_F(Rules, ALockBindsTheChoice) {
  certify_in_secret();
  leave_view_0();
  lead_to(wrong, tempting());
  expect_right_when_the_secret_is_out();
}

TEST_F(Rules, ALockOutlivesARestart) {
  certify_in_secret();
  council.crash(b);
  council.restart(b);
  leave_view_0();
  lead_to(wrong, tempting());
  expect_right_when_the_secret_is_out();
}

TEST_F(Rules, NullDoesNotFollowFromALock) {
  certify_in_secret();
  leave_view_0();
  lead_to({}, tempting());
  expect_right_when_the_secret_is_out();
}

TEST_F(Rules, AQuorumOfViewChangesIsOneOfVoters) {
  certify_in_secret();
  leave_view_0();
  const ViewChange nothing = council.change(liar, 1, 0, 0);
  lead_to({}, {nothing});
  lead_to({}, {nothing, nothing, nothing});
  expect_right_when_the_secret_is_out();
}

TEST_F(Rules, ViewChangesInTheNameOfOthersAreNoBasis) {
  certify_in_secret();
  leave_view_0();
  std::vector<ViewChange> basis;
  for (const auto voter : {a, b, liar}) {
    basis.push_back(council.change(liar, 1, 1, 2));
    basis.back().vote.voter = council.id(voter);
  }
  lead_to(wrong, basis);
  expect_right_when_the_secret_is_out();
}

TEST_F(Rules, VotesInTheNameOfOthersDoNotCount) {
  certify_in_secret();
  leave_view_0();
  for (const Phase phase : {Phase::prepare, Phase::commit}) {
    for (const auto voter : {a, b, c}) {
      SignedStatement forged = council.sign(liar, council.statement(phase, 1, wrong));
      forged.voter = council.id(voter);
      council.say(liar, council.others(voter), forged);
    }
  }
  council.support(liar, 1, wrong);
  council.run(milliseconds(50));
  EXPECT_GT(council.counters(c).bad_words, 0u);
  expect_right_when_the_secret_is_out();
}

TEST_F(Rules, ACertificateNeedsAQuorumOfSignatures) {
  certify_in_secret();
  std::vector<SignedStatement> commits{
      council.sign(liar, council.statement(Phase::commit, 0, wrong))};
  council.say(liar, {a, b, c}, council.certificate(commits));
  for (const auto voter : {a, b}) {
    commits.push_back(commits.front());
    commits.back().voter = council.id(voter);
  }
  council.say(liar, {a, b, c}, council.certificate(commits));
  council.run(milliseconds(10));
  EXPECT_EQ(council.counters(c).bad_words, 2u);
  expect_right_when_the_secret_is_out();
}

enum class Proof { own_prepare, nothing, own_prepare_thrice, forged, of_another_value };
struct Proofs : Rules, ::testing::WithParamInterface<Proof> {
  std::vector<SignedStatement> proof() const {
    SignedStatement own = council.sign(liar, council.statement(Phase::prepare, 1, wrong));
    if (GetParam() == Proof::own_prepare) return {own};
    if (GetParam() == Proof::nothing) return {};
    if (GetParam() == Proof::own_prepare_thrice) return {own, own, own};
    if (GetParam() == Proof::of_another_value) {
      return council.votes(liar, Phase::prepare, 0, right);
    }
    std::vector<SignedStatement> out{own, own, own};
    out[1].voter = council.id(b);
    out[2].voter = council.id(c);
    return out;
  }
};

/// A lock of view 1 on the wrong value, higher than the true one, for view 2 that a leads.
TEST_P(Proofs, ALockIsProvenByAQuorumOfPrepares) {
  certify_in_secret();
  leave_view_0();
  Statement s = council.statement(Phase::view_change, 2, std::nullopt);
  s.lock = Lock{1, wrong};
  council.say(liar, {a, b, c}, ViewChange{council.sign(liar, s), std::nullopt, proof()});
  council.support(liar, 2, wrong);
  council.run(seconds(3));
  expect_right_when_the_secret_is_out();
}
INSTANTIATE_TEST_SUITE_P(Rules, Proofs,
                         ::testing::Values(Proof::own_prepare, Proof::nothing,
                                           Proof::own_prepare_thrice, Proof::forged,
                                           Proof::of_another_value));

/// First a alone is locked on one value, in view 0. Then b, c and the liar commit to the other one,
/// in view 1. Then a leads view 2.
TEST(Locks, TheHighestLockWins) {
  Council council(4, {"pr|s|", "qr|s|"});
  const auto liar = council.leader(1), a = council.leader(2), b = council.follower(0, {1, 2}),
             c = council.follower(1, {1, 2});
  const Value old = council.value(0, 2), certified = council.value(1, 2);
  council.play(liar);
  council.passes = [&](auto, auto to, const Body& body) {
    const Statement* s = statement_in(body);
    if (s == nullptr || to == liar) return true;
    if (s->view == 0) return to == a;
    if (s->view == 1 && s->phase == Phase::prepare) return to != a;
    return s->view > 1 || s->phase != Phase::commit;
  };
  council.hold(a, 0, 2);
  council.hold(b, 0, 2);
  council.hold(c, 1, 2);
  council.say(liar, {a}, council.sign(liar, council.statement(Phase::prepare, 0, old)));
  council.run(milliseconds(10));
  ASSERT_EQ(council.votes(liar, Phase::commit, 0, old).size(), 1u);
  for (const auto voter : {a, b, c}) council.show_evidence(voter, 1);
  council.run(milliseconds(120));
  council.say(liar, {b, c},
              council.new_view(liar, 1, certified,
                               {council.change_of(liar, b, 1), council.change_of(liar, c, 1),
                                council.change(liar, 1, 1, 2)}));
  council.say(liar, {b, c}, council.sign(liar, council.statement(Phase::prepare, 1, certified)));
  council.run(milliseconds(30));
  auto commits = council.votes(liar, Phase::commit, 1, certified);
  ASSERT_EQ(commits.size(), 2u);
  commits.push_back(council.sign(liar, council.statement(Phase::commit, 1, certified)));
  council.run(seconds(2));
  council.say(liar, {a, b, c}, council.certificate(commits));
  council.passes = nullptr;
  council.run(seconds(5));
  EXPECT_EQ(council.decided(1), certified);
  for (const auto voter : {a, b, c}) EXPECT_EQ(council.certified(voter).value, certified) << voter;
}

/// Prepares of height 1 prove no lock of height 2.
TEST(Locks, AreOfOneHeight) {
  Council council(4, {"p|rs|"});
  const auto liar = council.leader(2, 2);
  council.play(liar);
  for (const auto voter : council.others(liar)) council.hold(voter, 0, 1);
  council.run(milliseconds(50));
  const Value base = council.value(0, 1);
  ASSERT_EQ(council.decided(1), base);
  const auto prepares = council.votes(liar, Phase::prepare, 0, base);
  ASSERT_EQ(prepares.size(), 3u);
  // No quorum in view 0.
  council.passes = [&](auto, auto to, const Body& body) {
    return to == liar || !is_vote(body, Phase::prepare, 0);
  };
  for (const auto voter : council.others(liar)) council.hold(voter, 0, 3);
  for (const auto voter : council.others(liar)) council.show_evidence(voter, 2);
  Statement s = council.statement(Phase::view_change, 1, std::nullopt, 2);
  s.lock = Lock{0, base};
  council.say(liar, council.others(liar),
              ViewChange{council.sign(liar, s), std::nullopt, prepares});
  council.run(seconds(5));
  EXPECT_EQ(council.decided(2), council.value(0, 3));
}

TEST(Quorums, OneVoteLessDecidesNothing) {
  Council council(4, {"pr|", "qr|"});
  council.play(3);
  council.hold(0, 0, 2);
  council.hold(1, 0, 2);
  council.hold(2, 1, 2);
  council.run(milliseconds(50));
  EXPECT_FALSE(council.decided(1)) << "before anybody left view 0";
}

}  // namespace
}  // namespace vouch::consensus::rules_test
