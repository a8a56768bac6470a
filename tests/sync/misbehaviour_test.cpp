// What proves a key, and what of all that strangers can send proves nothing.
// SPDX-License-Identifier: MIT
#include "vouch/sync/misbehaviour.hpp"

#include "tests/sync/offender.hpp"
#include <gtest/gtest.h>

#include "vouch/base/bundle.hpp"

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

Statement statement(Phase phase, std::uint8_t head) {
  Statement s;
  s.phase = phase;
  s.view = 3;
  s.incarnation = 1;
  if (head != 0) s.value = Value{head, {}, 0};
  return s;
}

/// Among `others` more that are signed with it.
SignedStatement vote(const Log& log, const Statement& s, std::size_t others = 5) {
  std::vector<Statement> all(others, s);
  for (Statement& other : all) other.height += 9;
  all.push_back(s);
  return sign_bundle(log.cluster, *log.signer, all).back();
}

TEST_F(Misbehaviour, OnePlaceHoldsOneStatement) {
  using Change = void (*)(Statement&);
  struct Case {
    Phase phase;
    Change change;
    bool contradicts;
  };
  const Case cases[]{
      {Phase::prepare, [](Statement& s) { s.value->size = 9; }, true},
      {Phase::commit, [](Statement& s) { s.value->head.bytes[0] = 9; }, true},
      {Phase::commit, [](Statement& s) { s.value->epoch = 9; }, true},
      {Phase::view_change, [](Statement& s) { s.value.reset(); }, true},
      {Phase::view_change,
       [](Statement& s) {
         s.lock = Lock{1, {}};
       },
       true},
      {Phase::new_view, [](Statement& s) { s.basis.bytes[0] = 9; }, true},
      {Phase::propose, [](Statement& s) { s.value->size = 9; }, false},
      {Phase::prepare, [](Statement&) {}, false},
      {Phase::prepare, [](Statement& s) { s.phase = Phase::commit; }, false},
      {Phase::prepare, [](Statement& s) { s.subject.bytes[0] = s.value->head.bytes[0] = 9; },
       false},
      {Phase::prepare,
       [](Statement& s) {
         s.height = 2;
         s.value->size = 9;
       },
       false},
      {Phase::prepare,
       [](Statement& s) {
         s.view = 2;
         s.value->size = 9;
       },
       false},
      {Phase::prepare,
       [](Statement& s) {
         s.epoch = 2;
         s.value->size = 9;
       },
       false},
      {Phase::prepare,
       [](Statement& s) {
         s.incarnation = 2;
         s.value->size = 9;
       },
       false},
  };
  for (const Case& one : cases) {
    const Statement before = statement(one.phase, 1);
    Statement after = before;
    one.change(after);
    const auto a = vote(log, before), b = vote(log, after, 0);
    const auto proof = prove(log.cluster, a, b);
    EXPECT_EQ(proof, prove(log.cluster, b, a));
    EXPECT_EQ(proof.has_value(), one.contradicts) << &one - cases;
    if (!proof) continue;
    EXPECT_LE(proof->size(), vote_proof_bytes_max);
    const auto offence = verify_proof(*proof, real_check);
    ASSERT_TRUE(offence) << offence.error().text();
    EXPECT_EQ(name_of(offence->kind), "vote");
    EXPECT_EQ(offence->writer, (Writer{offender.id(), 1}));
    EXPECT_EQ(offence->cluster, log.cluster);
    EXPECT_NE(offence->what.find(name_of(one.phase)), std::string::npos) << offence->what;
  }
}

TEST_F(Misbehaviour, VotesOfTwoVotersProveNothing) {
  const auto one = vote(log, statement(Phase::commit, 1));
  EXPECT_FALSE(prove(log.cluster, one, vote(Log{&honest}, statement(Phase::commit, 2))));
}

TEST_F(Misbehaviour, TheLargestProofOfVotesFits) {
  const auto widest = [&](std::uint8_t head) {
    Statement s = statement(Phase::view_change, head);
    s.height = UINT32_MAX - 9;
    s.view = s.epoch = s.incarnation = UINT32_MAX;
    s.value = Value{UINT64_MAX, {}, UINT32_MAX};
    s.lock = Lock{UINT32_MAX - head, *s.value, UINT32_MAX - 1};
    return vote(log, s, bundle_statements_max - 1);
  };
  const auto proof = prove(log.cluster, widest(1), widest(2));
  ASSERT_TRUE(proof);
  EXPECT_EQ(proof->size(), 1013u);
  EXPECT_TRUE(verify_proof(*proof, real_check));
}

TEST_F(Misbehaviour, VotesOfAProofStandInOneOrder) {
  const auto one = vote(log, statement(Phase::commit, 1)),
             other = vote(log, statement(Phase::commit, 2));
  EXPECT_TRUE(verify_proof(encode_vote_proof({log.cluster, one, other}), real_check));
  EXPECT_FALSE(verify_proof(encode_vote_proof({log.cluster, other, one}), real_check));
  EXPECT_FALSE(verify_proof(encode_vote_proof({log.cluster, one, one}), real_check));
  EXPECT_FALSE(verify_proof(encode_vote_proof({cluster_id("other"), one, other}), real_check));
}

/// A proof of every kind.
std::vector<Bytes> all_kinds(const Log& from) {
  Log log = from, branch = from, copy = from;
  std::vector<Bytes> proofs;
  proofs.push_back(*prove(log.write(attests("a", 5, 1)), branch.write(attests("b", 5, 1))));
  proofs.push_back(*prove(copy.write(opens(1, 1)), copy.write(opens(1, 2))));
  proofs.push_back(*prove(copy.write(attests("a", 5, 1)), copy.write(attests("a", 5, 2))));
  proofs.push_back(*prove(from.cluster, vote(from, statement(Phase::commit, 1)),
                          vote(from, statement(Phase::commit, 2))));
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
  const Bytes proof = all_kinds(log)[2];
  const auto view = decode_proof(proof);
  EXPECT_FALSE(verify_proof(encode_proof(ProofKind::session, view->one, view->other), real_check));
  EXPECT_FALSE(verify_proof(encode_proof(view->kind, view->other, view->one), real_check));
}

}  // namespace
}  // namespace vouch::sync::misbehaviour_test
