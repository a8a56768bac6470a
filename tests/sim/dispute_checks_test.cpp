// Every check of a dispute notices what it is there for: each test makes one thing wrong.
// SPDX-License-Identifier: MIT
#include "tests/sim/dispute/referee.hpp"
#include "tests/sim/signer.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vouch/base/bundle.hpp"
#include "vouch/membership/certificate.hpp"

namespace vouch::sim::dispute_checks_test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

/// Three honest voters on one branch, a liar on another one, whose events nobody serves.
struct DisputeChecks : testing::Test {
  ClusterId cluster{};
  std::vector<std::unique_ptr<Signer>> signers;
  membership::Roster roster;
  std::vector<Branch> branches;
  std::vector<BranchHeads> heads;
  std::vector<std::unique_ptr<Copy>> copies;
  std::optional<Referee> referee;

  void SetUp() override {
    transport::SplitMix64 random(1);
    branches = draw_branches(random, 3, 8, false);
    branches.back().fabricated = true;
    for (const Branch& branch : branches) heads.emplace_back(branch);
    std::vector<PeerId> ids;
    for (std::size_t i = 0; i < 4; ++i) {
      signers.push_back(make_signer(1, i, false));
      ids.push_back(signers.back()->id());
    }
    roster = membership::Roster(ids, 0);
    for (std::size_t i = 0; i < 4; ++i) {
      auto copy = std::make_unique<Copy>();
      copy->voter = i;
      copy->id = ids[i];
      copy->honest = i < 3;
      copy->chain = std::make_unique<CopyChain>(branches, heads);
      copy->chain->branch = i < 3 ? 0 : 2;
      copy->chain->have = 3;
      copy->agreement = std::make_unique<consensus::Agreement>(
          consensus::Setting{cluster, roster, *signers[i], *copy->chain, disputed_rules, 0, {}});
      copy->replica = std::make_unique<sync::Replica>(
          sync::ReplicaConfig{cluster, {ids.begin(), ids.end()}, roster}, *signers[i],
          state::State{}, FrontierMap{});
      copies.push_back(std::move(copy));
    }
    referee.emplace(Referee::Context{cluster, roster, *signers[0], branches, heads, copies});
  }
  Value value(std::size_t branch, std::uint64_t size) const {
    return {size, heads[branch].at(size), 0, branches[branch].state_at(size, heads[branch])};
  }
  SignedStatement vote(std::size_t voter, Phase phase, const Value& value,
                       std::uint32_t height = 1) const {
    Statement s;
    s.phase = phase;
    s.subject = stream_subject(cluster, disputed_stream);
    s.height = height;
    s.incarnation = 1;
    s.value = value;
    return sign_bundle(cluster, *signers[voter], {s}).front();
  }
  Certificate certificate(std::uint32_t height, const Value& value, std::size_t commits = 3) const {
    std::map<PeerId, SignedStatement> by_voter;
    for (std::size_t i = 0; i < commits; ++i) {
      by_voter[signers[i]->id()] = vote(i, Phase::commit, value, height);
    }
    return membership::certificate_from(by_voter);
  }
  /// The voter is told or, if not, overlooks it.
  void hears(Copy& copy, const SignedStatement& said, bool tells = true) {
    const Stand stand = Referee::stand_of(copy);
    if (tells) copy.agreement->on_vote(Instant{}, said);
    copy.look();
    referee->hears(copy, stand, said);
    referee->heard(copy);
  }
  void expect_breach(const std::string& what) const {
    EXPECT_THAT(referee->breaches(), Contains(HasSubstr(what)));
  }
};

TEST_F(DisputeChecks, NothingIsWrong) {
  referee->certified(certificate(1, value(0, 2)));
  referee->certified(certificate(2, value(0, 3)));
  referee->certified(certificate(3, value(0, 3)));
  referee->accused(signers[3]->id());
  EXPECT_THAT(referee->breaches(), IsEmpty());
  EXPECT_EQ(referee->nulls(), 1u);
}

TEST_F(DisputeChecks, ACertificateThatDoesNotConvince) {
  referee->certified(certificate(1, value(0, 2), 2));
  expect_breach("does not convince");
}

TEST_F(DisputeChecks, TwoCertificatesOfOneHeight) {
  referee->certified(certificate(1, value(0, 2)));
  referee->certified(certificate(1, value(0, 3)));
  expect_breach("height 1 is certified twice");
}

TEST_F(DisputeChecks, ACertificateThatGoesBack) {
  referee->certified(certificate(1, value(0, 3)));
  referee->certified(certificate(2, value(0, 2)));
  expect_breach("height 2 does not follow");
}

TEST_F(DisputeChecks, ACertificateOfAnotherChain) {
  const std::uint64_t end = branches[1].entries.size();
  ASSERT_NE(value(0, 3), value(1, end));
  referee->certified(certificate(2, value(1, end)));
  referee->certified(certificate(1, value(0, 3)));
  expect_breach("height 2 does not follow from height 1");
}

TEST_F(DisputeChecks, AValueThatNobodyCanRecompute) {
  referee->certified(certificate(1, value(2, branches[2].entries.size())));
  expect_breach("what nobody can recompute");
}

