// Subjects of one primary are decided as one, until something happens to one of them alone.
// SPDX-License-Identifier: MIT
#include "tests/consensus/panel.hpp"
#include <gtest/gtest.h>

#include "vouch/base/bundle.hpp"
#include "vouch/consensus/messages.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::consensus::slates_test {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t leader = 1;

struct Slates : testing::Test {
  Panel panel{4};
  std::vector<std::string> names;

  void SetUp() override { names = subjects(10); }
  std::vector<std::string> subjects(std::size_t count) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(panel.subject_of(leader));
    return out;
  }
  const Ed25519Signer& signer(std::size_t voter) { return panel.voters.signers[voter]; }
  /// All up to there are decided to be that everywhere, and every certificate convinces by itself.
  void expect_decided(std::string_view value = "value") {
    for (std::size_t at = 0; at < panel.agreements.size(); ++at) {
      if (!panel.up[at]) continue;
      for (const std::string& name : names) {
        const auto held = panel.agreements[at]->certificate(SubjectKind::proposal, name);
        ASSERT_TRUE(held) << name << " at voter " << at;
        EXPECT_EQ(held->value, (Value{1, crypto::blake2b(as_bytes(value))}));
        const auto again = decode_certificate(encode_certificate(*held));
        ASSERT_TRUE(again);
        EXPECT_EQ(*again, *held);
        EXPECT_EQ(membership::doubt_of({}, panel.voters.roster, signer(0), *again),
                  membership::Doubt::none);
      }
      EXPECT_EQ(panel.agreements[at]->counters().alarms, 0u);
    }
  }
  bool on_slate(const std::string& name) {
    const auto held = panel.agreements[0]->certificate(SubjectKind::proposal, name);
    return held && held->commits.front().path.slate.has_value();
  }
  std::uint64_t votes() const {
    std::uint64_t sum = 0;
    for (const auto& agreement : panel.agreements) sum += agreement->counters().votes;
    return sum;
  }
  /// One voter says this about one subject alone.
  Bytes alone(std::size_t voter, Phase phase, const std::string& name, std::string_view value) {
    Statement s;
    s.phase = phase;
    s.subject = proposal_subject({}, name);
    s.view = 1;
    s.incarnation = 1;
    s.value = Value{1, crypto::blake2b(as_bytes(value))};
    const SignedStatement vote = sign_bundle({}, signer(voter), {s}).front();
    return encode_words({{SubjectKind::proposal, name, vote}});
  }
  Bytes offer(std::size_t voter, const std::vector<std::string>& on, std::string_view value) {
    std::vector<SlateEntry> entries;
    for (const std::string& name : on) entries.push_back({name, crypto::blake2b(as_bytes(value))});
    const Slate slate({}, entries);
    Statement s;
    s.phase = Phase::new_view;
    s.subject = slate.id();
    s.view = 1;
    s.incarnation = 1;
    s.value = slate.value();
    const SignedStatement vote = sign_bundle({}, signer(voter), {s}).front();
    return encode_words({{SubjectKind::slate, slate.name(), SlateOffer{vote, entries}}});
  }
};

TEST_F(Slates, AreDecidedAsOne) {
  panel.propose(0, names);
  panel.rest(milliseconds(50));
  expect_decided();
  EXPECT_TRUE(on_slate(names.front()) && on_slate(names.back()));
  const std::size_t of_leader = 3, of_others = 3 * 2;
  EXPECT_LE(votes(), names.size() + of_leader + of_others) << "beside the proposals";
  EXPECT_EQ(panel.view_changes(), 0u);
  const auto certificate = panel.agreements[0]->certificate(SubjectKind::proposal, names[0]);
  EXPECT_LT(encode_certificate(*certificate).size(), 700u) << "what is shared stands once";
}

TEST_F(Slates, OneSubjectIsNone) {
  names.resize(1);
  panel.propose(0, names);
  panel.rest(milliseconds(50));
  expect_decided();
  EXPECT_FALSE(on_slate(names.front()));
}

TEST_F(Slates, ProposersOfOneBundleMayHaveOtherPrimaries) {
  std::vector<std::string> all = names;
  for (std::size_t primary : {0U, 2U, 3U}) {
    for (int i = 0; i < 5; ++i) all.push_back(panel.subject_of(primary));
  }
  panel.propose(0, all);
  panel.rest(milliseconds(50));
  names = all;
  expect_decided();
  for (const std::string& name : all) EXPECT_TRUE(on_slate(name)) << name;
}

