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

TEST(ReleasedStream, AnswersLateQuestions) {
  const TemporaryFolder folder;
  Config config;
  config.data = folder.path / "data";
  config.listen = config.gossip_listen = "tcp://127.0.0.1:*";
  config.finished_kept = 0;
  auto peer = DistributedValidator::open(config);
  ASSERT_TRUE(peer) << peer.error().text();
  ASSERT_TRUE((*peer)->start());
  Stream stream = (*peer)->stream("t");
  ASSERT_TRUE(stream.submit(R"({"type":"RUN_STARTED","threadId":"t","runId":"r"})"));
  const auto last = stream.submit(R"({"type":"RUN_FINISHED","threadId":"t","runId":"r"})");
  ASSERT_TRUE(last);
  ASSERT_TRUE(stream.close());
  const auto until = std::chrono::steady_clock::now() + seconds(20);
  const auto released = [&] {
    return (*peer)->dump().value_or("").find(R"("released":1)") != std::string::npos;
  };
  while (!released() && std::chrono::steady_clock::now() < until) {
    (void)stream.wait(99, Strength::majority, milliseconds(10));  // nobody attests that far
  }
  ASSERT_TRUE(released());

  for (const bool restarted : {false, true}) {
    if (restarted) {
      (*peer)->stop();
      ASSERT_TRUE((*peer)->start());
    }
    EXPECT_EQ(stream.position(), std::pair(std::uint64_t{3}, true));
    EXPECT_EQ(stream.submit("{}").error().code, Errc::not_allowed);
    EXPECT_EQ(stream.close().error().code, Errc::not_allowed);
    for (const Strength strength : {Strength::majority, Strength::unanimous, Strength::pbft}) {
      const auto support = stream.wait(2, strength, seconds(5));
      ASSERT_TRUE(support) << support.error().text();
      EXPECT_TRUE(support->reached) << static_cast<int>(strength);
      EXPECT_EQ(support->certificate.has_value(), strength == Strength::pbft);
    }
    EXPECT_TRUE((*peer)->await(last->token, seconds(5)));
    const auto beyond = stream.wait(3, Strength::majority, milliseconds(50));
    ASSERT_TRUE(beyond);
    EXPECT_FALSE(beyond->reached) << "it has no such entry";
  }
}

TEST(ReleasedProposal, KeepsItsValue) {
  const TemporaryFolder folder;
  Config config;
  config.data = folder.path / "data";
  config.listen = config.gossip_listen = "tcp://127.0.0.1:*";
  config.finished_kept = 0;
  auto peer = DistributedValidator::open(config);
  ASSERT_TRUE(peer) << peer.error().text();
  ASSERT_TRUE((*peer)->start());
  const auto first = (*peer)->propose("leader", "red", seconds(20));
  ASSERT_TRUE(first) << first.error().text();
  const auto until = std::chrono::steady_clock::now() + seconds(20);
  const auto released = [&] {
    const std::string dump = (*peer)->dump({"finished"}).value_or("");
    return dump.find(R"("proposals_released":1)") != std::string::npos;
  };
  while (!released() && std::chrono::steady_clock::now() < until) {
    (void)(*peer)->stream("none").wait(9, Strength::majority, milliseconds(10));  // for a while
  }
  ASSERT_TRUE(released());
  for (const bool restarted : {false, true}) {
    if (restarted) {
      (*peer)->stop();
      ASSERT_TRUE((*peer)->start());
    }
    const auto again = (*peer)->propose("leader", "blue", seconds(20));
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(again->value, "red");
    EXPECT_FALSE(again->own);
    EXPECT_EQ(again->certificate, first->certificate);
  }
}

}  // namespace
}  // namespace vouch::released_test