TEST_F(DisputeChecks, AValueThatNoHonestVoterHas) {
  referee->certified(certificate(1, value(1, branches[1].entries.size())));
  expect_breach("what no honest voter has");
}

TEST_F(DisputeChecks, ProposalsThatAreDecidedTwiceOrByNobody) {
  const Value one{1, crypto::blake2b(Bytes{1}), 0}, other{1, crypto::blake2b(Bytes{2}), 0};
  const SubjectId subject = proposal_subject(cluster, "p");
  const auto decided = [&](std::uint32_t height, const Value& value) {
    std::map<PeerId, SignedStatement> commits;
    for (std::size_t i = 0; i < 3; ++i) {
      Statement s = vote(i, Phase::commit, value, height).statement;
      s.subject = subject;
      s.view = 1;
      commits[signers[i]->id()] = sign_bundle(cluster, *signers[i], {s}).front();
    }
    referee->certified_proposal(membership::certificate_from(commits));
  };
  referee->proposed(subject, one);
  decided(1, Value{});
  decided(2, one);
  EXPECT_THAT(referee->breaches(), IsEmpty());
  decided(2, other);
  expect_breach("height 2 of a proposal is certified twice");
  expect_breach("what nobody proposed is certified");
  decided(3, Value{});
  decided(2, one);
  expect_breach("a proposal goes on after it was decided");
}

TEST_F(DisputeChecks, AnHonestVoterThatIsAccused) {
  referee->accused(signers[1]->id());
  expect_breach("voter 1 is accused and honest");
}

TEST_F(DisputeChecks, AnAlarm) {
  referee->alarmed();
  expect_breach("an alarm");
}

TEST_F(DisputeChecks, AContradictionThatIsOverlooked) {
  const auto one = vote(3, Phase::prepare, value(0, 2));
  const auto other = vote(3, Phase::prepare, value(0, 3));
  for (const bool tells : {true, false}) {
    for (const auto& said : {one, other}) {
      Copy& copy = *copies[tells ? 0 : 1];
      hears(copy, said, tells);
    }
    EXPECT_EQ(referee->breaches().empty(), tells);
  }
  expect_breach("voter 1 overlooks");
}

TEST_F(DisputeChecks, AnOffenderThatIsProvenToSomeAlone) {
  const auto one = vote(3, Phase::commit, value(0, 2));
  const auto other = vote(3, Phase::commit, value(0, 3));
  Outbox out;
  copies[0]->replica->accuse(one, other, out);
  referee->judged();
  EXPECT_THAT(referee->breaches(), IsEmpty()) << "nobody heard both";
  for (const auto& said : {one, other}) {
    hears(*copies[1], said);
  }
  referee->judged();
  EXPECT_THAT(referee->breaches(), IsEmpty()) << "the step may get lost in a crash";
  referee->lives(*copies[1]);
  EXPECT_NE(referee->unproven(), "");
  for (const std::size_t i : {1, 2}) copies[i]->replica->receive(out.publish.front(), out);
  EXPECT_EQ(referee->unproven(), "");
  referee->judged();
  EXPECT_THAT(referee->breaches(), IsEmpty());
  copies[2]->replica =
      std::make_unique<sync::Replica>(sync::ReplicaConfig{cluster, {signers[3]->id()}, roster},
                                      *signers[2], state::State{}, FrontierMap{});
  referee->judged();
  expect_breach("voter 2 has no proof against");
}

TEST_F(DisputeChecks, VotesOfOneViewAlone) {
  auto low = vote(3, Phase::commit, value(0, 2)), high = vote(3, Phase::commit, value(0, 3));
  high.statement.view = 1;
  for (const auto& said : {low, high, low}) {
    hears(*copies[0], said, false);
  }
  EXPECT_THAT(referee->breaches(), IsEmpty());
  low.statement.view = 1;
  hears(*copies[0], low, false);
  expect_breach("voter 0 overlooks");
}

TEST_F(DisputeChecks, AnHonestVoterThatIsProven) {
  Outbox out;
  copies[0]->replica->accuse(vote(1, Phase::commit, value(0, 2)),
                             vote(1, Phase::commit, value(0, 3)), out);
  referee->judges(*copies[0]);
  expect_breach("voter 1 is proven and honest");
}

TEST_F(DisputeChecks, ADisputeThatGoesOn) {
  Copy& copy = *copies[0];
  copy.agreement->write_as(Instant{}, 1);
  referee->healed();
  copy.agreement->on_chain(Instant{}, disputed_stream);
  referee->ended();
  EXPECT_THAT(referee->breaches(), IsEmpty());
  copy.agreement->on_evidence(Instant{}, disputed_stream, signers[1]->id(), {2, Hash{}});
  referee->ended();
  expect_breach("voter 0: height 1 does not close");
}

TEST_F(DisputeChecks, ThingsWithoutABound) {
  referee->stored(*copies[0], Bytes(Referee::row_bytes_max + 1));
  expect_breach("stores a row of");
  referee->waiting(Referee::waiting_max + 1);
  expect_breach("messages are on their way");
}

}  // namespace
}  // namespace vouch::sim::dispute_checks_test
