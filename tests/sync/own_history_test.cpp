// What a peer remembers of its own batches: which logs had grown before each.
// SPDX-License-Identifier: MIT
#include "vouch/sync/own_history.hpp"

#include "tests/peer_named.hpp"
#include "tests/sync/offender.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vouch::sync::own_history_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

Writer log_of(std::uint8_t n, std::uint32_t incarnation = 1) {
  return {peer_named(n), incarnation};
}

FrontierEntry upto(std::uint64_t last) {
  return {last, {}};
}

/// A peer that writes one record a batch.
struct Story {
  OwnHistory history;
  Writer self = log_of(1);
  FrontierMap held = {};

  const auto& write() {
    BatchHeader batch;
    batch.writer = self;
    batch.first = ++held[self].last;
    batch.count = 1;
    history.note(batch, opens(1, 1), held);
    return history.batches().back().after;
  }
};

TEST(OwnHistory, NamesOnlyTheLogsThatHaveGrown) {
  Story story;
  story.held = {{log_of(2), upto(4)}, {log_of(3), upto(7)}};
  EXPECT_THAT(story.write(), ElementsAre(Pair(log_of(2), 4), Pair(log_of(3), 7)));
  EXPECT_THAT(story.write(), IsEmpty());
  story.held[log_of(3)] = upto(9);
  EXPECT_THAT(story.write(), ElementsAre(Pair(log_of(3), 9)));
}

TEST(OwnHistory, AProofIsNoLog) {
  Story story;
  story.held = {{proven_logs(log_of(2).peer), proven_entry}};
  EXPECT_THAT(story.write(), IsEmpty());
}

TEST(OwnHistory, KeepsTheLastOnes) {
  Story story;
  for (std::size_t i = 0; i < OwnHistory::batches_max + 3; ++i) story.write();
  EXPECT_EQ(story.history.batches().size(), OwnHistory::batches_max);
  EXPECT_EQ(story.history.batches().front().first, 4U);
}

TEST(OwnHistory, ANewIncarnationBeginsAnew) {
  Story story;
  story.held = {{log_of(2), upto(4)}};
  story.write();
  story.self.incarnation = 2;
  EXPECT_THAT(story.write(), ElementsAre(Pair(log_of(1), 1), Pair(log_of(2), 4)));
  EXPECT_EQ(story.history.batches().size(), 1U);
}

TEST(OwnHistory, AReplicaRemembersWhatItHeldWhenItWrote) {
  const Ed25519Signer self(seed_of(1)), other(seed_of(2));
  Replica replica({cluster_id("tests"), {self.id(), other.id()}, {}}, self, {}, {});
  Log theirs{&other};
  Outbox out;
  replica.write_as(1);
  replica.write(opens(1, 7), out);
  EXPECT_EQ(replica.receive(theirs.write(opens(1, 8)), out).result, Accepted::news);
  EXPECT_EQ(replica.receive(theirs.write(attests("s", 3, 1)), out).result, Accepted::news);
  replica.write(attests("s", 3, 1), out);
  EXPECT_THAT(
      replica.history().batches(),
      ElementsAre(
          WrittenBatch{replica.self(), 1, 1, {.sessions = 1}, {}},
          WrittenBatch{replica.self(), 2, 2, {.attestations = 1}, {{Writer{other.id(), 1}, 2}}}));
}

}  // namespace
}  // namespace vouch::sync::own_history_test
