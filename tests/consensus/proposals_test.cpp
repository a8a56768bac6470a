// Proposals of users: how they are signed, and what is said to who comes late.
// SPDX-License-Identifier: MIT
#include "tests/consensus/panel.hpp"
#include "tests/consensus/words_in.hpp"
#include <gtest/gtest.h>

#include "vouch/base/bundle.hpp"
#include "vouch/consensus/messages.hpp"
#include "vouch/schemas/envelope.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::consensus::proposals_test {
namespace {

constexpr const char* value = "value";

/// What an agreement says after all that it heard, by hearer.
std::map<PeerId, std::vector<Word>> said(Agreement& agreement, Instant now) {
  Outbox out;
  agreement.flush(now, out);
  std::map<PeerId, std::vector<Word>> words;
  for (const Send& send : out.sends) {
    const Signer& signer = agreement.setting().signer;
    const auto decoded =
        words_in(ClusterId{}, signer, signer.id(), std::get<Agree>(send.message.body).words);
    if (!decoded) continue;
    auto& of = words[send.to];
    of.insert(of.end(), decoded->begin(), decoded->end());
  }
  return words;
}

/// What a voter says that proposes a value.
Bytes proposed(const Signer& voter, const std::string& subject, ByteView text) {
  const Statement statement =
      proposal_statement(proposal_subject(ClusterId{}, subject), 0, crypto::blake2b(text));
  const SignedStatement vote = sign_bundle(ClusterId{}, voter, {statement}).front();
  const Proposal proposal{to_bytes(text), vote.voter, vote.path, vote.signature};
  return encode_words({{SubjectKind::proposal, subject, proposal}});
}

/// Of all voters but the first, that heard nothing of one another.
Certificate certified(const Panel& panel, const std::string& subject, std::uint32_t height,
                      const Value& decided) {
  Statement s;
  s.phase = Phase::commit;
  s.subject = proposal_subject({}, subject);
  s.height = height;
  s.view = 1;
  s.incarnation = 1;
  s.value = decided;
  std::map<PeerId, SignedStatement> commits;
  for (std::size_t at = 1; at < 4; ++at) {
    const Ed25519Signer& signer = panel.voters.signers[at];
    commits.emplace(signer.id(), sign_bundle({}, signer, {s}).front());
  }
  return membership::certificate_from(commits);
}

/// Words of the primary may overtake those of the proposer.
TEST(Proposals, ANewViewWaitsForItsValue) {
  Panel panel(4);
  const std::string subject = panel.subject_of(1);
  Agreement& hearer = *panel.agreements[0];
  const Signer& primary = panel.voters.signers[1];
  Statement s;
  s.phase = Phase::new_view;
  s.subject = proposal_subject(ClusterId{}, subject);
  s.view = 1;
  s.incarnation = 1;
  s.value = Value{1, crypto::blake2b(as_bytes(value))};
  const NewView view{sign_bundle(ClusterId{}, primary, {s}).front(), {}};
  hearer.on_words(panel.now, primary.id(), encode_words({{SubjectKind::proposal, subject, view}}));
  EXPECT_TRUE(said(hearer, panel.now).empty());
  hearer.on_words(panel.now, panel.voters.signers[2].id(),
                  proposed(panel.voters.signers[2], subject, as_bytes(value)));
  const auto words = said(hearer, panel.now);
  ASSERT_EQ(words.size(), 3u);
  const auto* vote = std::get_if<SignedStatement>(&words.begin()->second.front().body);
  ASSERT_NE(vote, nullptr) << "at once, and not when the primary says it again";
  EXPECT_EQ(vote->statement.phase, Phase::prepare);
}

TEST(Proposals, LeaveUnderOneSignature) {
  Panel panel(4);
  Agreement& origin = *panel.agreements[0];
  const std::size_t count = 20;
  for (std::size_t i = 0; i < count; ++i) {
    ASSERT_TRUE(origin.propose(panel.now, panel.subject_of(1), as_bytes(value)));
  }
  const auto words = said(origin, panel.now);
  EXPECT_EQ(origin.counters().bundles, 1u);
  ASSERT_EQ(words.size(), 3u);
  std::set<Signature> signatures;
  for (const Word& word : words.begin()->second) {
    if (const auto* proposal = std::get_if<Proposal>(&word.body)) {
      signatures.insert(proposal->signature);
    }
  }
  EXPECT_EQ(words.begin()->second.size(), count);
  EXPECT_EQ(signatures.size(), 1u);
}

TEST(Proposals, GatherWhileMuchIsBeingDecided) {
  Panel panel(4);
  panel.hop = std::chrono::milliseconds(20);
  ASSERT_GT(panel.decide(0, panel.subject_of(1)), Duration{});  // so its pace is known
  Agreement& origin = *panel.agreements[0];
  const auto propose = [&](std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_TRUE(origin.propose(panel.now, panel.subject_of(1), as_bytes(value)));
    }
  };
  const auto bundles = [&] {
    Outbox out;
    origin.flush(panel.now, out);
    return origin.counters().bundles;
  };
  propose(20);
  const std::uint64_t first = bundles();
  propose(20);
  EXPECT_EQ(bundles(), first);
  const auto due = origin.next_deadline();
  ASSERT_TRUE(due);
  EXPECT_GT(*due, panel.now);
  EXPECT_LE(*due, panel.now + std::chrono::milliseconds(10));
  // What fills a bundle does not wait; what is left over does.
  propose(bundle_statements_max);
  EXPECT_EQ(bundles(), first + 1);
  panel.now = *due;
  EXPECT_EQ(bundles(), first + 2);
}

