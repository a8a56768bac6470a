// A voter that says two things in one phase of a view is proven, by whatever way both reach a
// shipping machine: as words, as records of its log, or one in what another voter encloses.
// SPDX-License-Identifier: MIT
#include "tests/sim/checks.hpp"
#include "tests/sim/pair.hpp"
#include <gmock/gmock.h>

#include "vouch/base/bundle.hpp"
#include "vouch/consensus/messages.hpp"
#include "vouch/membership/certificate.hpp"
#include "vouch/observe/proofs.hpp"
#include "vouch/schemas/batch_codec.hpp"
#include "vouch/schemas/json_write.hpp"
#include "vouch/sync/misbehaviour.hpp"

namespace vouch::sim::double_votes_test {
namespace {

using consensus::Body;
using consensus::NewView;
using consensus::ViewChange;
using consensus::Word;

/// One machine of four voters; the test speaks for the others.
struct DoubleVotes : testing::Test {
  static constexpr std::size_t liar = 1;
  std::vector<std::unique_ptr<Signer>> signers;
  membership::Roster roster;
  std::deque<Host::Letter> mail;
  std::unique_ptr<Host> host;
  ClusterId cluster = sync::cluster_id("two");
  std::map<std::size_t, FrontierEntry> logs;
  Outbox out;

