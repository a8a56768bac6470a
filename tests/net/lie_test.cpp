// The demo's liar against real daemons: a voter that tells two stories is found, outvoted, proven.
// SPDX-License-Identifier: MIT
#include "tests/net/daemons.hpp"
#include "tools/demo_lie.hpp"

namespace vouch::net {
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

TEST_F(Lie, WithoutTimeForItIsNotCalledCaught) {
  const auto lie = play(milliseconds(0));
  ASSERT_TRUE(lie) << lie.error().text();
  EXPECT_FALSE(lie->caught());
}

}  // namespace
}  // namespace vouch::net
