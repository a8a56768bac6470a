// What others hold of a stream is gathered from scripted peers, judged again, and taken over when
// it is certified, whatever some of them answer.
// SPDX-License-Identifier: MIT
#include "tests/sync/refold_story.hpp"

namespace vouch::sync::refolder_test {
namespace {

TEST(Refolder, AnswersAtOnceWhenTheOwnChainPassesThroughTheTarget) {
  Story story;
  story.own(runs(3));
  story.want(fold_of(runs(2), false, 8));
  expect_equal(story.run());
  EXPECT_TRUE(story.asked.empty());
}

TEST(Refolder, AsksOnlyForWhatTheOwnChainHasNot) {
  Story story;
  story.own(runs(3, "mine", 2));
  story.peer(honest(runs(3)));
  const Hash before = story.streams.tip("t")->head;
  story.want(fold_of(runs(3), false, 15));
  expect_equal(story.run());
  ASSERT_EQ(story.asked.size(), 1U);
  EXPECT_EQ(story.asked[0].first, 12U) << "two events of the run are the same";
  EXPECT_EQ(story.asked[0].digests.size(), 3U);
  EXPECT_EQ(story.streams.tip("t")->head, before) << "nothing was certified";
  EXPECT_TRUE(story.rows.empty());
}

TEST(Refolder, PutsTheStreamOnACertifiedTarget) {
  Story story;
  story.own(runs(3, "mine", 1), true);
  story.peer(honest(runs(2), 2));
  Fold fold = fold_of(runs(2), false, 9);
  fold.adopt = true;
  story.want(fold);
  expect_equal(story.run(), true);
  EXPECT_EQ(story.streams.tip("t")->head, fold.target.head);
  EXPECT_EQ(story.streams.position("t"), std::make_pair(std::uint64_t{9}, false));
  ASSERT_EQ(story.rows.size(), 2U);
  EXPECT_TRUE(story.rows[0].prefix) << "what the store has of the old chain goes first";
  EXPECT_EQ(story.rows[1].key, payload_key("t", 0));
  const auto items = decode_items(*story.rows[1].value);
  ASSERT_TRUE(items);
  ASSERT_EQ(items->size(), 9U);
  for (std::size_t i = 0; i < 9; ++i) {
    EXPECT_EQ(*(*items)[i].text, runs(2)[i]);
    EXPECT_EQ((*items)[i].digest, validator::digest_of(runs(2)[i]));
  }
}

TEST(Refolder, GathersEverythingOfAStreamThatItNeverValidated) {
  Story story;
  story.peer(honest(runs(4), 3));
  Fold fold = fold_of(runs(4), true, 21);
  ASSERT_EQ(fold.links.first, 20U) << "the close mark is a segment of its own";
  fold.adopt = true;
  story.want(fold);
  const auto folded = story.run();
  expect_equal(folded, true);
  EXPECT_TRUE(folded[0].closed);
  EXPECT_EQ(story.streams.head_at("t", 20), fold.target.head);
  EXPECT_EQ(story.streams.position("t"), std::make_pair(std::uint64_t{21}, true));
  EXPECT_TRUE(story.asked[0].digests.empty()) << "nobody told them";
}

TEST(Refolder, AChainThatHasForgottenTheTargetIsNotCutOffThere) {
  for (const std::uint64_t size : {13U, 15U}) {  // within a segment, and at its end
    Story story;
    const Texts events = runs(2000);
    story.own(events);
    ASSERT_FALSE(story.streams.links("t", 12, 13)) << "too long ago";
    story.peer(honest(runs(3)));
    Fold fold = fold_of(runs(3), false, size);
    fold.adopt = true;
    story.want(fold);
    const auto folded = story.run();
    expect_equal(folded);
    EXPECT_TRUE(folded[0].own);
    EXPECT_EQ(story.streams.position("t").first, events.size());
    EXPECT_EQ(story.events_asked(), 0U) << "the own store has them";
  }
}

TEST(Refolder, AChainThatWentOnWhereTheTargetIsClosedIsLeft) {
  for (const int count : {4, 2000}) {
    Story story;
    story.own(runs(count));
    story.peer(honest(runs(3)));
    Fold fold = fold_of(runs(3), true, 16);
    fold.adopt = true;
    story.want(fold);
    expect_equal(story.run(), true);
    EXPECT_EQ(story.streams.position("t"), std::make_pair(std::uint64_t{16}, true));
  }
}

TEST(Refolder, AChainThatHasForgottenTheTargetAndIsAnotherIsLeft) {
  Story story;
  story.own(runs(2000, "mine", 1));
  story.peer(honest(runs(3)));
  Fold fold = fold_of(runs(3), false, 13);
  fold.adopt = true;
  story.want(fold);
  expect_equal(story.run(), true);
  EXPECT_EQ(story.streams.position("t").first, 13U);
}

TEST(Refolder, NobodyIsBelieved) {
  const std::vector<std::pair<std::string, Voice>> faults{
      {"silence", silent},
      {"other events", lying},
      {"too many",
       [](const AskEvents& ask) {
         Events answer = *honest(runs(3))(ask);
         answer.events.push_back("{}");
         return std::optional(answer);
       }},
      {"another place",
       [](const AskEvents& ask) {
         Events answer = *honest(runs(3))(ask);
         ++answer.first;
         return std::optional(answer);
       }},
      {"nothing", honest({})},
      {"half, then silence", [](const AskEvents& ask) {
         return ask.first % 5 > 2 ? std::nullopt : honest(runs(3), 2)(ask);
       }}};
  for (const bool known : {true, false}) {
    for (const auto& [name, voice] : faults) {
      Story story;
      if (known) story.own(runs(3, "mine", 2));
      story.peer(voice);
      story.peer(honest(runs(3), 4));
      Fold fold = fold_of(runs(3), false, 15);
      fold.adopt = true;
      story.want(fold);
      SCOPED_TRACE(name);
      expect_equal(story.run(), true);
      EXPECT_EQ(story.streams.tip("t")->head, fold.target.head);
    }
  }
}

TEST(Refolder, WhoGaveOtherEventsBeforeTheLastSegmentIsFoundOutByTheFold) {
  Story story;
  story.peer(honest(runs(3, "other", 0)));  // would have the wrong ones for the last segment, too
  story.peer(honest([] {
    Texts mixed = runs(3, "other", 0);
    const Texts right = runs(3);
    std::copy(right.begin() + 10, right.end(), mixed.begin() + 10);
    return mixed;
  }()));
  story.peer(honest(runs(3)));
  story.want(fold_of(runs(3), false, 15));
  expect_equal(story.run());
  EXPECT_GE(story.refolder.counters().lies, 1U);
}

TEST(Refolder, OtherVerdictsAreSeen) {
  Story story;
  story.own(runs(2));
  Fold fold = fold_of(runs(2), false, 10);
  fold.links.entries[3].code = 3001;
  fold.target.head =
      *validator::head_of("t", validator::RuleSet{}.id(), fold.links, fold.target.size);
  fold.adopt = true;
  story.want(fold);
  const auto folded = story.run();
  ASSERT_EQ(folded.size(), 1U);
  EXPECT_FALSE(folded[0].equal);
  EXPECT_FALSE(folded[0].rebased);
  EXPECT_EQ(story.streams.tip("t")->upto, 9U);
}

TEST(Refolder, OtherVerdictsBeforeTheLastSegmentAreSeenWhenAllHoldersGaveTheirs) {
  Story story;
  for (int i = 0; i < 3; ++i) story.peer(honest(runs(2)));
  Fold fold = fold_of(runs(2), false, 10);
  fold.links.previous.bytes[0] ^= 1;
  fold.target.head =
      *validator::head_of("t", validator::RuleSet{}.id(), fold.links, fold.target.size);
  story.want(fold);
  const auto folded = story.run();
  ASSERT_EQ(folded.size(), 1U);
  EXPECT_FALSE(folded[0].equal);
}

TEST(Refolder, AHeadThatItsLinksDoNotGiveIsNotEqual) {
  Story story;
  story.own(runs(1));
  Fold fold = fold_of(runs(1), false, 5);
  fold.target.head.bytes[0] ^= 1;
  story.want(fold);
  const auto folded = story.run();
  ASSERT_EQ(folded.size(), 1U);
  EXPECT_FALSE(folded[0].equal);
}

TEST(Refolder, GivesUpWhenNobodyHasTheEventsAndTriesAgainWhenAsked) {
  Story story;
  story.peer(honest({}));
  story.peer(silent);
  const Fold fold = fold_of(runs(2), false, 10);
  story.want(fold);
  EXPECT_TRUE(story.run().empty());
  EXPECT_EQ(story.refolder.pending(), 0U);
  EXPECT_EQ(story.refolder.counters().missing, 1U);
  ASSERT_EQ(story.notices.size(), 1U);
  EXPECT_EQ(std::get<EventsMissing>(story.notices[0]).stream, "t");
  EXPECT_GT(story.now, Instant{} + std::chrono::seconds(10)) << "silence may be a lost frame";
  story.voices[1].second = honest(runs(2));
  story.want(fold);
  expect_equal(story.run());
}

TEST(Refolder, WhatTheStoreHasLostComesFromOthers) {
  Story story;
  story.own(runs(3, "mine", 2));
  story.stored.resize(4);
  story.peer(honest(runs(3)));
  story.want(fold_of(runs(3), false, 15));
  expect_equal(story.run());
  EXPECT_EQ(story.asked[0].first, 4U);

  Story other;
  other.own(runs(3, "mine", 2));
  other.stored = runs(3, "never judged", 0);
  other.peer(honest(runs(3)));
  other.want(fold_of(runs(3), false, 15));
  expect_equal(other.run());
}

TEST(Refolder, OneAfterTheOtherMayHaveWhatComesNext) {
  // Two holders with halves of the last segment: who had nothing is asked again further on.
  Story story;
  story.own(runs(1, "mine", 0));
  const auto only = [](std::uint64_t remainder) {
    return [remainder](const AskEvents& ask) {
      return ask.first % 2 == remainder ? honest(runs(1), 1)(ask) : honest({})(ask);
    };
  };
  story.peer(only(0));
  story.peer(only(1));
  story.want(fold_of(runs(1), false, 5));
  expect_equal(story.run());
}

TEST(Refolder, ATaintedStreamIsPutOnItsCertifiedChainEvenWhenThatIsItsOwn) {
  Story story;
  story.own(runs(2));
  story.streams.taint("t");
  story.peer(honest(runs(2)));
  Fold fold = fold_of(runs(2), false, 10);
  story.want(fold);
  expect_equal(story.run());
  EXPECT_FALSE(story.streams.tip("t"));
  fold.adopt = true;
  story.want(fold);
  expect_equal(story.run(), true);
  EXPECT_TRUE(story.streams.tip("t"));
}

TEST(Refolder, ALateAnswerIsNotTaken) {
  Story story;
  story.own(runs(1, "mine", 0));
  const Fold fold = fold_of(runs(1), false, 5);
  story.peer(silent);
  story.want(fold);
  ASSERT_EQ(story.asked.size(), 1U);
  Outbox out;
  story.refolder.on_events(story.now, peer_named(1), 99, *honest(runs(1))(story.asked[0]), {}, out);
  story.refolder.on_events(story.now, peer_named(2), 1, *honest(runs(1))(story.asked[0]), {}, out);
  EXPECT_EQ(story.refolder.pending(), 1U);
  EXPECT_TRUE(out.sends.empty());
  story.refolder.on_events(story.now, peer_named(1), 1, *honest(runs(1))(story.asked[0]), {}, out);
  expect_equal(story.refolder.take_folded());
}

TEST(Refolder, ACertifiedTargetIsNotGivenUpForAnUncertifiedOne) {
  Story story;
  story.own(runs(2, "mine", 0));
  story.peer(silent);
  Fold certified = fold_of(runs(2), false, 5);
  certified.adopt = true;
  story.want(certified);
  story.want(fold_of(runs(2), false, 10));
  EXPECT_EQ(story.refolder.pending(), 2U);
  story.want(fold_of(runs(2), false, 9));
  EXPECT_EQ(story.refolder.pending(), 2U) << "the newer one takes the place of the older";
  story.voices[0].second = honest(runs(2));
  const auto folded = story.run();
  ASSERT_EQ(folded.size(), 2U);
  EXPECT_TRUE(folded[0].rebased);
  EXPECT_EQ(folded[1].target.size, 9U);
  EXPECT_TRUE(folded[1].equal);
}

TEST(Refolder, IsBounded) {
  RefoldLimits limits;
  limits.active_max = 2;
  limits.waiting_max = 1;
  limits.stream_bytes_max = 100;
  Story story(limits);
  story.peer(silent);
  Outbox out;
  for (const char* name : {"a", "b", "c", "d"}) {
    Fold fold = fold_of(runs(1), false, 5, name);
    fold.holders = {peer_named(1)};
    EXPECT_EQ(story.refolder.want(story.now, fold, out), name != std::string("d"));
  }
  EXPECT_EQ(out.sends.size(), 2U);
  EXPECT_EQ(story.refolder.pending(), 3U);
  EXPECT_EQ(story.refolder.counters().dropped, 1U);
  story.carry(std::move(out));
  story.voices[0].second = honest(runs(1));
  EXPECT_EQ(story.run().size(), 0U);
  EXPECT_EQ(story.refolder.counters().too_large, 3U) << "each took the place of one that ended";
}

}  // namespace
}  // namespace vouch::sync::refolder_test
