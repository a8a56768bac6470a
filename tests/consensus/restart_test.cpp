// Crashes and partitions of honest voters, in the middle of everything: decided, once; a minority
// decides nothing.
// SPDX-License-Identifier: MIT
#include "tests/consensus/council.hpp"
#include <gtest/gtest.h>

#include "vouch/membership/quorum.hpp"

namespace vouch::consensus::restart_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Index = Council::Index;
using Fate = Council::Fate;

TEST(Restarts, AVoteIsNotForgotten) {
  Council council(4, {"prs|"});
  council.play(1);
  council.hold(0, 0, 1);
  council.request(0, 1);
  council.run(milliseconds(5));
  ASSERT_EQ(council.votes(1, Phase::prepare, 0, council.value(0, 1)).size(), 1u);
  council.crash(0);
  council.hold(0, 0, 3);  // now it would vote for the end of the segment
  council.restart(0);
  council.run(milliseconds(5));
  EXPECT_TRUE(council.votes(1, Phase::prepare, 0, council.value(0, 3)).empty());
}

TEST(Restarts, AViewThatWasLeftStaysLeft) {
  Council council(4, {"pr|s|", "qr|s|"});
  const Index liar = council.leader(1), a = council.follower(0, {1}), b = council.follower(1, {1}),
              c = council.follower(2, {1});
  const Value value = council.value(0, 2);
  council.play(liar);
  bool late = false;
  council.passes = [&](auto, auto to, const Body& body) {
    const Statement* s = statement_in(body);
    return to == liar || s == nullptr || s->view > 0 || (late && to != c);
  };
  council.hold(a, 0, 2);
  council.hold(b, 0, 2);
  council.hold(c, 1, 2);
  for (const Index voter : {a, b, c}) council.show_evidence(voter, 1);
  council.run(milliseconds(120));
  (void)council.change_of(liar, a, 1);
  for (const Index voter : {a, b}) {
    council.crash(voter);
    council.restart(voter);
  }
  late = true;  // the prepares of view 0 arrive now
  council.say(liar, {a, b}, council.sign(liar, council.statement(Phase::prepare, 0, value)));
  council.run(milliseconds(20));
  EXPECT_TRUE(council.votes(liar, Phase::commit, 0, value).empty());
}

/// Two chains among four voters, of which one is silent, so that it takes a view-change; everybody
/// dies once at its first statement of some phase, and comes back a little later.
struct Deaths : ::testing::TestWithParam<std::tuple<Phase, std::uint32_t, Fate, bool>> {};

TEST_P(Deaths, EndInOneDecision) {
  const auto [phase, view, fate, together] = GetParam();
  Council council(4, {"pr|s|", "qr|s|"});
  const Index silent = council.leader(2);
  council.play(silent);
  std::set<Index> died;
  council.fate = [&](Index voter, const std::vector<Statement>& said) {
    const bool now = std::any_of(said.begin(), said.end(), [&](const Statement& s) {
      return s.phase == phase && s.view == view && s.height == 1;
    });
    const bool dies = now && (together || died.empty()) && died.insert(voter).second;
    return dies ? fate : Fate::lives;
  };
  std::size_t branch = 0;
  for (const Index voter : council.others(silent)) council.hold(voter, branch++ == 2 ? 1 : 0, 3);
  for (int slice = 0; slice < 400; ++slice) {
    council.run(milliseconds(40));
    for (const Index voter : council.others(silent)) {
      if (!council.up(voter)) council.restart(voter);
    }
  }
  EXPECT_FALSE(died.empty());
  for (const Index voter : council.others(silent)) {
    EXPECT_EQ(council.certified(voter).value, council.value(0, 3)) << voter;
  }
}
INSTANTIATE_TEST_SUITE_P(Restarts, Deaths,
                         ::testing::Combine(::testing::Values(Phase::prepare, Phase::commit,
                                                              Phase::view_change, Phase::new_view),
                                            ::testing::Values(1U),
                                            ::testing::Values(Fate::dies_before_storing,
                                                              Fate::dies_after_storing),
                                            ::testing::Bool()));
INSTANTIATE_TEST_SUITE_P(
    RestartsInView0, Deaths,
    ::testing::Combine(::testing::Values(Phase::prepare), ::testing::Values(0U),
                       ::testing::Values(Fate::dies_before_storing, Fate::dies_after_storing),
                       ::testing::Bool()));

struct Sizes : ::testing::TestWithParam<std::size_t> {
  void hold_all(Council& council, std::uint64_t have) {
    for (Index voter = 0; voter < council.size(); ++voter) {
      if (council.up(voter)) council.hold(voter, 0, have);
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Restarts, Sizes, ::testing::Values(1, 2, 3, 4, 5, 6, 7, 10));

TEST_P(Sizes, AsManyAsMayFailAreMissed) {
  Council council(GetParam(), {"pr|s|"});
  const std::size_t f = membership::faults_tolerated(GetParam());
  for (Index voter = 0; voter < f; ++voter) council.crash(voter);
  hold_all(council, 3);
  council.run(seconds(5));
  for (Index voter = f; voter < council.size(); ++voter) {
    EXPECT_EQ(council.certified(voter).value, council.value(0, 3)) << voter;
  }
  for (Index voter = 0; voter < f; ++voter) council.restart(voter);
  hold_all(council, 3);
  council.run(seconds(5));
  for (Index voter = 0; voter < f; ++voter) {
    EXPECT_EQ(council.certified(voter).value, council.value(0, 3)) << voter << " came back";
  }
}

TEST_P(Sizes, AMinorityDecidesNothing) {
  Council council(GetParam(), {"pr|s|"});
  const std::size_t quorum = membership::quorum(GetParam());
  for (Index voter = quorum - 1; voter < council.size(); ++voter) council.crash(voter);
  hold_all(council, 3);
  for (Index voter = 0; voter + 1 < quorum; ++voter) council.show_evidence(voter, 1);
  council.run(seconds(60));
  EXPECT_FALSE(council.decided(1));
}

TEST_P(Sizes, APartitionHeals) {
  Council council(GetParam(), {"pr|s|", "qr|s|"});
  const std::size_t half = GetParam() / 2;
  const auto same_side = [&](Index one, Index other) { return (one < half) == (other < half); };
  council.passes = [&](Index from, Index to, const Body&) { return same_side(from, to); };
  hold_all(council, 3);
  for (Index voter = 0; voter < council.size(); ++voter) council.show_evidence(voter, 1);
  council.run(seconds(3));
  const bool majority = council.size() - half >= membership::quorum(GetParam());
  EXPECT_EQ(council.decided(1).has_value(), majority);
  EXPECT_EQ(council.certified(0).height > 0, half == 0) << "the side of voter 0 is too small";
  council.passes = nullptr;
  council.run(seconds(30));
  for (Index voter = 0; voter < council.size(); ++voter) {
    EXPECT_EQ(council.certified(voter).value, council.value(0, 3)) << voter;
  }
}

}  // namespace
}  // namespace vouch::consensus::restart_test
