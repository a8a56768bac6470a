// States that are certified with a point: what voters fold, whatever one of them says.
// SPDX-License-Identifier: MIT
#include "tests/consensus/council.hpp"
#include <gtest/gtest.h>

#include "vouch/consensus/choice.hpp"

namespace vouch::consensus::states_test {
namespace {

using std::chrono::seconds;
using Index = Council::Index;

/// Two chains of two segments, two entries and one; the first segment ends with a state.
std::vector<std::string> chains() {
  for (char letter = 'a'; letter <= 'z'; ++letter) {
    std::vector<std::string> out{std::string{letter} + "r|s|", std::string{letter} + "q|s|"};
    if (Council(4, out).value(0, 2).state) return out;
  }
  ADD_FAILURE() << "no head is odd";
  return {};
}

Value lie(Value value) {
  value.state = Hash{{0xee}};
  return value;
}

TEST(States, AreCertifiedByView0) {
  Council council(4, chains());
  for (Index voter = 0; voter < 4; ++voter) council.hold(voter, 0, 2);
  council.run(seconds(1));
  EXPECT_EQ(council.decided(1), council.value(0, 2));
  EXPECT_TRUE(council.decided(1)->state);
  EXPECT_EQ(council.last(0)->view, 0u);
}

TEST(States, OfOneLiarDecideNothing) {
  Council council(4, chains());
  const Index liar = council.leader(2);
  council.play(liar);
  council.support(liar, 0, lie(council.value(0, 2)));
  for (const Index voter : council.others(liar)) council.hold(voter, 0, 2);
  council.run(seconds(5));
  EXPECT_EQ(council.decided(1), council.value(0, 2));
  for (const Index voter : council.others(liar)) {
    EXPECT_EQ(council.certified(voter).height, 1u) << voter;
    EXPECT_EQ(council.counters(voter).other_states, 0u);
  }
}

TEST(States, AreCertifiedByAVote) {
  Council council(4, chains());
  const Index liar = council.leader(2);
  council.play(liar);
  council.support(liar, 0, lie(council.value(0, 2)));
  const auto honest = council.others(liar);
  council.hold(honest[0], 0, 2);
  council.hold(honest[1], 0, 2);
  council.hold(honest[2], 1, 2);
  council.run(seconds(10));
  EXPECT_EQ(council.decided(1), council.value(0, 2));
  EXPECT_GT(council.last(honest[0])->view, 0u);
}

/// Two versions, two voters each: no state is anybody's whose word counts, so after a null the same
/// point is certified without one, and what follows as ever.
TEST(States, ThatVotersDifferInAreLeftOut) {
  Council council(4, chains());
  council.skew(2);
  council.skew(3);
  for (Index voter = 0; voter < 4; ++voter) council.hold(voter, 0, 2);
  council.run(seconds(120));
  Value plain = council.value(0, 2);
  plain.state.reset();
  EXPECT_EQ(council.decided(1), Value{});
  EXPECT_EQ(council.decided(2), plain);
  EXPECT_EQ(council.last(0)->view, 0u) << "nothing divides them any more";
  for (Index voter = 0; voter < 4; ++voter) council.hold(voter, 0, 3);
  council.run(seconds(5));
  for (Index voter = 0; voter < 4; ++voter) EXPECT_EQ(council.certified(voter).value.size, 3u);
}

/// It says so, and goes on.
TEST(States, OfAQuorumShowAVoterThatDiffers) {
  Council council(4, chains());
  council.skew(3);
  for (Index voter = 0; voter < 4; ++voter) council.hold(voter, 0, 3);
  council.run(seconds(10));
  EXPECT_EQ(council.decided(1), council.value(0, 2));
  for (Index voter = 0; voter < 4; ++voter) {
    EXPECT_EQ(council.counters(voter).other_states, voter == 3 ? 1u : 0u);
    EXPECT_EQ(council.certified(voter).value.size, 3u);
  }
}

struct Choosing : testing::Test {
  Council council{4, chains()};
  const ChoiceContext context{sim::disputed_stream, sim::disputed_rules, 4, SubjectKind::stream};

  Base base;

  std::optional<Hash> chosen(const std::vector<std::optional<Hash>>& states) {
    std::vector<ViewChange> basis;
    for (Index voter = 0; voter < states.size(); ++voter) {
      basis.push_back(council.change(voter, 1, 0, 2));
      basis.back().vote.statement.value->state = states[voter];
    }
    const Choice choice = choose(context, base, 1, basis);
    EXPECT_EQ(choice.reason, Reason::point);
    EXPECT_EQ(choice.value.size, 2u);
    return choice.value.state;
  }
};

/// f+1 = 2 of four: one of them is honest, and its fold came to it.
TEST_F(Choosing, AStateNeedsTheWordOfAnHonestVoter) {
  const Hash one{{1}}, other{{2}};
  EXPECT_EQ(chosen({one, one, one}), one);
  EXPECT_EQ(chosen({other, one, one}), one);
  EXPECT_EQ(chosen({std::nullopt, one, one}), one);
  EXPECT_EQ(chosen({std::nullopt, std::nullopt, one}), std::nullopt);
  EXPECT_EQ(chosen({std::nullopt, other, one}), std::nullopt);
  EXPECT_EQ(chosen({other, other, one, one}), one) << "of equals the smaller one";
  base.nulls = 1;
  EXPECT_EQ(chosen({one, one, one}), std::nullopt) << "they may never agree";
}

}  // namespace
}  // namespace vouch::consensus::states_test
