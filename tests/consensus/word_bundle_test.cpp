// What a voter signs together and sends together: what it says, and what it must not pass for.
// SPDX-License-Identifier: MIT
#include "vouch/consensus/word_bundle.hpp"

#include "tests/consensus/panel.hpp"
#include "tests/consensus/words_in.hpp"
#include <gtest/gtest.h>

#include "vouch/base/bundle.hpp"
#include "vouch/base/remembering_signer.hpp"
#include "vouch/schemas/byte_io.hpp"

namespace vouch::consensus::word_bundle_test {
namespace {

constexpr const char* name = "subject";
const ClusterId cluster{};

Statement statement(Phase phase, std::uint8_t head) {
  Statement s;
  s.phase = phase;
  s.subject = proposal_subject(cluster, name);
  s.view = 1;
  s.incarnation = 1;
  s.value = Value{1, Hash{}, 0};
  s.value->head.bytes.fill(head);
  return s;
}

Word word_of(const Statement& s) {
  SignedStatement vote{{}, s, {}, {}};
  if (s.phase == Phase::new_view) return {SubjectKind::proposal, name, NewView{vote, {}}};
  return {SubjectKind::proposal, name, vote};
}

/// A bundle as its voter sends it; leaves that are not `told` as their hashes.
Bytes message(const Signer& voter, const std::vector<Statement>& statements,
              std::size_t told = SIZE_MAX) {
  std::vector<Bytes> leaves;
  for (const Statement& s : statements) {
    leaves.push_back(leaves.size() < told ? encode_leaf(word_of(s)).value()
                                          : encode_leaf(bundle_leaf(cluster, s)));
  }
  const Signature signature = sign_bundle(cluster, voter, statements).front().signature;
  const std::vector bundles{std::make_shared<const Bytes>(encode_bundle(signature, leaves))};
  return join_speech(bundles, {});
}

const std::vector<Statement>& three() {
  static const std::vector<Statement> statements{
      statement(Phase::new_view, 1), statement(Phase::prepare, 1), statement(Phase::commit, 2)};
  return statements;
}

TEST(WordBundles, TellWhatStandsOnASlate) {
  const Voters voters(4);
  const Signer& voter = voters.signers[0];
  const std::vector<SlateEntry> entries{{"one", Hash{}}, {"two", three()[0].value->head}};
  const Slate slate(cluster, entries);
  Statement s = statement(Phase::new_view, 0);
  s.subject = slate.id();
  s.value = slate.value();
  const SignedStatement vote = sign_bundle(cluster, voter, {s}).front();
  const Word word{SubjectKind::slate, slate.name(), SlateOffer{vote, entries}};
  const auto leaf = encode_leaf(word);
  ASSERT_TRUE(leaf);
  const std::vector bundles{std::make_shared<const Bytes>(encode_bundle(vote.signature, {*leaf}))};
  const auto told =
      words_in(cluster, voters.signers[1], voter.id(), join_speech(bundles, {})).value();
  EXPECT_EQ(told, std::vector{word});
  EXPECT_EQ(words_in(cluster, voters.signers[1], voter.id(), encode_words({word})).value(), told);
  Bytes other = *leaf;
  other.back() ^= 1U;
  const std::vector changed{std::make_shared<const Bytes>(encode_bundle(vote.signature, {other}))};
  EXPECT_TRUE(
      words_in(cluster, voters.signers[1], voter.id(), join_speech(changed, {})).value().empty());
}

TEST(WordBundles, SayWhatWasSigned) {
  const Voters voters(4);
  const Signer& voter = voters.signers[0];
  const auto votes = sign_bundle(cluster, voter, three());
  const auto words = words_in(cluster, voters.signers[1], voter.id(), message(voter, three()));
  ASSERT_TRUE(words.has_value());
  ASSERT_EQ(words->size(), 3U);
  EXPECT_EQ((*words)[0].body, Body(NewView{votes[0], {}}));
  EXPECT_EQ((*words)[1].body, Body(votes[1]));
  EXPECT_EQ((*words)[2].body, Body(votes[2]));
}

TEST(WordBundles, NeedNotTellEverything) {
  const Voters voters(4);
  const Signer& voter = voters.signers[0];
  const auto words = words_in(cluster, voters.signers[1], voter.id(), message(voter, three(), 2));
  ASSERT_TRUE(words.has_value());
  ASSERT_EQ(words->size(), 2U);
  EXPECT_TRUE(is_signed(cluster, voters.signers[1], std::get<SignedStatement>((*words)[1].body)));
}

// Whatever is changed on the way, what is left has either another form or no signature.
TEST(WordBundles, OneChangedBitTakesAllAway) {
  const Voters voters(4);
  const Signer& voter = voters.signers[0];
  const Bytes honest = message(voter, three(), 2);
  for (std::size_t at = 0; at < honest.size() * 8; ++at) {
    Bytes bent = honest;
    bent[at / 8] = static_cast<std::uint8_t>(bent[at / 8] ^ 1U << at % 8);
    const auto words = words_in(cluster, voters.signers[1], voter.id(), bent);
    EXPECT_TRUE(!words || words->empty()) << "bit " << at;
  }
}

TEST(WordBundles, AreOfWhoeverSendsThem) {
  const Voters voters(4);
  const Bytes others = message(voters.signers[0], three());
  const auto words = words_in(cluster, voters.signers[1], voters.signers[2].id(), others);
  ASSERT_TRUE(words.has_value());
  EXPECT_TRUE(words->empty());
}

TEST(WordBundles, HaveOneTo256Leaves) {
  const Voters voters(1);
  const auto decoded = [](const std::vector<Bytes>& leaves) {
    const std::vector bundles{std::make_shared<const Bytes>(encode_bundle({}, leaves))};
    return decode_speech(join_speech(bundles, {})).has_value();
  };
  EXPECT_FALSE(decoded({}));
  EXPECT_TRUE(decoded(std::vector<Bytes>(bundle_statements_max, encode_leaf(Hash{}))));
  EXPECT_FALSE(decoded(std::vector<Bytes>(bundle_statements_max + 1, encode_leaf(Hash{}))));
  // A count that is not true makes no room.
  ByteWriter out;
  out.leb(1);
  out.raw(Signature{}.view());
  out.leb(bundle_statements_max);
  EXPECT_FALSE(decode_speech(out.bytes()));
  EXPECT_FALSE(encode_leaf(
      {SubjectKind::proposal, name, Proposal{Bytes(bundled_bytes_max + 1), {}, {}, {}}}));
}

TEST(WordBundles, OfDecidedSubjectsAreNotChecked) {
  const Voters voters(4);
  const RememberingSigner signer(voters.signers[1]);
  const Signer& voter = voters.signers[0];
  const auto open = [&](bool counts) {
    auto speech = decode_speech(message(voter, three()));
    return open_bundle(cluster, signer, voter.id(), std::move(speech->bundles.front()),
                       [counts](const BundledWord&) { return counts; });
  };
  EXPECT_FALSE(open(false)->checked);
  EXPECT_EQ(signer.checked(), 0U);
  EXPECT_TRUE(open(true)->checked);
  EXPECT_EQ(signer.checked(), 1U);
}

TEST(WordBundles, AForgedOneIsCountedAndNotHeard) {
  Panel panel(4);
  Agreement& hearer = *panel.agreements[1];
  Bytes bytes = message(panel.voters.signers[0], three());
  bytes[1] ^= 1;  // of the signature
  hearer.on_words(panel.now, panel.voters.signers[0].id(), bytes);
  EXPECT_EQ(hearer.counters().bad_words, 1U);
  EXPECT_FALSE(hearer.decision(name));
}

TEST(WordBundles, ANewViewBringsThePrepareOfItsPrimary) {
  Panel panel(4);
  Agreement& primary = *panel.agreements[0];
  const std::string subject = panel.subject_of(0);
  ASSERT_TRUE(primary.propose(panel.now, subject, as_bytes("value")));
  Outbox out;
  primary.flush(panel.now, out);
  EXPECT_EQ(primary.counters().bundles, 1U);
  EXPECT_EQ(primary.counters().votes, 3U);  // proposal, new view, prepare
  ASSERT_EQ(out.sends.size(), 3U);
  EXPECT_EQ(std::get<Agree>(out.sends[0].message.body), std::get<Agree>(out.sends[1].message.body));
}

TEST(WordBundles, LongValuesTravelBesideThem) {
  Panel panel(4);
  const std::string subject = panel.subject_of(1);
  const std::string value(proposal_bytes_max, 'x');
  ASSERT_TRUE(panel.agreements[0]->propose(panel.now, subject, as_bytes(value)));
  panel.rest(std::chrono::milliseconds(1));
  ASSERT_GT(panel.decide(0, subject), Duration{});
  EXPECT_EQ(panel.agreements[0]->decision(subject)->value->size(), proposal_bytes_max);
}

}  // namespace
}  // namespace vouch::consensus::word_bundle_test