TEST_F(Slates, AVoterThatLacksAValueWaitsForIt) {
  panel.tells = [](std::size_t from, std::size_t to) { return from != 0 || to != 2; };
  panel.propose(0, names);
  panel.tells = [](auto, auto) { return true; };
  panel.rest(milliseconds(50));
  expect_decided();
  EXPECT_EQ(panel.agreements[2]->counters().votes, 1u) << "it locks what the others prepared";
}

/// Without the quorum that the slate would need, each goes on alone with what was locked.
TEST_F(Slates, AreLeftWhenTheirViewEnds) {
  panel.up[3] = false;
  panel.tells = [](std::size_t from, std::size_t to) { return from != 2 || to == 2; };
  panel.propose(0, names);
  panel.rest(std::chrono::seconds(3));
  EXPECT_FALSE(panel.agreements[0]->certificate(SubjectKind::proposal, names[0]));
  EXPECT_GT(panel.agreements[0]->counters().view_changes, 0u) << "each of its own";
  panel.tells = [](auto, auto) { return true; };
  panel.rest(std::chrono::seconds(60));
  expect_decided();
}

TEST_F(Slates, AWordAboutOneMakesAllLeave) {
  panel.propose(0, names);
  ASSERT_TRUE(panel.advance());  // the leader has them
  panel.advance();               // the others have the slate
  for (std::size_t at : {0U, 2U}) {
    panel.agreements[at]->on_words(panel.now, signer(3).id(),
                                   alone(3, Phase::prepare, names[4], "another"));
    panel.step(at);
  }
  panel.rest(std::chrono::seconds(5));
  expect_decided();
  EXPECT_EQ(panel.view_changes(), 0u);
  EXPECT_GT(votes(), 2 * names.size()) << "said about each";
}

/// What the slate said binds who left it.
TEST_F(Slates, AVoterThatSaysOtherwiseAboutOneIsFound) {
  panel.propose(0, names);
  panel.advance();
  panel.advance();
  panel.advance();
  panel.agreements[0]->on_words(panel.now, signer(2).id(),
                                alone(2, Phase::prepare, names[4], "another"));
  const auto found = panel.agreements[0]->take_contradictions();
  ASSERT_EQ(found.size(), 1u);
  for (const SignedStatement& vote : {found[0].one, found[0].other}) {
    EXPECT_EQ(vote.statement.subject, proposal_subject({}, names[4]));
    EXPECT_TRUE(is_signed({}, signer(0), vote));
  }
  EXPECT_NE(found[0].one.path.slate.has_value(), found[0].other.path.slate.has_value());
}

TEST_F(Slates, APrimaryThatOffersTwoIsFound) {
  Agreement& hearer = *panel.agreements[0];
  hearer.on_words(panel.now, signer(leader).id(), offer(leader, {names[0], names[1]}, "value"));
  hearer.on_words(panel.now, signer(leader).id(), offer(leader, {names[1], names[2]}, "another"));
  const auto found = hearer.take_contradictions();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].one.statement.phase, Phase::new_view);
  EXPECT_EQ(found[0].one.statement.subject, proposal_subject({}, names[1]));
  EXPECT_TRUE(is_signed({}, signer(0), found[0].one) && is_signed({}, signer(0), found[0].other));
}

TEST_F(Slates, WhatNobodyProposedIsNotPrepared) {
  panel.propose(0, {names[0]});
  Agreement& hearer = *panel.agreements[0];
  const std::uint64_t before = hearer.counters().votes;
  hearer.on_words(panel.now, signer(leader).id(), offer(leader, {names[0], names[1]}, "value"));
  panel.step(0);
  EXPECT_EQ(hearer.counters().votes, before);
  ASSERT_TRUE(hearer.propose(panel.now, names[1], as_bytes("value")));
  panel.step(0);
  EXPECT_EQ(hearer.counters().votes, before + 2) << "the proposal, and a prepare of both";
}

TEST_F(Slates, NobodyElseMayOfferOne) {
  panel.propose(0, names);
  Agreement& hearer = *panel.agreements[0];
  hearer.on_words(panel.now, signer(2).id(), offer(2, names, "value"));
  std::vector<std::string> twice = names;
  twice.back() = twice.front();
  hearer.on_words(panel.now, signer(leader).id(), offer(leader, twice, "value"));
  EXPECT_EQ(hearer.counters().bad_words, 2u);
  panel.rest(milliseconds(50));
  expect_decided();
}

