// Votes and certificates on their way through a replica: what enters the state, what is left out
// and counted, and that what is too large for one batch travels in several.
// SPDX-License-Identifier: MIT
#include "tests/consensus/voters.hpp"
#include "tests/hash_of.hpp"
#include <gtest/gtest.h>

#include "vouch/schemas/limits.hpp"
#include "vouch/state/cells.hpp"
#include "vouch/sync/replica.hpp"
#include "vouch/sync/seal.hpp"

namespace vouch::sync::replica_votes_test {
namespace {

const ClusterId cluster = cluster_id("votes");

struct Cluster : Voters {
  using Voters::Voters;

  Replica replica(std::size_t i) const {
    ReplicaConfig config{cluster, {}, roster};
    for (const Ed25519Signer& signer : signers) config.known.insert(signer.id());
    Replica out(config, signers[i], {}, {});
    out.write_as(1);
    return out;
  }
};

Statement vote(Phase phase, std::uint8_t value, std::string_view stream = "s") {
  Statement s;
  s.phase = phase;
  s.subject = stream_subject(cluster, stream);
  s.incarnation = 1;
  s.value = Value{64, hash_of(value), 0};
  return s;
}

Ballot ballot_of(const Signer& signer, std::vector<Statement> statements) {
  const auto votes = sign_bundle(cluster, signer, statements);
  return {std::move(statements), votes.front().signature};
}

Records votes_of(const Signer& signer, std::vector<Statement> statements) {
  Records out;
  out.ballot = ballot_of(signer, std::move(statements));
  return out;
}

Certificate certificate(const Cluster& all, std::size_t commits, std::uint8_t value,
                        std::string_view stream = "s") {
  return all.certify(cluster, stream_subject(cluster, stream), {64, hash_of(value), 0}, commits);
}

/// What `to` says to the batches that `from` published with `records`; the last one's receipt.
Receipt carry(Replica& from, const Records& records, Replica& to) {
  Outbox sent, received;
  from.write(records, sent);
  Receipt last;
  for (const Bytes& frame : sent.publish) {
    EXPECT_LE(frame.size(), limits::frame_bytes_max);
    last = to.receive(frame, received);
    EXPECT_EQ(last.result, Accepted::news);
  }
  return last;
}

TEST(ReplicaVotes, EnterTheStateAndAreHandedOver) {
  const Cluster all(4);
  Replica a = all.replica(0), b = all.replica(1);
  const auto statements = {vote(Phase::prepare, 1), vote(Phase::commit, 1),
                           vote(Phase::prepare, 1, "t")};
  const Receipt receipt = carry(a, votes_of(all.signers[0], statements), b);
  ASSERT_EQ(receipt.absorbed.votes.size(), 3U);
  for (const SignedStatement& one : receipt.absorbed.votes) {
    EXPECT_TRUE(is_signed(cluster, all.signers[1], one));
  }
  EXPECT_EQ(a.state(), b.state());
  const SubjectId subject = stream_subject(cluster, "s");
  const auto again = state::votes_of(Phase::commit, subject, all.signers[0].id(),
                                     *b.state().commits.find(subject)->find(all.signers[0].id()));
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again.front(), receipt.absorbed.votes[1]);
}

TEST(ReplicaVotes, AWrongSignatureOverVotesIsCountedAndTheRestOfTheBatchCounts) {
  const Cluster all(4);
  Replica a = all.replica(0), b = all.replica(1);
  Records records = votes_of(all.signers[2], {vote(Phase::prepare, 1)});
  records.sessions = {{1, 7}};
  const Receipt receipt = carry(a, records, b);
  EXPECT_TRUE(receipt.absorbed.votes.empty());
  EXPECT_EQ(b.counters().bad_ballots, 1U);
  EXPECT_TRUE(b.state().prepares.empty());
  EXPECT_EQ(b.state().sessions.size(), 1U);
}

TEST(ReplicaVotes, WhatDoesNotBelongIntoALogIsCountedAndLeftOut) {
  const Cluster all(4);
  Replica a = all.replica(0), b = all.replica(1);
  Statement later = vote(Phase::prepare, 1), change = vote(Phase::view_change, 1),
            other = vote(Phase::commit, 1);
  later.view = 1;
  change.view = 1;
  other.incarnation = 2;
  const auto receipt =
      carry(a, votes_of(all.signers[0], {later, change, other, vote(Phase::commit, 2)}), b);
  EXPECT_EQ(receipt.absorbed.votes.size(), 1U);
  EXPECT_EQ(b.counters().misplaced_votes, 3U);
  EXPECT_TRUE(b.state().prepares.empty());
  EXPECT_EQ(b.state().commits.size(), 1U);
}

TEST(ReplicaVotes, ACertificateIsTakenWhenAQuorumSignedIt) {
  const Cluster all(4);
  Replica a = all.replica(0), b = all.replica(1), c = all.replica(2);
  Records records;
  records.certificates = {certificate(all, 3, 1), certificate(all, 2, 1, "t")};
  const Receipt receipt = carry(a, records, b);
  ASSERT_EQ(receipt.absorbed.certificates.size(), 1U);
  EXPECT_EQ(receipt.absorbed.certificates[0], records.certificates[0]);
  EXPECT_EQ(b.counters().bad_certificates, 1U);
  EXPECT_EQ(b.state().certificates.size(), 1U);
  // Everybody who made it writes it; the second time it says nothing new.
  EXPECT_TRUE(carry(c, records, b).absorbed.certificates.empty());
}

TEST(ReplicaVotes, TwoValuesOfOneHeightAreKept) {
  const Cluster all(4);
  Replica a = all.replica(0), b = all.replica(1);
  Records records;
  records.certificates = {certificate(all, 3, 1), certificate(all, 4, 2)};
  EXPECT_EQ(carry(a, records, b).absorbed.certificates.size(), 2U);
  EXPECT_TRUE(b.state().certificates.entries().begin()->second.contradicts_itself());
}

TEST(ReplicaVotes, ABallotStaysWholeWhenABatchIsSplit) {
  const Cluster all(4);
  Replica a = all.replica(0), b = all.replica(1);
  std::vector<Statement> statements;
  for (std::size_t i = 0; i < bundle_statements_max; ++i) {
    statements.push_back(vote(Phase::prepare, 1, "stream-" + std::to_string(i)));
  }
  Records records = votes_of(all.signers[0], statements);
  for (int i = 100; i < 500; ++i) {
    Attestation one;
    one.stream = "stream-" + std::to_string(i);
    one.upto = 63;
    records.attestations.push_back(one);
    if (i < 160) records.certificates.push_back(certificate(all, 3, 1, one.stream));
  }
  carry(a, records, b);
  EXPECT_EQ(a.own_last(), records.size());
  EXPECT_GT(b.counters().batches, 1U);
  EXPECT_EQ(b.counters().bad_ballots, 0U);
  EXPECT_EQ(b.state().prepares.size(), statements.size());
  EXPECT_EQ(b.state().certificates.size(), 60U);
  EXPECT_EQ(state::state_hash(a.state()), state::state_hash(b.state()));
}

}  // namespace
}  // namespace vouch::sync::replica_votes_test
