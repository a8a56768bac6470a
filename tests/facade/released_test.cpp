// Late questions about a stream or a proposal that left memory are answered as before.
// SPDX-License-Identifier: MIT
#include <chrono>

#include "tests/transport/temporary_folder.hpp"
#include <gtest/gtest.h>

#include "vouch/distributed_validator.hpp"

namespace vouch::released_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// One peer that keeps nothing that is over in memory.
class KeepsNothing : public testing::Test {
 protected:
  void SetUp() override {
    Config config;
    config.data = folder_.path / "data";
    config.listen = config.gossip_listen = "tcp://127.0.0.1:*";
    config.finished_kept = 0;
    auto opened = DistributedValidator::open(config);
    ASSERT_TRUE(opened) << opened.error().text();
    peer_ = std::move(*opened);
    ASSERT_TRUE(peer_->start());
  }

  void restart() {
    peer_->stop();
    ASSERT_TRUE(peer_->start());
  }

  /// Until its dump has it, at most 20 s.
  bool tells(std::string_view what) {
    const auto until = std::chrono::steady_clock::now() + seconds(20);
    while (std::chrono::steady_clock::now() < until) {
      if (peer_->dump({"finished"}).value_or("").find(what) != std::string::npos) return true;
      // Nobody attests that far: for a while.
      (void)peer_->stream("none").wait(9, Strength::majority, milliseconds(10));
    }
    return false;
  }

  TemporaryFolder folder_;
  std::unique_ptr<DistributedValidator> peer_;
};

using ReleasedStream = KeepsNothing;
using ReleasedProposal = KeepsNothing;

TEST_F(ReleasedStream, AnswersLateQuestions) {
  Stream stream = peer_->stream("t");
  ASSERT_TRUE(stream.submit(R"({"type":"RUN_STARTED","threadId":"t","runId":"r"})"));
  const auto last = stream.submit(R"({"type":"RUN_FINISHED","threadId":"t","runId":"r"})");
  ASSERT_TRUE(last);
  ASSERT_TRUE(stream.close());
  ASSERT_TRUE(tells(R"("released":1)"));

  for (const bool restarted : {false, true}) {
    if (restarted) restart();
    EXPECT_EQ(stream.position(), std::pair(std::uint64_t{3}, true));
    EXPECT_EQ(stream.submit("{}").error().code, Errc::not_allowed);
    EXPECT_EQ(stream.close().error().code, Errc::not_allowed);
    for (const Strength strength : {Strength::majority, Strength::unanimous, Strength::pbft}) {
      const auto support = stream.wait(2, strength, seconds(5));
      ASSERT_TRUE(support) << support.error().text();
      EXPECT_TRUE(support->reached) << static_cast<int>(strength);
      EXPECT_EQ(support->certificate.has_value(), strength == Strength::pbft);
    }
    EXPECT_TRUE(peer_->await(last->token, seconds(5)));
    const auto beyond = stream.wait(3, Strength::majority, milliseconds(50));
    ASSERT_TRUE(beyond);
    EXPECT_FALSE(beyond->reached) << "it has no such entry";
  }
}

TEST_F(ReleasedProposal, KeepsItsValue) {
  const auto first = peer_->propose("leader", "red", seconds(20));
  ASSERT_TRUE(first) << first.error().text();
  ASSERT_TRUE(tells(R"("proposals_released":1)"));
  for (const bool restarted : {false, true}) {
    if (restarted) restart();
    const auto again = peer_->propose("leader", "blue", seconds(20));
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(again->value, "red");
    EXPECT_FALSE(again->own);
    EXPECT_EQ(again->certificate, first->certificate);
  }
}

}  // namespace
}  // namespace vouch::released_test
