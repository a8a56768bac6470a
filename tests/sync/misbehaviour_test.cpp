// What proves a key, and what of all that strangers can send proves nothing.
// SPDX-License-Identifier: MIT
#include "vouch/sync/misbehaviour.hpp"

#include "tests/sync/offender.hpp"
#include <gtest/gtest.h>

namespace vouch::sync::misbehaviour_test {
namespace {

struct Misbehaviour : testing::Test {
  Ed25519Signer offender{seed_of(1)}, honest{seed_of(2)};
  Log log{&offender};

  /// The kind that two batches prove, in either order; "" when nothing.
  std::string kind_of(const Bytes& one, const Bytes& other) {
    const auto proof = prove(one, other);
    EXPECT_EQ(prove(other, one), proof);
    if (!proof) return "";
    const auto offence = verify_proof(*proof, real_check);
    EXPECT_TRUE(offence) << offence.error().text();
    if (!offence) return "refused";
    EXPECT_EQ(offence->writer.peer, offender.id());
    EXPECT_FALSE(offence->what.empty());
    return std::string(name_of(offence->kind));
  }
};

TEST_F(Misbehaviour, OneNumberTwiceIsAFork) {
  Log branch = log;
  EXPECT_EQ(kind_of(log.write(attests("a", 1, 1)), branch.write(attests("b", 1, 1))), "fork");
}

TEST_F(Misbehaviour, BatchesThatOverlapAreAFork) {
  Log branch = log;
  Records two = attests("a", 1, 1);
  two.attestations.push_back(attests("b", 1, 1).attestations.front());
  log.write(attests("c", 1, 1));
  EXPECT_EQ(kind_of(log.write(attests("d", 1, 1)), branch.write(two)), "fork");
}

TEST_F(Misbehaviour, ASuccessorThatDoesNotFollowIsAFork) {
  Log branch = log;
  const Bytes first = log.write(attests("a", 1, 1));
  branch.write(attests("b", 1, 1));
  EXPECT_EQ(kind_of(first, branch.write(attests("c", 1, 1))), "fork");
}

TEST_F(Misbehaviour, TwoNoncesOfASessionAreAClone) {
  const Bytes first = log.write(opens(3, 10));
  EXPECT_EQ(kind_of(first, log.write(opens(3, 11))), "session");
  Log copy = log;
  EXPECT_EQ(kind_of(log.write(opens(4, 12)), copy.write(opens(4, 13))), "session");
}

TEST_F(Misbehaviour, TwoHeadsAtOnePointAreAProof) {
  const Bytes first = log.write(attests("a", 5, 1));
  log.write(attests("b", 5, 1));
  EXPECT_EQ(kind_of(first, log.write(attests("a", 5, 2))), "attestation");
}

TEST_F(Misbehaviour, AnHonestLogProvesNothing) {
  std::vector<Bytes> batches{log.write(opens(1, 10)), log.write(attests("a", 1, 1)),
                             log.write(attests("a", 2, 2)), log.write(opens(2, 11)),
                             log.write(attests("a", 2, 2))};
  for (const Bytes& one : batches) {
    for (const Bytes& other : batches) EXPECT_EQ(kind_of(one, other), "");
  }
}

// A peer that lost its disk says so by its incarnation, and may meet other events.
TEST_F(Misbehaviour, AnotherIncarnationIsAnotherWriter) {
  Log next{&offender, log.cluster, 2};
  EXPECT_EQ(kind_of(log.write(attests("a", 5, 1)), next.write(attests("a", 5, 2))), "");
}

TEST_F(Misbehaviour, AnotherClusterIsAnotherLog) {
  Log elsewhere{&offender, cluster_id("elsewhere")};
  EXPECT_EQ(kind_of(log.write(attests("a", 5, 1)), elsewhere.write(attests("a", 5, 2))), "");
}

TEST_F(Misbehaviour, TwoWritersProveNothing) {
  Log other{&honest};
  EXPECT_EQ(kind_of(log.write(attests("a", 5, 1)), other.write(attests("a", 5, 2))), "");
}

TEST_F(Misbehaviour, ABatchThatNobodyCanReadStillForks) {
  Log branch = log;
  const Bytes good = log.write(attests("a", 1, 1));
  BatchHeader header{branch.cluster, {offender.id(), 1}, 1, 1, {}, 0};
  const Bytes bad = seal_batch(header, Bytes{1, 2, 3}, offender).frame;
  EXPECT_EQ(kind_of(good, bad), "fork");
}

/// A proof of every kind.
std::vector<Bytes> all_kinds(const Log& from) {
  Log log = from, branch = from, copy = from;
  std::vector<Bytes> proofs;
  proofs.push_back(*prove(log.write(attests("a", 5, 1)), branch.write(attests("b", 5, 1))));
  proofs.push_back(*prove(copy.write(opens(1, 1)), copy.write(opens(1, 2))));
  proofs.push_back(*prove(copy.write(attests("a", 5, 1)), copy.write(attests("a", 5, 2))));
  return proofs;
}

TEST_F(Misbehaviour, AChangedByteSpoilsAProof) {
  for (const Bytes& proof : all_kinds(log)) {
    ASSERT_TRUE(verify_proof(proof, real_check));
    for (std::size_t i = 0; i < proof.size(); ++i) {
      Bytes bent = proof;
      bent[i] ^= 0x10;
      EXPECT_FALSE(verify_proof(bent, real_check)) << "byte " << i;
    }
  }
}

TEST_F(Misbehaviour, AProofThatIsCutOrLongerIsNone) {
  for (const Bytes& proof : all_kinds(log)) {
    for (std::size_t size = 0; size < proof.size(); ++size) {
      EXPECT_FALSE(verify_proof(ByteView(proof).first(size), real_check));
    }
    Bytes longer = proof;
    longer.push_back(0);
    EXPECT_FALSE(verify_proof(longer, real_check));
  }
  EXPECT_FALSE(verify_proof(Bytes(proof_bytes_max + 1, 3), real_check));
}

TEST_F(Misbehaviour, NobodyProvesSomebodyElse) {
  // Signed by another key than the header names.
  struct Forger final : Signer {
    Ed25519Signer key{seed_of(2)};
    PeerId victim;
    const PeerId& id() const override { return victim; }
    Signature sign(ByteView text) const override { return key.sign(text); }
    bool verify(const PeerId&, ByteView, const Signature&) const override { return false; }
  } forger;
  forger.victim = offender.id();
  for (const Bytes& proof : all_kinds(Log{&forger})) {
    const auto offence = verify_proof(proof, real_check);
    ASSERT_FALSE(offence);
    EXPECT_EQ(offence.error().code, Errc::bad_signature);
  }
}

TEST_F(Misbehaviour, OneBatchTwiceIsNoProof) {
  const Bytes batch = log.write(attests("a", 1, 1));
  const auto frame = split_frame(batch);
  const ProofPart part{frame->header, frame->signature, frame->body};
  for (const ProofKind kind : {ProofKind::session, ProofKind::attestation}) {
    EXPECT_FALSE(verify_proof(encode_proof(kind, part, part), real_check));
  }
}

TEST_F(Misbehaviour, AProofNamesTheKindThatItIs) {
  const Bytes proof = all_kinds(log).back();
  const auto view = decode_proof(proof);
  EXPECT_FALSE(verify_proof(encode_proof(ProofKind::session, view->one, view->other), real_check));
  EXPECT_FALSE(verify_proof(encode_proof(view->kind, view->other, view->one), real_check));
}

}  // namespace
}  // namespace vouch::sync::misbehaviour_test