  void SetUp() override {
    std::vector<PeerId> ids;
    for (std::size_t i = 0; i < 4; ++i) ids.push_back(signers.emplace_back(signer(i))->id());
    roster = membership::Roster(ids, 0);
    host = std::make_unique<Host>(0, roster, mail);
  }
  static std::unique_ptr<Signer> signer(std::size_t voter) { return make_signer(1, voter, false); }
  Statement statement(Phase phase, std::uint32_t view, std::uint8_t head) const {
    Statement s;
    s.phase = phase;
    s.subject = stream_subject(cluster, "t");
    s.view = view;
    s.incarnation = 1;
    s.value = Value{3, {}, 0};
    s.value->head.bytes.fill(head);
    return s;
  }
  SignedStatement sign(std::size_t voter, const Statement& s) const {
    // Beside something else, so that there is a path to its root.
    Statement other = s;
    other.height += 7;
    return sign_bundle(cluster, *signers[voter], {other, s}).back();
  }
  SignedStatement vote(std::size_t voter, Phase phase, std::uint32_t view,
                       std::uint8_t head) const {
    return sign(voter, statement(phase, view, head));
  }
  void hear(std::size_t from, Body body) {
    const Bytes words =
        consensus::encode_words({{consensus::SubjectKind::stream, "t", std::move(body)}});
    host->machine.on_request(host->now, signers[from]->id(), "route", {1, Agree{words}}, out);
    host->machine.on_tick(host->now, out);
  }
  void hear_logged(std::size_t from, const std::vector<Statement>& statements) {
    Records records;
    records.ballot.statements = statements;
    records.ballot.signature = sign_bundle(cluster, *signers[from], statements).front().signature;
    FrontierEntry& end = logs[from];
    BatchHeader header;
    header.cluster = cluster;
    header.writer = {signers[from]->id(), 1};
    header.first = end.last + 1;
    header.count = static_cast<std::uint32_t>(records.size());
    header.previous = end.chain;
    const auto batch = sync::seal_batch(header, encode_records(records), *signers[from]);
    end = {header.last(), batch.hash};
    host->machine.on_gossip(host->now, batch.frame, out);
  }
  /// Nobody holds anything of the own log: the machine writes from now on.
  void join() {
    transport::PartAssembler parts;
    for (Host::Letter& letter : std::exchange(mail, {})) {
      const auto whole = parts.add("", std::move(letter.incoming.bytes));
      if (!whole || !*whole) continue;
      const auto message = decode_message(**whole);
      if (!message || !std::holds_alternative<Pull>(message->body)) continue;
      host->machine.on_reply(host->now, letter.to, {message->id, Pulled{}}, out);
    }
    host->machine.on_tick(host->now, out);
    ASSERT_TRUE(host->machine.writing());
  }
  /// Certificates that it wrote down until a second from now.
  std::size_t certificates_written() {
    for (int i = 0; i < 10; ++i) {
      host->now += std::chrono::milliseconds(100);
      host->machine.on_tick(host->now, out);
    }
    std::size_t count = 0;
    for (const Bytes& bytes : out.publish) {
      const auto frame = split_frame(bytes);
      if (!frame || frame->kind != FrameKind::batch) continue;
      const auto records = decode_records(frame->body);
      if (records) count += records->certificates.size();
    }
    return count;
  }
  void prove_liar() {
    for (const std::uint8_t head : {1, 2}) {
      Statement s = statement(Phase::prepare, 8, head);
      s.height = host->machine.agreement().certified("t").height + 1;
      hear(liar, sign(liar, s));
    }
    ASSERT_TRUE(proven(liar));
  }
  bool proven(std::size_t voter) const {
    return host->machine.replica().proven(signers[voter]->id());
  }
  /// What the one proof says, which leaves before anything else.
  std::string told() const {
    if (out.publish.empty() || !is_vote_proof(out.publish.front())) return "nothing";
    const auto offence = sync::verify_proof(
        out.publish.front(), [this](const PeerId& by, ByteView text, const Signature& s) {
          return signers[0]->verify(by, text, s);
        });
    if (!offence) return offence.error().text();
    EXPECT_EQ(offence->writer, (Writer{signers[liar]->id(), 1}));
    EXPECT_EQ(flaws_of_proofs(host->machine.replica().state(), *signers[0]), Texts{});
    return offence->what;
  }
};

TEST_F(DoubleVotes, TwoVotesOfAViewAreProven) {
  for (const Phase phase : {Phase::prepare, Phase::commit}) {
    SetUp();
    out = {};
    hear(liar, vote(liar, phase, 2, 1));
    hear(liar, vote(liar, phase, 2, 1));
    EXPECT_FALSE(proven(liar)) << "the same, signed twice";
    hear(liar, vote(liar, phase, 3, 2));
    EXPECT_FALSE(proven(liar)) << "in another view";
    hear(liar, vote(liar, phase, 3, 1));
    EXPECT_TRUE(proven(liar));
    EXPECT_THAT(told(), testing::StartsWith(std::string(name_of(phase)) + " in view 3"));
    EXPECT_EQ(host->machine.counters().contradictions, 1u);
  }
}

TEST_F(DoubleVotes, AWordAgainstARecord) {
  hear_logged(liar, {statement(Phase::prepare, 0, 1)});
  EXPECT_FALSE(proven(liar));
  hear(liar, vote(liar, Phase::prepare, 0, 2));
  EXPECT_TRUE(proven(liar));
  EXPECT_NE(told(), "nothing");
}

TEST_F(DoubleVotes, TwoRecordsAreProvenWhereNobodyCountsThem) {
  // Of a later height: its instance is not open here.
  Statement one = statement(Phase::commit, 0, 1), other = statement(Phase::commit, 0, 2);
  one.height = other.height = 5;
  hear_logged(liar, {one});
  EXPECT_FALSE(proven(liar));
  hear_logged(liar, {other});
  EXPECT_TRUE(proven(liar));
  EXPECT_NE(told(), "nothing");
  EXPECT_TRUE(host->machine.replica().state().commits.empty()) << "nothing of it counts";
  const auto shown = observe::proofs_json(host->machine.replica().state().proofs);
  EXPECT_THAT(json::to_text(shown), testing::HasSubstr("commit in view 0 of height 5"));
}

TEST_F(DoubleVotes, TwoRecordsOfOneBatch) {
  hear_logged(liar, {statement(Phase::prepare, 0, 1), statement(Phase::prepare, 0, 2)});
  EXPECT_TRUE(proven(liar));
  EXPECT_NE(told(), "nothing");
}

TEST_F(DoubleVotes, OneInALockOfAnother) {
  hear(liar, vote(liar, Phase::prepare, 1, 1));
  Statement s = statement(Phase::view_change, 2, 0);
  s.value.reset();
  const SignedStatement prepare = vote(liar, Phase::prepare, 1, 2);
  s.lock = Lock{1, *prepare.statement.value};
  const ViewChange change{sign(2, s),
                          std::nullopt,
                          {prepare, vote(2, Phase::prepare, 1, 2), vote(3, Phase::prepare, 1, 2)}};
  hear(2, change);
  EXPECT_TRUE(proven(liar));
  EXPECT_FALSE(proven(2));
  EXPECT_NE(told(), "nothing");
}

TEST_F(DoubleVotes, OneInACertificate) {
  hear(liar, vote(liar, Phase::commit, 1, 1));
  std::map<PeerId, SignedStatement> commits;
  for (const std::size_t voter : {1, 2, 3}) {
    commits[signers[voter]->id()] = vote(voter, Phase::commit, 1, 2);
  }
  hear(2, membership::certificate_from(commits));
  EXPECT_TRUE(proven(liar));
  EXPECT_FALSE(proven(2) || proven(3));
  EXPECT_NE(told(), "nothing");
}

TEST_F(DoubleVotes, TwoViewChangesOfAView) {
  Statement s = statement(Phase::view_change, 2, 0);
  s.value.reset();
  hear(liar, ViewChange{sign(liar, s), std::nullopt, {}});
  hear(liar, ViewChange{sign(liar, s), std::nullopt, {}});
  EXPECT_FALSE(proven(liar));
  s.value = Value{5, {}, 0};
  hear(liar, ViewChange{sign(liar, s), std::nullopt, {}});
  EXPECT_TRUE(proven(liar));
  EXPECT_THAT(told(), testing::HasSubstr("for nothing, and for 5 entries"));
}

TEST_F(DoubleVotes, TwoNewViewsOfAView) {
  const std::uint32_t view = [&] {
    const consensus::Setting& setting = host->machine.agreement().setting();
    std::uint32_t out = 1;
    while (setting.primary(stream_subject(cluster, "t"), 1, out) != signers[liar]->id()) ++out;
    return out;
  }();
  NewView one;
  for (const std::size_t voter : {1, 2, 3}) {
    Statement s = statement(Phase::view_change, view, 0);
    s.value.reset();
    one.basis.push_back({sign(voter, s), std::nullopt, {}});
  }
  Statement s = statement(Phase::new_view, view, 0);
  s.value = Value{};
  s.basis = consensus::basis_hash(one.basis);
  one.vote = sign(liar, s);
  NewView other = one;
  s.basis.bytes.fill(9);
  other.vote = sign(liar, s);
  hear(liar, one);
  EXPECT_FALSE(proven(liar));
  hear(liar, other);
  EXPECT_TRUE(proven(liar));
  EXPECT_THAT(told(), testing::HasSubstr("from view-changes"));
}

TEST_F(DoubleVotes, NobodyIsProvenByWhatOthersSignForIt) {
  SignedStatement one = vote(liar, Phase::prepare, 1, 1), other = vote(2, Phase::prepare, 1, 2);
  other.voter = one.voter;
  hear(liar, one);
  hear(2, other);
  EXPECT_FALSE(proven(liar));
  // Nor by a proof that somebody makes of both.
  host->machine.on_gossip(host->now, *sync::prove(cluster, one, other), out);
  EXPECT_FALSE(proven(liar));
  EXPECT_EQ(host->machine.replica().counters().bad_proofs, 1u);
}

TEST_F(DoubleVotes, AProofIsFoundAgainAfterACrash) {
  // The state was stored, and the last life ended before it looked.
  state::State state;
  state.join(state::delta_from(std::vector{vote(liar, Phase::prepare, 0, 1)}));
  state.join(state::delta_from(std::vector{vote(liar, Phase::prepare, 0, 2)}));
  sync::Replica replica({cluster, {signers[liar]->id()}, roster}, *signers[0], state, {});
  replica.look_for_contradictions(out);
  EXPECT_TRUE(replica.proven(signers[liar]->id()));
  EXPECT_TRUE(replica.state().prepares.empty());
  EXPECT_NE(out.publish.size(), 0u);
}

// Others may never read the commit of the proven voter: they would wait for ever.
TEST_F(DoubleVotes, ACertificateThatNoLogGivesAnyMoreIsWrittenDown) {
  join();
  hear(2, consensus::Request{1});
  for (const std::size_t voter : {1, 2, 3}) hear_logged(voter, {statement(Phase::commit, 0, 1)});
  host->machine.on_tick(host->now, out);
  ASSERT_EQ(host->machine.agreement().certified("t").height, 1u);
  EXPECT_EQ(certificates_written(), 0u) << "it follows from the logs";
  prove_liar();
  EXPECT_EQ(certificates_written(), 1u);
}

TEST_F(DoubleVotes, ACertificateWithACommitThatWasHeardBeforeTheProof) {
  join();
  hear(2, consensus::Request{1});
  for (const std::size_t voter : {1, 2}) hear_logged(voter, {statement(Phase::commit, 0, 1)});
  prove_liar();
  EXPECT_EQ(certificates_written(), 0u);
  hear_logged(3, {statement(Phase::commit, 0, 1)});
  host->machine.on_tick(host->now, out);
  ASSERT_EQ(host->machine.agreement().certified("t").height, 1u);
  EXPECT_EQ(certificates_written(), 1u);
}

TEST_F(DoubleVotes, NobodyAccusesItself) {
  Outbox none;
  sync::Replica replica({cluster, {signers[liar]->id()}, roster}, *signers[liar], {}, {});
  replica.accuse(vote(liar, Phase::prepare, 1, 1), vote(liar, Phase::prepare, 1, 2), none);
  EXPECT_FALSE(replica.proven(signers[liar]->id()));
}

}  // namespace
}  // namespace vouch::sim::double_votes_test