/// What was proposed is not stored, the view is: it may be told again to who left view 1 in an
/// earlier life.
TEST(Proposals, AreHeardAgainByWhoLeftViewOneBeforeItsRestart) {
  Panel panel(4);
  const std::string subject = panel.subject_of(1);
  Agreement& before = *panel.agreements[0];
  ASSERT_TRUE(before.propose(panel.now, subject, as_bytes(value)));
  std::map<Bytes, Bytes> rows;
  for (int i = 0; i < 100; ++i) {
    Outbox out;
    before.on_tick(panel.now += std::chrono::milliseconds(100));
    before.flush(panel.now, out);
    for (const Row& row : out.rows) rows[row.key] = row.value.value();
  }
  ASSERT_GT(before.counters().view_changes, 0u);
  const NoChains chains;
  Agreement after(
      {ClusterId{}, panel.voters.roster, panel.voters.signers[0], chains, "rules", 0, {}});
  ASSERT_EQ(after.restore(std::vector<std::pair<Bytes, Bytes>>(rows.begin(), rows.end())), 0u);
  after.write_as(panel.now, 1);
  EXPECT_TRUE(after.propose(panel.now, subject, as_bytes(value)));
  EXPECT_FALSE(said(after, panel.now).empty());
}

/// It was decided after a null, while this voter was away: who does not know its name cannot ask
/// for what was before.
TEST(Proposals, ACertificateIsTakenByWhoLacksThoseBefore) {
  Panel panel(4);
  const std::string subject = panel.subject_of(1);
  const Certificate certificate =
      certified(panel, subject, 2, Value{1, crypto::blake2b(as_bytes(value))});
  Agreement& agreement = *panel.agreements[0];
  agreement.on_certificate(panel.now, certificate);
  EXPECT_EQ(agreement.certificate(SubjectKind::proposal, subject), certificate);
  EXPECT_TRUE(agreement.propose(panel.now, subject, as_bytes("other")));
  ASSERT_TRUE(agreement.decision(subject));
  EXPECT_EQ(agreement.decision(subject)->certificate, certificate);
}