/// Slates that nobody ever votes for are forgotten.
TEST_F(Slates, OfALiarCostNoMemory) {
  Agreement& hearer = *panel.agreements[0];
  for (int i = 0; i < 2000; ++i) {
    hearer.on_words(panel.now, signer(leader).id(),
                    offer(leader, {names[0], names[1]}, std::to_string(i)));
    EXPECT_LE(hearer.take_contradictions().size(), 4u);
  }
  Outbox out;
  hearer.flush(panel.now, out);
  EXPECT_LT(hearer.subjects(), 300u);
  panel.propose(2, names);
  panel.rest(std::chrono::seconds(20));
}

/// In each moment of a decision: whoever dies goes on with what it said and locked, and nothing is
/// decided twice.
struct DeathsOnSlates : Slates, testing::WithParamInterface<std::tuple<int, std::size_t>> {
  const std::size_t at = std::get<1>(GetParam());

  void SetUp() override {
    Slates::SetUp();
    panel.propose(0, names);
    for (int i = 0; i < std::get<0>(GetParam()); ++i) panel.advance();
    panel.restart(at);
  }
  void TearDown() override {
    for (const auto& agreement : panel.agreements) {
      EXPECT_TRUE(agreement->take_contradictions().empty());
    }
  }
};

TEST_P(DeathsOnSlates, AreSurvived) {
  if (at == 0) panel.propose(0, names);  // who waits asks again
  panel.rest(std::chrono::seconds(60));
  expect_decided();
}

/// Whoever comes back to other wishes than before holds to what it said.
TEST_P(DeathsOnSlates, KeepTheirWord) {
  panel.propose(at, names, "other");
  panel.rest(std::chrono::seconds(60));
  const bool kept = panel.agreements[0]->certificate(SubjectKind::proposal, names[0])->value ==
                    Value{1, crypto::blake2b(as_bytes("value"))};
  expect_decided(kept ? "value" : "other");
}

INSTANTIATE_TEST_SUITE_P(Slates, DeathsOnSlates,
                         testing::Combine(testing::Range(0, 12),
                                          testing::Range<std::size_t>(0, 4)));

TEST_F(Slates, ADecisionOutlivesItsVoter) {
  panel.propose(0, names);
  panel.rest(std::chrono::seconds(1));
  for (std::size_t at = 0; at < 4; ++at) panel.restart(at);
  expect_decided();
  EXPECT_EQ(panel.rows[0].size(), 1 + names.size()) << "one for all of them, and their values";
}

TEST_F(Slates, ValuesOutliveAllVoters) {
  panel.propose(0, names);
  panel.rest(std::chrono::seconds(1));
  for (std::size_t at = 0; at < 4; ++at) panel.restart(at);
  for (const auto& agreement : panel.agreements) {
    for (const std::string& name : names) {
      ASSERT_TRUE(agreement->decision(name));
      EXPECT_EQ(agreement->decision(name)->value, to_bytes(as_bytes("value")));
    }
  }
}

/// Nor does anything come back with the next start.
TEST_F(Slates, TheLastThatIsReleasedTakesTheRowAlong) {
  panel.propose(0, names);
  panel.rest(std::chrono::seconds(1));
  Agreement& agreement = *panel.agreements[0];
  const std::size_t before = agreement.subjects();
  ASSERT_GT(before, names.size());
  for (const std::string& name : names) {
    Outbox out;
    agreement.release(proposal_subject({}, name), out);
    for (const Row& row : out.rows) {
      if (row.table == Table::agreement && !row.value) panel.rows[0].erase(row.key);
    }
    const bool last = name == names.back();
    EXPECT_EQ(std::ranges::count_if(panel.rows[0],
                                    [](const auto& row) {
                                      return !row.second.empty() &&
                                             row.second.front() == std::uint8_t(SubjectKind::slate);
                                    }),
              last ? 0 : 1);
  }
  EXPECT_EQ(agreement.subjects(), 1u) << "that of the rosters";
  EXPECT_TRUE(panel.rows[0].empty());
}

TEST_F(Slates, ACertificateOfOneEndsItAlone) {
  panel.propose(0, names);
  panel.advance();
  panel.advance();
  const Value value{1, crypto::blake2b(as_bytes("value"))};
  panel.agreements[0]->on_certificate(
      panel.now, panel.voters.certify({}, proposal_subject({}, names[3]), value, 3));
  panel.rest(std::chrono::seconds(1));
  expect_decided();
  EXPECT_EQ(panel.view_changes(), 0u);
  panel.restart(0);
  expect_decided();
}

}  // namespace
}  // namespace vouch::consensus::slates_test
