// What voters say of the state behind a target is compared with what its fold comes to.
// SPDX-License-Identifier: MIT
#include "tests/sync/refold_story.hpp"

namespace vouch::sync::refolder_states_test {
namespace {

/// 205 runs end behind 1,024 entries: there the state is hashed.
TEST(RefoldedStates, AnotherStateIsNotEqualUntilItIsCertified) {
  const Texts events = runs(205);
  Story owner;
  owner.own(events);
  Fold fold = fold_of(events, false, events.size());
  const Hash state = owner.streams.state_at("t", events.size()).value();
  for (const bool own : {true, false}) {
    for (const bool same : {true, false}) {
      Story story;
      if (own) story.own(events);
      story.peer(honest(events));
      fold.state = same ? state : Hash{};
      story.want(fold);
      const auto folded = story.run();
      ASSERT_EQ(folded.size(), 1U);
      EXPECT_EQ(folded[0].equal, same) << own;
      EXPECT_EQ(folded[0].state, fold.state);
    }
  }
  Fold certified = fold;
  certified.adopt = true;
  Story other;
  other.peer(honest(events));
  other.want(certified);
  const auto folded = other.run();
  ASSERT_EQ(folded.size(), 1U);
  EXPECT_TRUE(folded[0].rebased) << "a quorum has decided: the chain is theirs, whoever is wrong";
}

TEST(RefoldedStates, WhatIsCertifiedWhileItIsFoldedCounts) {
  const Texts events = runs(205);
  Story story;
  story.peer(silent);
  Fold fold = fold_of(events, false, events.size());
  fold.state = Hash{};
  story.want(fold);
  story.peer(honest(events));
  Fold certified = fold_of(events, false, events.size());
  certified.adopt = true;
  certified.holders = {};
  story.want(certified);
  const auto folded = story.run();
  ASSERT_EQ(folded.size(), 1U);
  EXPECT_TRUE(folded[0].rebased);
  EXPECT_EQ(folded[0].state, std::nullopt) << "the answer is to the later question";
}

}  // namespace
}  // namespace vouch::sync::refolder_states_test
