// A stream that was split between two peers is put on the chain of one of them: memory, store and
// pushes follow. The peers are the shipping machine and carrier on disks and a wire in memory.
// SPDX-License-Identifier: MIT
#include "tests/sim/pair.hpp"
#include <gtest/gtest.h>

namespace vouch::sim::refold_test {
namespace {

Texts run_that_says(const std::string& word) {
  return {R"({"type":"RUN_STARTED","threadId":"t","runId":"r"})",
          R"({"type":"TEXT_MESSAGE_START","messageId":"m","role":"assistant"})",
          R"({"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":")" + word + "\"}",
          R"({"type":"TEXT_MESSAGE_END","messageId":"m"})",
          R"({"type":"RUN_FINISHED","threadId":"t","runId":"r"})"};
}

/// What a peer said of the stream's runs: which, and whether it has ended.
using Said = std::vector<std::pair<std::string, bool>>;

Said runs_said_by(Host& host) {
  Said out;
  for (const auto& [place, peers] : host.machine.replica().state().runs.entries()) {
    const auto* said = peers.find(host.signer->id());
    if (said != nullptr) out.emplace_back(place.run, said->value() == state::RunStatus::ended);
  }
  return out;
}

TEST(Refold, RunsOfTheChainBeforeDoNotGoOn) {
  Pair pair;
  Texts mine(5, R"({"type":"CUSTOM","name":"a.b","value":1})");
  mine.front() = R"({"type":"RUN_STARTED","threadId":"t","runId":"mine"})";
  pair.one.submit(mine);
  pair.other.submit(run_that_says("theirs"));
  pair.pass(std::chrono::seconds(3));
  EXPECT_EQ(runs_said_by(pair.one), (Said{{"mine", false}}));
  EXPECT_EQ(runs_said_by(pair.other), (Said{{"r", true}}));

  const validator::Point target = pair.other.lanes.end_after("t", 0).value();
  pair.one.refold(
      {"t", target, pair.other.lanes.links("t", 0, 5).value(), 0, {pair.other.signer->id()}, true});
  pair.pass(std::chrono::seconds(3));
  EXPECT_EQ(pair.one.machine.refolder().counters().rebased, 1U);
  EXPECT_EQ(runs_said_by(pair.one), (Said{{"mine", true}, {"r", true}}));
}

TEST(Refold, AStreamGoesOnOnTheChainOfAnother) {
  Pair pair;
  pair.one.submit(run_that_says("mine"));
  pair.other.submit(run_that_says("theirs"));
  pair.pass(std::chrono::seconds(2));
  ASSERT_EQ(pair.one.lanes.position("t").first, 5U);
  ASSERT_NE(pair.one.lanes.head_at("t", 4), pair.other.lanes.head_at("t", 4));

  const validator::Point target = pair.other.lanes.end_after("t", 0).value();
  pair.one.refold(
      {"t", target, pair.other.lanes.links("t", 0, 5).value(), 0, {pair.other.signer->id()}, true});
  pair.pass(std::chrono::seconds(2));
  EXPECT_EQ(pair.one.machine.refolder().counters().rebased, 1U);
  EXPECT_EQ(pair.one.lanes.head_at("t", 4), target.head);

  driver::Lanes again(1, validator::Policy{}, ingest::TableLimits{}, 8U << 20, [] {});
  reopened(pair.one.disk, again);
  EXPECT_EQ(again.head_at("t", 4), target.head) << "the store has the events of the new chain";

  const Texts next{R"({"type":"RUN_STARTED","threadId":"t","runId":"next"})"};
  pair.one.submit(next);
  pair.pass(std::chrono::seconds(20));
  EXPECT_EQ(pair.other.lanes.position("t").first, 6U) << "and it is pushed on from there";
  EXPECT_EQ(pair.other.lanes.head_at("t", 5), pair.one.lanes.head_at("t", 5));
  EXPECT_EQ(pair.one.machine.pusher().backlog_bytes(), 0U);
}

}  // namespace
}  // namespace vouch::sim::refold_test
