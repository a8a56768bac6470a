// A frontier in short: what differs shows, what is equal does not, whatever the asker sends.
// SPDX-License-Identifier: MIT
#include "vouch/sync/marks.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "vouch/sync/answer.hpp"

namespace vouch::sync::marks_test {
namespace {

Writer writer_of(std::uint8_t peer, std::uint32_t incarnation = 1) {
  Writer writer;
  writer.peer.bytes.fill(peer);
  writer.incarnation = incarnation;
  return writer;
}

FrontierEntry entry_of(std::uint64_t last, std::uint8_t chain) {
  FrontierEntry entry;
  entry.last = last;
  entry.chain.bytes.fill(chain);
  return entry;
}

LogReader empty_log() {
  LogReader log;
  log.scan = [](const Bytes&, const auto&) {};
  log.floor = [](const Bytes& key, const Bytes&) { return key; };
  return log;
}

RC_GTEST_PROP(Marks, TellWhatIsHeld,
              (std::map<std::uint8_t, std::uint8_t> held, std::uint64_t salt)) {
  FrontierMap frontier;
  for (const auto& [peer, last] : held) frontier[writer_of(peer)] = entry_of(last, peer);
  const Marks marks(pull_beyond(frontier, salt));
  for (std::uint8_t peer = 0; peer < 255; ++peer) {
    const Writer writer = writer_of(peer);
    const auto found = frontier.find(writer);
    RC_ASSERT(marks.last(writer) == (found == frontier.end() ? 0U : found->second.last));
    RC_ASSERT(marks.last(writer_of(peer, 2)) == 0U);
    if (found == frontier.end()) continue;
    RC_ASSERT(marks.same(writer, found->second));
    RC_ASSERT(!marks.same(writer, entry_of(found->second.last + 1, peer)));
    RC_ASSERT(!marks.same(writer, entry_of(found->second.last, peer + 1)));
  }
}

TEST(Marks, OtherSaltsGiveOtherMarks) {
  const FrontierMap frontier{{writer_of(1), entry_of(5, 9)}};
  const Mark one = pull_beyond(frontier, 1).marks[0], other = pull_beyond(frontier, 2).marks[0];
  EXPECT_NE(one.writer, other.writer);
  EXPECT_NE(one.chain, other.chain);
}

TEST(Marks, OfTwoLogsWithOneNameNothingIsHeld) {
  const FrontierEntry end = entry_of(5, 9);
  Pull pull = pull_beyond({{writer_of(1), end}, {writer_of(2), end}}, 7);
  pull.marks.push_back({pull.marks[0].writer, UINT64_MAX, 0});
  for (int turn = 0; turn < 2; ++turn) {
    const Marks marks(pull);
    EXPECT_EQ(marks.last(writer_of(1)), 0U);
    EXPECT_FALSE(marks.same(writer_of(1), end));
    EXPECT_TRUE(marks.same(writer_of(2), end));
    std::swap(pull.marks.front(), pull.marks.back());
  }
}

/// A log whose short name is that of a proof the asker lacks does not keep the proof from it.
TEST(Marks, AProofIsNotTakenAsHeldForItsNameAlone) {
  const PeerId offender = writer_of(1).peer;
  Pull pull = pull_beyond({{proven_logs(offender), proven_entry}}, 7);
  EXPECT_TRUE(Marks(pull).same(proven_logs(offender), proven_entry));
  pull.marks[0].last = 5;
  EXPECT_FALSE(Marks(pull).same(proven_logs(offender), proven_entry));
  state::Proofs proofs;
  proofs.join(state::delta_from_proof(offender, Bytes{1, 2, 3}).proofs);
  const FrontierMap held{{proven_logs(offender), proven_entry}};
  EXPECT_EQ(answer_pull({}, pull, held, proofs, empty_log(), 1).batches.size(), 1U);
}

TEST(Marks, SaltsOfAStartRepeatForNobodyElse) {
  crypto::Seed seed;
  const Ed25519Signer one(seed);
  seed.bytes.fill(1);
  const Ed25519Signer other(seed);
  EXPECT_EQ(salt_secret(one, 5), salt_secret(one, 5));
  EXPECT_NE(salt_secret(one, 5), salt_secret(one, 6));
  EXPECT_NE(salt_secret(one, 5), salt_secret(other, 5));
  EXPECT_NE(salt_of(salt_secret(one, 5), 0), salt_of(salt_secret(one, 5), 1));
}

TEST(Marks, AnAnswerTellsTheAskerHowOftenItBeganAnew) {
  const Writer asker = writer_of(1, 3);
  const FrontierMap held{{writer_of(1, 2), entry_of(1, 1)},
                         {asker, entry_of(1, 1)},
                         {writer_of(2, 9), entry_of(1, 1)}};
  EXPECT_EQ(answer_pull({asker.peer, {}}, Pull(), held, {}, empty_log(), 1).incarnation, 3U);
  EXPECT_EQ(answer_pull({}, Pull(), held, {}, empty_log(), 1).incarnation, 0U);
}

}  // namespace
}  // namespace vouch::sync::marks_test