/// Two values were prepared, and nothing decided twice: the first may still be. Whoever was for it
/// can tell it, though it was started again, and was for another one since.
TEST(Proposals, AValueIsKeptWhateverComesUpAfterIt) {
  Panel panel(4);
  const Setting& setting = panel.agreements[0]->setting();
  std::string subject;
  SubjectId id;
  do {
    subject = panel.subject_of(1);
    id = proposal_subject({}, subject);
  } while (setting.primary(id, 2, 1) == setting.self());
  const auto value_of = [](const char* text) { return Value{1, crypto::blake2b(as_bytes(text))}; };
  std::uint32_t height = 0;
  for (const char* text : {value, "other"}) {
    Agreement& voter = *panel.agreements[0];
    ++height;
    voter.on_words(panel.now, panel.voters.signers[3].id(),
                   proposed(panel.voters.signers[3], subject, as_bytes(text)));
    Statement s;
    s.phase = Phase::new_view;
    s.subject = id;
    s.height = height;
    s.view = 1;
    s.incarnation = 1;
    s.value = value_of(text);
    const PeerId leads = voter.setting().primary(id, height, 1);
    const Signer& primary = panel.voters.signers[panel.place_of(leads)];
    const NewView view{sign_bundle({}, primary, {s}).front(), {}};
    voter.on_words(panel.now, leads, encode_words({{SubjectKind::proposal, subject, view}}));
    panel.step(0);
    voter.on_certificate(panel.now, certified(panel, subject, height, {}));
    panel.step(0);
    panel.restart(0);
  }
  EXPECT_EQ(panel.rows[0].size(), 3u) << "the subject, and two values";
  panel.agreements[0]->on_certificate(panel.now, certified(panel, subject, 3, value_of(value)));
  panel.step(0);
  for (const bool again : {false, true}) {
    if (again) panel.restart(0);
    const auto decided = panel.agreements[0]->decision(subject);
    ASSERT_TRUE(decided);
    ASSERT_TRUE(decided->value);
    EXPECT_EQ(as_text(*decided->value), value);
    EXPECT_EQ(panel.rows[0].size(), 2u) << "the other one is not needed any more";
  }
}

TEST(Proposals, AreTakenAsSignedAndNotOtherwise) {
  Panel panel(4);
  const std::string subject = panel.subject_of(1);
  ASSERT_TRUE(panel.agreements[0]->propose(panel.now, subject, as_bytes(value)));
  const auto words = said(*panel.agreements[0], panel.now);
  const PeerId& from = panel.voters.signers[0].id();
  const Word honest = words.at(panel.voters.signers[1].id()).front();
  Agreement& hearer = *panel.agreements[1];
  const auto hear = [&](const Proposal& proposal, const std::string& name) {
    hearer.on_words(panel.now, from, encode_words({{SubjectKind::proposal, name, proposal}}));
    return hearer.counters().bad_words;
  };
  const Proposal proposal = std::get<Proposal>(honest.body);
  Proposal forged = proposal;
  forged.bytes.push_back('!');
  EXPECT_EQ(hear(forged, subject), 1u);
  forged = proposal;
  forged.proposer = panel.voters.signers[2].id();
  EXPECT_EQ(hear(forged, subject), 2u);
  EXPECT_EQ(hear(proposal, panel.subject_of(1)), 3u);  // a value for something else
  EXPECT_TRUE(said(hearer, panel.now).empty());
  EXPECT_EQ(hear(proposal, subject), 3u);
  EXPECT_FALSE(said(hearer, panel.now).empty());  // its primary proposes the value
}

// The first one may be on its way already: two values of one voter would split the others.
TEST(Proposals, OfOneVoterAreTheFirst) {
  Panel panel(4);
  const std::string subject = panel.subject_of(1);
  ASSERT_TRUE(panel.agreements[0]->propose(panel.now, subject, as_bytes("one")));
  ASSERT_TRUE(panel.agreements[0]->propose(panel.now, subject, as_bytes("two")));
  EXPECT_EQ(said(*panel.agreements[0], panel.now).begin()->second.size(), 1u);
  ASSERT_TRUE(panel.agreements[0]->propose(panel.now, subject, as_bytes("two")));
  for (const auto& [to, words] : said(*panel.agreements[0], panel.now)) {
    ASSERT_EQ(words.size(), 1u);  // said again, for who did not hear it
    EXPECT_EQ(std::get<Proposal>(words.front().body).bytes, to_bytes(as_bytes("one")));
  }
}

/// Who proposed something forgets it in a crash and proposes something else, when half of the
/// voters know the one value alone, and half the other.
TEST(Proposals, OfOneVoterMayBeTwoAfterACrash) {
  const NoChains chains;
  Panel panel(4);
  const std::string subject = panel.subject_of(1);
  const auto propose = [&](const char* text, const std::vector<std::size_t>& hearers) {
    ASSERT_TRUE(panel.agreements[0]->propose(panel.now, subject, as_bytes(text)));
    const auto words = said(*panel.agreements[0], panel.now);
    for (const std::size_t hearer : hearers) {
      const PeerId& id = panel.voters.signers[hearer].id();
      panel.agreements[hearer]->on_words(panel.now, panel.voters.signers[0].id(),
                                         encode_words(words.at(id)));
    }
  };
  propose("one", {1, 2});
  panel.agreements[0] = std::make_unique<Agreement>(
      Setting{ClusterId{}, panel.voters.roster, panel.voters.signers[0], chains, "rules", 0, {}});
  panel.agreements[0]->write_as(panel.now, 1);
  propose("two", {3});
  panel.rest(std::chrono::minutes(1));
  for (const auto& agreement : panel.agreements) EXPECT_TRUE(agreement->decision(subject));
}

