// What submitters of one stream are told, and what the rest of the peer gets to know of it.
// SPDX-License-Identifier: MIT
#include "vouch/ingest/stream_table.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "vouch/schemas/limits.hpp"

namespace vouch::ingest::stream_table_test {
namespace {

const std::vector<std::string> run{
    R"({"type":"RUN_STARTED","threadId":"t","runId":"r"})",
    R"({"type":"TEXT_MESSAGE_START","messageId":"m","role":"assistant"})",
    R"({"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":"hello"})",
    R"({"type":"TEXT_MESSAGE_END","messageId":"m"})",
    R"({"type":"RUN_FINISHED","threadId":"t","runId":"r"})"};

StreamTable table(TableLimits limits = {}) {
  return StreamTable(validator::Policy{}, limits);
}

Hash head_of(StreamTable& streams) {
  const auto tip = streams.tip("t");
  EXPECT_TRUE(tip);
  return tip ? tip->head : Hash{};
}

Hash head_in_order() {
  StreamTable streams = table();
  for (const std::string& event : run) EXPECT_TRUE(streams.submit("t", event, std::nullopt));
  return head_of(streams);
}

TEST(StreamTable, EveryOrderInsideTheWindowGivesTheSameHead) {
  const Hash expected = head_in_order();
  std::vector<std::size_t> order{0, 1, 2, 3, 4};
  do {
    StreamTable streams = table();
    std::size_t judged = 0;
    for (const std::size_t i : order) {
      const auto answer = streams.submit("t", run[i], i);
      ASSERT_TRUE(answer) << answer.error().text();
      judged += answer->verdicts.size();
      EXPECT_EQ(answer->answer == Answer::waiting, answer->verdicts.empty());
    }
    EXPECT_EQ(judged, run.size());
    EXPECT_EQ(head_of(streams), expected);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(StreamTable, TheSameEventAgainIsADuplicateAnotherIsRefused) {
  StreamTable streams = table();
  ASSERT_TRUE(streams.submit("t", run[0], 0));
  const auto again = streams.submit("t", R"({"runId":"r","type":"RUN_STARTED","threadId":"t"})", 0);
  ASSERT_TRUE(again) << "member order is no difference";
  EXPECT_EQ(again->answer, Answer::duplicate);
  const auto other = streams.submit("t", run[1], 0);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Errc::out_of_order);
  EXPECT_EQ(streams.position("t").first, 1u);
}

TEST(StreamTable, TheWindowIsBounded) {
  TableLimits limits;
  limits.window_events_max = 2;
  StreamTable streams = table(limits);
  EXPECT_TRUE(streams.submit("t", run[1], 1));
  EXPECT_TRUE(streams.submit("t", run[2], 2));
  const auto beyond = streams.submit("t", run[3], 3);
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().code, Errc::out_of_order);
  EXPECT_EQ(streams.submit("t", run[0], 0)->verdicts.size(), 3u) << "what waited is released";
}

TEST(StreamTable, WhatIsRefusedTakesNoIndex) {
  StreamTable streams = table();
  const std::string large(limits::event_bytes_max + 1, 'x');
  EXPECT_EQ(streams.submit("t", large, std::nullopt).error().code, Errc::too_large);
  EXPECT_EQ(streams.submit("", run[0], std::nullopt).error().code, Errc::too_large);
  EXPECT_EQ(streams.position("t"), std::make_pair(std::uint64_t{0}, false));
}

TEST(StreamTable, AClosedStreamStaysClosed) {
  StreamTable streams = table();
  for (const std::string& event : run) ASSERT_TRUE(streams.submit("t", event, std::nullopt));
  const auto closing = streams.close("t");
  ASSERT_TRUE(closing);
  EXPECT_EQ(closing->outcome, validator::Outcome::accepted);
  EXPECT_EQ(*streams.close("t"), *closing) << "closing twice gives the same answer";
  EXPECT_EQ(streams.submit("t", run[0], std::nullopt).error().code, Errc::not_allowed);
  std::vector<Progress> news;
  streams.collect(news);
  streams.retire("t");
  EXPECT_EQ(streams.position("t"), std::make_pair(std::uint64_t{6}, true));
  EXPECT_EQ(streams.submit("t", run[0], std::nullopt).error().code, Errc::not_allowed);
  EXPECT_EQ(streams.open_streams(), 0u);
}

TEST(StreamTable, AStreamThatNobodyCertifiesIsFullAtLast) {
  StreamTable streams = table();
  const std::string ends[] = {R"({"type":"RUN_STARTED","threadId":"t","runId":"r"})",
                              R"({"type":"RUN_FINISHED","threadId":"t","runId":"r"})"};
  std::uint64_t taken = 0;
  while (streams.submit("t", ends[taken % 2], std::nullopt)) ++taken;
  EXPECT_GE(taken, validator::Chain::ends_max);
  EXPECT_EQ(streams.submit("t", ends[0], std::nullopt).error().code, Errc::busy);
  EXPECT_EQ(streams.submit("t", ends[0], taken - 2)->answer, Answer::duplicate);
  EXPECT_TRUE(streams.push("t", taken, run, false).full);
  streams.certified("t", 2);
  EXPECT_TRUE(streams.submit("t", ends[0], std::nullopt));
}

TEST(StreamTable, OpenStreamsAreBounded) {
  TableLimits limits;
  limits.streams_max = 2;
  StreamTable streams = table(limits);
  EXPECT_TRUE(streams.submit("a", run[0], std::nullopt));
  EXPECT_TRUE(streams.submit("b", run[0], std::nullopt));
  EXPECT_EQ(streams.submit("c", run[0], std::nullopt).error().code, Errc::busy);
  EXPECT_TRUE(streams.push("c", 0, run, false).full);
  EXPECT_TRUE(streams.close("a"));
  EXPECT_TRUE(streams.submit("c", run[0], std::nullopt));
}

TEST(StreamTable, APushIsJudgedLikeASubmitAndComparedWhereHeld) {
  StreamTable streams = table();
  const PushOutcome first = streams.push("t", 0, std::span(run).first(3), false);
  EXPECT_EQ(first.next, 3u);
  EXPECT_FALSE(first.conflict);
  const PushOutcome gap = streams.push("t", 4, std::span(run).subspan(4), true);
  EXPECT_EQ(gap.next, 3u) << "a gap is answered by what is needed";
  EXPECT_FALSE(streams.position("t").second);
  const PushOutcome rest = streams.push("t", 1, std::span(run).subspan(1), true);
  EXPECT_EQ(rest.next, 6u);
  EXPECT_EQ(rest.digests.size(), 4u);
  EXPECT_TRUE(streams.position("t").second);
}

TEST(StreamTable, APushOfAnotherEventAtAHeldIndexIsAConflict) {
  StreamTable streams = table();
  streams.push("t", 0, std::span(run).first(3), false);
  const std::vector<std::string> other{R"({"type":"TEXT_MESSAGE_END","messageId":"m"})"};
  EXPECT_TRUE(streams.push("t", 2, other, false).conflict);
  EXPECT_EQ(streams.position("t").first, 3u);
}

TEST(StreamTable, WhatFollowsAConflictIsOfAnotherChainAndNotTaken) {
  StreamTable streams = table();
  streams.push("t", 0, std::span(run).first(3), false);
  std::vector<std::string> others(run.begin() + 2, run.end());
  others[0] = R"({"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":"other"})";
  for (const bool closes : {false, true}) {
    EXPECT_TRUE(streams.push("t", 2, others, closes).conflict);
    EXPECT_EQ(streams.position("t").first, 3u);
  }
  EXPECT_TRUE(streams.push("t", 2, std::span(others).first(1), true).conflict);
  EXPECT_FALSE(streams.position("t").second) << "nor is a stream of ours closed by it";
}

TEST(StreamTable, RestoringGivesTheSameHeadAndNoNews) {
  StreamTable streams = table();
  streams.restore("t", {}, run, false, false);
  EXPECT_FALSE(streams.has_news());
  EXPECT_EQ(head_of(streams), head_in_order());
}

TEST(StreamTable, NewsNameEveryEventOnceAndAreUrgentWhenARunEnds) {
  StreamTable streams = table();
  std::vector<Progress> news;
  for (std::size_t i = 0; i < run.size(); ++i) {
    ASSERT_TRUE(streams.submit("t", run[i], std::nullopt));
    EXPECT_EQ(streams.urgent(), i + 1 == run.size());
    if (i == 1) streams.collect(news);
  }
  streams.collect(news);
  ASSERT_EQ(news.size(), 2u);
  EXPECT_EQ(news[0].first, 0u);
  EXPECT_EQ(news[0].items.size(), 2u);
  EXPECT_EQ(news[1].first, 2u);
  EXPECT_EQ(news[1].items.size(), 3u);
  ASSERT_TRUE(news[1].checkpoint);
  EXPECT_EQ(news[1].checkpoint->upto, 4u);
  EXPECT_TRUE(news[1].checkpoint->summary.run_ended);
  EXPECT_FALSE(streams.has_news());
}

/// The run with another text in it.
std::vector<std::string> other_run() {
  std::vector<std::string> out = run;
  out[2] = R"({"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":"good bye"})";
  return out;
}

TEST(StreamTable, ShowsTheLinksOfItsChain) {
  StreamTable streams = table();
  EXPECT_FALSE(streams.links("t", 0, 1));
  EXPECT_FALSE(streams.end_after("t", 0));
  streams.push("t", 0, run, true);
  const auto end = streams.end_after("t", 0);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->size, 5u) << "a run ends its segment";
  EXPECT_EQ(end->head, streams.head_at("t", 4));
  EXPECT_EQ(streams.end_after("t", 5)->size, 6u) << "and so does the close mark";
  const auto links = streams.links("t", 2, 5);
  ASSERT_TRUE(links);
  EXPECT_EQ(validator::head_of("t", validator::RuleSet{}.id(), *links, 3), streams.head_at("t", 2));
  streams.certified("t", 5);
  EXPECT_FALSE(streams.links("t", 2, 5));
  EXPECT_TRUE(streams.links("t", 5, 6));
}

TEST(StreamTable, AFoldGivesTheLinksOfTheseEventsAndLeavesTheChainAlone) {
  StreamTable streams = table();
  streams.push("t", 0, other_run(), true);
  const Hash before = head_of(streams);
  StreamTable elsewhere = table();
  elsewhere.push("t", 0, run, true);
  EXPECT_EQ(streams.fold("t", {}, run, true, 2)->links, elsewhere.links("t", 2, 5));
  EXPECT_EQ(streams.fold("t", {}, run, true, 5)->links, elsewhere.links("t", 5, 6));
  EXPECT_EQ(streams.fold("t", {}, std::span(run).first(4), false, 2)->links,
            elsewhere.links("t", 2, 4));
  EXPECT_FALSE(streams.fold("t", {}, run, false, 5)) << "they end before it";
  EXPECT_EQ(streams.fold("new", {}, run, true, 5)->links.first, 5u) << "no stream is needed for it";
  EXPECT_EQ(head_of(streams), before);
  EXPECT_EQ(streams.open_streams(), 0u);
}

TEST(StreamTable, ARebasedStreamGoesOnFromItsNewChain) {
  StreamTable streams = table();
  streams.push("t", 0, other_run(), false);
  ASSERT_TRUE(streams.submit("t", run[0], 7)) << "it waits";
  streams.taint("t");
  ASSERT_TRUE(streams.rebase("t", {}, std::span(run).first(3), false));
  EXPECT_EQ(streams.position("t"), std::make_pair(std::uint64_t{3}, false));
  EXPECT_EQ(streams.fresh_bytes(), 0u) << "what was news is none any more";
  ASSERT_TRUE(streams.submit("t", run[3], std::nullopt));
  ASSERT_TRUE(streams.submit("t", run[4], std::nullopt));
  EXPECT_EQ(head_of(streams), head_in_order());
  std::vector<Progress> news;
  streams.collect(news);
  ASSERT_EQ(news.size(), 1u);
  EXPECT_EQ(news[0].first, 3u);
  EXPECT_EQ(news[0].items.size(), 2u);
  EXPECT_FALSE(news[0].tainted);
  EXPECT_EQ(news[0].checkpoint->upto, 4u);
  EXPECT_TRUE(streams.submit("t", run[0], 8)->verdicts.empty()) << "nothing waited before it";
}

TEST(StreamTable, ARebasedStreamIsNewsAndNotOfASubmitter) {
  StreamTable streams = table();
  streams.push("t", 0, other_run(), true);
  std::vector<Progress> news;
  streams.collect(news);
  EXPECT_EQ(streams.open_streams(), 0u);
  ASSERT_TRUE(streams.rebase("t", {}, run, false)) << "the mark was not certified";
  EXPECT_EQ(streams.open_streams(), 1u);
  EXPECT_TRUE(streams.urgent());
  news.clear();
  streams.collect(news);
  ASSERT_EQ(news.size(), 1u);
  EXPECT_TRUE(news[0].items.empty());
  EXPECT_FALSE(news[0].local);
  EXPECT_FALSE(news[0].closed);
  EXPECT_EQ(news[0].checkpoint->head, head_in_order());
  ASSERT_TRUE(streams.rebase("t", {}, run, true));
  EXPECT_EQ(streams.open_streams(), 0u);
  EXPECT_TRUE(streams.close("t")) << "it is closed already";
}

TEST(StreamTable, ARebaseOpensAStreamWhereThereIsRoom) {
  TableLimits limits;
  limits.streams_max = 1;
  StreamTable streams = table(limits);
  ASSERT_TRUE(streams.rebase("t", {}, run, false));
  EXPECT_EQ(head_of(streams), head_in_order());
  EXPECT_FALSE(streams.rebase("u", {}, run, false));
  EXPECT_EQ(streams.position("u").first, 0u);
  ASSERT_TRUE(streams.close("t"));
  std::vector<Progress> news;
  streams.collect(news);
  ASSERT_TRUE(streams.retire("t"));
  EXPECT_FALSE(streams.rebase("t", {}, run, false)) << "settled";
}

}  // namespace
}  // namespace vouch::ingest::stream_table_test
