// Four peers in one process that vote: who waits in the middle of a run gets an early certificate,
// and who proposes at the same time as somebody else gets the value that everybody gets.
// SPDX-License-Identifier: MIT
#include <future>

#include "tests/facade/voting_peers.hpp"
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "vouch/membership/roster.hpp"

namespace vouch::agreement_test {
namespace {

using std::chrono::seconds;

struct Agreeing : VotingPeers {};

TEST_F(Agreeing, WhoWaitsInTheMiddleOfARunGetsAnEarlyCertificate) {
  Stream stream = peers[0]->stream("t");
  for (const char* event : {R"({"type":"RUN_STARTED","threadId":"t","runId":"r"})",
                            R"({"type":"TEXT_MESSAGE_START","messageId":"m"})",
                            R"({"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":"x"})"}) {
    ASSERT_TRUE(stream.submit(event));
  }
  const auto support = stream.wait(1, Strength::pbft, seconds(20));
  ASSERT_TRUE(support) << support.error().text();
  ASSERT_TRUE(support->reached);
  EXPECT_EQ(support->needed, 3U);
  ASSERT_TRUE(support->certificate);
  EXPECT_GT(support->certificate->value.size, 1U);
  EXPECT_LE(support->certificate->value.size, 3U);
  EXPECT_GE(support->certificate->commits.size(), support->needed);
  EXPECT_EQ(stream.position(), std::pair(std::uint64_t{3}, false)) << "the run is still open";
}

TEST_F(Agreeing, WhoMovesToAnotherPeerReadsTheirWrites) {
  CausalToken token;
  for (const char* name : {"a", "b"}) {
    Stream stream = peers[0]->stream(name);
    const auto taken =
        stream.submit(fmt::format(R"({{"type":"RUN_STARTED","threadId":"{}","runId":"r"}})", name));
    ASSERT_TRUE(taken) << taken.error().text();
    token.join(taken->token);
  }
  const auto carried = CausalToken::parse(token.text());
  ASSERT_TRUE(carried) << carried.error().text();
  for (const auto& peer : peers) {
    const auto there = peer->await(*carried, seconds(20));
    ASSERT_TRUE(there) << there.error().text();
    for (const char* name : {"a", "b"}) {
      const auto standing = peer->stream(name).standing(0);
      ASSERT_TRUE(standing) << standing.error().text();
      const bool judged = peer->stream(name).position().first > 0;
      EXPECT_TRUE(judged || standing->missing.size() < peers.size()) << "nothing is known of it";
    }
  }
}

TEST_F(Agreeing, WhoAwaitsWhatNobodyWroteIsToldWhatIsMissing) {
  const auto id = peers[0]->status()->id;
  const auto there = peers[1]->await(CausalToken({id, "first"}, 5), std::chrono::milliseconds(50));
  ASSERT_FALSE(there);
  EXPECT_EQ(there.error().code, Errc::timed_out);
  EXPECT_NE(there.error().detail.find("stream first"), std::string::npos) << there.error().text();
}

TEST_F(Agreeing, WhoProposesAtOnceGetsOneValue) {
  const auto proposed = [this](std::size_t peer, const char* value) {
    return std::async(std::launch::async, [this, peer, value] {
      return peers[peer]->propose("leader", value, seconds(20));
    });
  };
  auto first = proposed(0, "red"), second = proposed(1, "blue");
  const auto one = first.get(), other = second.get();
  ASSERT_TRUE(one) << one.error().text();
  ASSERT_TRUE(other) << other.error().text();
  EXPECT_EQ(one->value, other->value);
  EXPECT_EQ(one->certificate.value, other->certificate.value);
  EXPECT_EQ(one->certificate.height, other->certificate.height);
  EXPECT_EQ(one->own, one->value == "red");
  EXPECT_EQ(other->own, other->value == "blue");
  EXPECT_NE(one->own, other->own) << "somebody proposed it";
}

TEST_F(Agreeing, WhoWasAwayIsToldTheValueByOthers) {
  peers[3]->stop();
  const auto decided = peers[0]->propose("leader", "red", seconds(20));
  ASSERT_TRUE(decided) << decided.error().text();
  ASSERT_TRUE(peers[3]->start());
  const auto later = peers[3]->propose("leader", "blue", seconds(20));
  ASSERT_TRUE(later) << later.error().text();
  EXPECT_EQ(later->value, "red");
  EXPECT_FALSE(later->own);
}

TEST_F(Agreeing, WhatWasDecidedOutlivesAllPeers) {
  const auto decided = peers[0]->propose("leader", "red", seconds(20));
  ASSERT_TRUE(decided) << decided.error().text();
  for (const auto& peer : peers) ASSERT_TRUE(peer->propose("leader", "blue", seconds(20)));
  for (const auto& peer : peers) peer->stop();
  for (const auto& peer : peers) ASSERT_TRUE(peer->start());
  for (const auto& peer : peers) {
    const auto again = peer->propose("leader", "green", seconds(20));
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(again->value, "red");
    EXPECT_EQ(again->certificate.value, decided->certificate.value);
  }
}

}  // namespace
}  // namespace vouch::agreement_test