/// The last of four voters lies: it proposes more values than anybody may, to each voter others,
/// and all of them come before the honest one where values are ordered.
struct Flooded {
  Panel panel{4};
  std::string subject = panel.subject_of(1);

  Flooded() { panel.up[3] = false; }
  void hear(std::size_t hearer, const std::string& text) {
    const Signer& liar = panel.voters.signers[3];
    panel.agreements[hearer]->on_words(panel.now, liar.id(),
                                       proposed(liar, subject, as_bytes(text)));
  }
  void flood(std::size_t hearer, int count) {
    while (count > 0) {
      const std::string text = std::to_string(++tried_);
      if (crypto::blake2b(as_bytes(text)) > crypto::blake2b(as_bytes(value))) continue;
      hear(hearer, text);
      --count;
    }
  }
  void decide() {
    ASSERT_TRUE(panel.agreements[0]->propose(panel.now, subject, as_bytes(value)));
    panel.rest(std::chrono::minutes(2));
    for (const std::size_t voter : {0, 1, 2}) {
      const auto decision = panel.agreements[voter]->decision(subject);
      ASSERT_TRUE(decision) << voter;
      EXPECT_EQ(decision->value, to_bytes(as_bytes(value)));
    }
  }

 private:
  int tried_ = 0;
};

TEST(Proposals, OfALiarDoNotKeepThoseOfOthersBack) {
  Flooded flooded;
  for (const std::size_t hearer : {0, 1, 2}) flooded.flood(hearer, 4);
  flooded.decide();
}

/// It signed the value of another one before, as one of too many for the others to take.
TEST(Proposals, OfALiarAreStillThoseOfWhoProposesThem) {
  Flooded flooded;
  flooded.hear(0, value);
  for (const std::size_t hearer : {1, 2}) flooded.flood(hearer, 4);
  flooded.decide();
}

TEST(Proposals, OfOneValueAreOne) {
  Panel panel(4);
  const std::string subject = panel.subject_of(1);
  const auto pass = [&](std::size_t from, std::size_t to) {
    const auto words = said(*panel.agreements[from], panel.now);
    const auto heard = words.find(panel.voters.signers[to].id());
    if (heard == words.end()) return;
    panel.agreements[to]->on_words(panel.now, panel.voters.signers[from].id(),
                                   encode_words(heard->second));
  };
  ASSERT_TRUE(panel.agreements[2]->propose(panel.now, subject, as_bytes(value)));
  pass(2, 0);
  said(*panel.agreements[0], panel.now);
  ASSERT_TRUE(panel.agreements[0]->propose(panel.now, subject, as_bytes(value)));
  pass(0, 1);  // signed by both
  EXPECT_EQ(panel.agreements[1]->counters().bad_words, 0u);
  EXPECT_FALSE(said(*panel.agreements[1], panel.now).empty());
}

// The commit of the slowest voter always comes when the others have theirs: it needs no answer,
// unless it is said again.
TEST(Proposals, ALateVoteIsAnsweredWhenItIsSaidAgain) {
  Panel panel(4);
  const std::string subject = panel.subject_of(1);
  panel.up[3] = false;
  ASSERT_GT(panel.decide(0, subject), Duration{});
  Agreement& decided = *panel.agreements[0];
  const Certificate certificate = *decided.certificate(SubjectKind::proposal, subject);
  const Signer& slow = panel.voters.signers[3];
  const auto hear = [&](const Statement& statement) {
    const SignedStatement vote = sign_bundle(ClusterId{}, slow, {statement}).front();
    decided.on_words(panel.now, slow.id(), encode_words({{SubjectKind::proposal, subject, vote}}));
    return said(decided, panel.now);
  };
  Statement commit = certificate.statement({slow.id(), 1, {}, {}});
  EXPECT_TRUE(hear(commit).empty());
  const auto again = hear(commit);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again.at(slow.id()).front().body, Body(certificate));
  // Whoever is elsewhere does not know the decision.
  commit.view += 1;
  EXPECT_EQ(hear(commit).size(), 1u);
}

}  // namespace
}  // namespace vouch::consensus::proposals_test
