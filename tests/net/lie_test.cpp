// The demo's liar against real daemons: a voter that tells two stories is found, outvoted, proven.
// SPDX-License-Identifier: MIT
#include "tests/net/daemons.hpp"
#include "tests/tools/process.hpp"
#include "tools/demo_lie.hpp"

#include "vouch/schemas/json_parse.hpp"

namespace vouch::net::lie_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Four peers that know each other's logs.
struct Lie : testing::Test {
  Daemons peers{4};
  std::vector<std::string> said;

  void SetUp() override {
    peers.start_all();
    peers.submit(3, "before", run_events("before", 3));
    ASSERT_TRUE(within(seconds(20), [&] { return peers.converged({0, 1, 2, 3}, 4); }));
  }
  Result<tools::LieOutcome> play(milliseconds time) {
    return tools::play_lie(peers.cluster(), time,
                           [this](const std::string& line) { said.push_back(line); });
  }
};

TEST_F(Lie, IsFoundOutvotedAndProven) {
  const auto lie = play(seconds(20));
  ASSERT_TRUE(lie) << lie.error().text();
  EXPECT_TRUE(lie->found());
  EXPECT_TRUE(lie->outvoted());
  EXPECT_TRUE(lie->proven());
  EXPECT_GT(lie->view, 0U) << "two of four heads are no quorum: it took a vote";
  EXPECT_NE(lie->offence.find("payment"), std::string::npos) << lie->offence;
  const json::Value dump = peers.dump(1);
  const json::Value* stream = find_by(tools::list(dump, "streams"), "stream", "payment");
  ASSERT_NE(stream, nullptr);
  EXPECT_TRUE(tools::flag(*stream, "agreed")) << "who was deceived attests what was certified";
}

/// Who signed for the disputes of "payment" that `vouch-dump disputes` shows, and how it ends.
void expect_settled(const std::vector<std::string>& source, const std::string& honest) {
  std::vector<std::string> words{"disputes", "payment", "--json"};
  words.insert(words.end(), source.begin(), source.end());
  const tools::Ran ran = tools::run("vouch-dump", words);
  EXPECT_EQ(ran.code, 0) << ran.err << ran.out;
  const auto shown = json::parse(ran.out);
  ASSERT_TRUE(shown) << ran.out;
  EXPECT_EQ(tools::number(*shown, "open"), 0U);
  ASSERT_EQ(tools::list(*shown, "disputes").size(), 1U) << ran.out;
  const json::Value& one = tools::list(*shown, "disputes").front();
  EXPECT_EQ(tools::text(one, "state"), "settled");
  const json::Value* certificate = one.find("certificate");
  ASSERT_NE(certificate, nullptr);
  EXPECT_EQ(tools::text(*certificate, "head"), honest);
  EXPECT_EQ(tools::list(*certificate, "signers").size(), 3U);
}

TEST_F(Lie, IsSeenAsADisputeAfterwardsLiveAndInTheFolder) {
  const auto lie = play(seconds(20));
  ASSERT_TRUE(lie && lie->caught());
  expect_settled({"--peer", peers[0].socket}, lie->true_head);
  const tools::Ran health = tools::run("vouch-dump", {"health", "--peer", peers[0].socket});
  EXPECT_EQ(health.code, 0) << health.out;
  EXPECT_NE(health.out.find(" (proven to lie: it "), std::string::npos) << health.out;
  const tools::Ran metrics = tools::run("vouch-dump", {"metrics", "--peer", peers[0].socket});
  EXPECT_NE(metrics.out.find("\nvouch_disputes_total 1\n"), std::string::npos) << metrics.out;
  ASSERT_TRUE(peers.cluster().stop_all(seconds(10)));
  expect_settled({"--data", peers[0].data()}, lie->true_head);
}

TEST_F(Lie, WithoutTimeForItIsNotCalledCaught) {
  const auto lie = play(milliseconds(0));
  ASSERT_TRUE(lie) << lie.error().text();
  EXPECT_FALSE(lie->caught());
}

testing::AssertionResult says(Daemons& peers, int code, const std::string& what) {
  const tools::Ran ran = tools::run("vouch-dump", {"health", "--peer", peers[0].socket});
  if (ran.code == code && ran.out.find(what) != std::string::npos) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure() << ran.code << ran.out << ran.err;
}

TEST(Health, AMinoritySaysWhyItDoesNotDecide) {
  Daemons peers(4);
  peers.start_all();
  EXPECT_TRUE(within(seconds(20), [&] {
    return says(peers, 0, "ok: 4 of 4 voters heard, 3 needed to decide\n");
  }));
  EXPECT_TRUE(within(seconds(20), [&] {
    const std::size_t named = tools::list(peers.dump(0), "members").size();
    return named == 4 ? testing::AssertionSuccess() : testing::AssertionFailure() << named;
  })) << "a voter is called by its key until it has written its name";
  peers.cluster().kill(peers[2]);
  peers.cluster().kill(peers[3]);
  EXPECT_TRUE(within(seconds(20), [&] {
    return says(peers, 1, "cannot decide: 2 of 4 voters heard, 3 needed; absent: ");
  }));
  EXPECT_TRUE(says(peers, 1, "c (silent for "));
}

}  // namespace
}  // namespace vouch::net::lie_test
