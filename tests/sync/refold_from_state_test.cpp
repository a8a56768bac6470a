// Folds that begin behind a state, since nobody has the events before it.
// SPDX-License-Identifier: MIT
#include "tests/sync/refold_story.hpp"

namespace vouch::sync::refold_from_state_test {
namespace {

/// Behind the first `count` runs.
StateRow state_of(const Texts& events, std::uint64_t count) {
  validator::Options options{.stream = "t"};
  options.keeps_states = true;
  options.state_interval = 5 * count;
  validator::StreamValidator stream(options);
  for (std::uint64_t i = 0; i < 5 * count; ++i) stream.feed(events[i]);
  return {stream.take_state().value(), 1};
}

struct FromState : testing::Test {
  const Texts all = runs(4);
  const StateRow state = state_of(all, 2);
  Story story;

  Hash head(std::uint64_t size) {
    ingest::StreamTable other = table();
    other.push("t", 0, all, false);
    return other.head_at("t", size - 1).value();
  }
  /// Has no events before the state.
  void peer_with_state() {
    story.peer([this](const AskEvents& ask) {
      Events answer{ask.stream, ask.first, {}};
      if (ask.first < state.state.size) {
        story.given = state;
        return std::optional(answer);
      }
      return honest(all)(ask);
    });
  }
  Fold adopted(std::uint64_t size) {
    Fold fold = fold_of(all, false, size);
    fold.adopt = true;
    return fold;
  }
  void expect_rebased(const std::vector<Folded>& folded, std::uint64_t size) {
    ASSERT_EQ(folded.size(), 1u);
    EXPECT_TRUE(folded[0].equal);
    EXPECT_TRUE(folded[0].rebased);
    EXPECT_EQ(folded[0].kept_from, 10u);
    EXPECT_EQ(story.streams.tip("t")->upto + 1, size);
    EXPECT_EQ(story.streams.tip("t")->head, head(size));
    EXPECT_EQ(story.refolder.counters().resumed, 1u);
  }
};

TEST_F(FromState, WhatIsBehindItIsFetched) {
  peer_with_state();
  story.want(adopted(20));
  expect_rebased(story.run(), 20);
  for (const Row& row : story.rows) {
    if (row.table != Table::payloads || !row.value) continue;
    EXPECT_GE(payload_key_index(row.key), 10u);
  }
  const auto kept = std::ranges::find(story.rows, Table::states, &Row::table);
  ASSERT_NE(kept, story.rows.end());
  EXPECT_EQ(decode_state_row(*kept->value)->state, state.state);
}

TEST_F(FromState, NothingIsFetchedForATargetThatItIs) {
  peer_with_state();
  story.want(adopted(10));
  expect_rebased(story.run(), 10);
  EXPECT_EQ(story.asked.size(), 1u);
}

TEST_F(FromState, OneBeyondTheTargetIsNotTaken) {
  peer_with_state();
  story.peer(honest(all));
  story.want(adopted(5));
  const auto folded = story.run();
  ASSERT_EQ(folded.size(), 1u);
  EXPECT_TRUE(folded[0].rebased) << "the other one has the events";
  EXPECT_EQ(folded[0].kept_from, 0u);
  EXPECT_EQ(story.refolder.counters().resumed, 0u);
}

TEST_F(FromState, TheOwnOneServesWhereOwnEventsAreGone) {
  const Texts said = runs(4, "others", 3);
  story.own(said);
  story.stored_state = state;
  story.stored_from = 10;
  story.peer(honest(all));
  Fold fold = adopted(20);
  fold.base = 15;
  story.want(std::move(fold));
  expect_rebased(story.run(), 20);
  for (const AskEvents& ask : story.asked) EXPECT_GE(ask.first, 15u);
}

TEST_F(FromState, ARottenOneOfTheOwnStoreIsPutAside) {
  story.own(runs(4, "others", 3));
  story.stored_state = state;
  story.stored_state->state.bytes[40] ^= 1;
  story.stored_from = 10;
  peer_with_state();
  Fold fold = adopted(20);
  fold.base = 15;
  story.want(std::move(fold));
  expect_rebased(story.run(), 20);
}

TEST_F(FromState, AStreamIsPutBehindIt) {
  Outbox out;
  story.refolder.start_at(story.now, "t", state, head(10), out);
  story.carry(std::move(out));
  expect_rebased(story.run(), 10);
}

TEST_F(FromState, NoStreamIsPutWhereTheCertificateIsOfAnotherHead) {
  Outbox out;
  story.refolder.start_at(story.now, "t", state, head(15), out);
  EXPECT_TRUE(out.rows.empty());
  const auto folded = story.run();
  ASSERT_EQ(folded.size(), 1u);
  EXPECT_FALSE(folded[0].equal);
  EXPECT_FALSE(story.streams.tip("t"));
}

TEST_F(FromState, WhatWasBeingAdoptedGoesNoFurther) {
  story.peer(silent);
  story.want(adopted(5));
  Outbox out;
  story.refolder.start_at(story.now, "t", state, head(10), out);
  story.carry(std::move(out));
  expect_rebased(story.run(), 10);
  EXPECT_EQ(story.refolder.pending(), 0u);
}

}  // namespace
}  // namespace vouch::sync::refold_from_state_test
