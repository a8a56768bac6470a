// When a peer says how far it is: on the beat, after many events, at once when it matters.
// SPDX-License-Identifier: MIT
#include "vouch/ingest/attestor.hpp"

#include <gtest/gtest.h>

#include "vouch/ingest/stream_table.hpp"

namespace vouch::ingest::attestor_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A table and its attestor, stepped by hand.
struct Story {
  StreamTable streams{validator::Policy{}, {}};
  Attestor attestor{seconds(1)};
  Instant now{};

  void submit(const std::string& stream, std::size_t events) {
    for (std::size_t i = 0; i < events; ++i) {
      const bool first = streams.position(stream).first == 0;
      const std::string event = first ? R"({"type":"RUN_STARTED","threadId":"t","runId":"r"})"
                                      : R"({"type":"CUSTOM","name":"n","value":1})";
      EXPECT_TRUE(streams.submit(stream, event, std::nullopt));
    }
    collect();
  }
  void collect() {
    std::vector<Progress> news;
    streams.collect(news);
    for (const Progress& progress : news) attestor.on_progress(now, progress);
  }
  /// The attested ends by stream, and nothing else.
  std::map<std::string, std::uint64_t> take() {
    std::map<std::string, std::uint64_t> out;
    for (const Attestation& claim : attestor.take(now, streams)) out[claim.stream] = claim.upto;
    return out;
  }
};

using Taken = std::map<std::string, std::uint64_t>;

TEST(Attestor, WaitsForTheBeatAndNamesAComparablePoint) {
  Story story;
  story.submit("a", 100);
  EXPECT_EQ(story.take(), Taken{});
  EXPECT_EQ(story.attestor.next_deadline(), Instant{} + seconds(1));
  story.now += milliseconds(500);
  story.submit("a", 1);
  story.now += milliseconds(500);
  EXPECT_EQ(story.take(), (Taken{{"a", 63}})) << "a multiple of 64 while the stream goes on";
}

TEST(Attestor, TheTipOfAQuietStreamFollows) {
  Story story;
  story.submit("a", 100);
  story.now += seconds(1);
  story.take();
  story.now += seconds(1);
  EXPECT_EQ(story.take(), (Taken{{"a", 99}}));
  EXPECT_FALSE(story.attestor.next_deadline()) << "nothing is left to say";
}

TEST(Attestor, ManyEventsDoNotWait) {
  Story story;
  story.submit("a", 255);
  EXPECT_EQ(story.take(), Taken{});
  story.submit("a", 1);
  EXPECT_EQ(story.take(), (Taken{{"a", 255}}));
}

TEST(Attestor, ARunEndDoesNotWaitAndTakesOtherStreamsAlong) {
  Story story;
  story.submit("a", 70);
  story.submit("b", 3);
  EXPECT_TRUE(story.streams.submit("b", R"({"type":"RUN_FINISHED","threadId":"t","runId":"r"})",
                                   std::nullopt));
  story.collect();
  EXPECT_EQ(story.take(), (Taken{{"a", 63}, {"b", 3}}));
}

TEST(Attestor, WhoWaitsIsAnsweredAtOnce) {
  Story story;
  story.submit("a", 5);
  story.streams.attest_now("a");
  story.collect();
  EXPECT_EQ(story.take(), (Taken{{"a", 4}}));
}

TEST(Attestor, ATaintedStreamIsNeverAttested) {
  Story story;
  story.submit("a", 5);
  story.streams.taint("a");
  story.submit("a", 1);
  story.now += seconds(5);
  EXPECT_EQ(story.take(), Taken{});
}

TEST(Attestor, NeverFallsBehindWhatAnEarlierLifeSaid) {
  Story story;
  story.attestor.restore("a", 80);
  story.submit("a", 70);
  story.now += seconds(5);
  EXPECT_EQ(story.take(), Taken{});
  story.submit("a", 70);
  story.now += seconds(5);
  EXPECT_EQ(story.take(), (Taken{{"a", 127}}));
}

TEST(Attestor, AStreamOnAnotherChainIsAttestedAnew) {
  Story story;
  story.submit("a", 5);
  story.now += seconds(2);
  EXPECT_EQ(story.take(), (Taken{{"a", 4}}));
  const std::vector<std::string> others(5, R"({"type":"CUSTOM","name":"other","value":1})");
  ASSERT_TRUE(story.streams.rebase("a", {}, others, false));
  story.attestor.rebase("a");
  story.collect();
  EXPECT_EQ(story.take(), (Taken{{"a", 4}})) << "the old word contradicts what was certified";
}

}  // namespace
}  // namespace vouch::ingest::attestor_test
