// What was decided while a voter was away, or what it holds no value of any more: others tell it,
// and are believed as far as the signatures of a quorum go.
// SPDX-License-Identifier: MIT
#include "tests/sim/pair.hpp"
#include "tests/sim/proposers.hpp"
#include "tests/sim/world.hpp"

#include "vouch/base/bundle.hpp"
#include "vouch/schemas/batch_codec.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::sim::values_test {
namespace {

using std::chrono::seconds;

TEST(Values, WhoWasAwayIsToldByOthers) {
  for (const std::size_t kept : {3u, 4096u}) {
    World world({.seed = 10, .finished_kept = kept});
    Proposers proposers(world, true);
    world.start();
    proposers.start();
    world.run_until(seconds(3));
    world.kill_peer(3);
    world.run_until(seconds(20));
    world.start_peer(3);
    world.run_until(seconds(25));
    world.stop_opening();
    proposers.stop();
    world.run_until(seconds(60));
    EXPECT_EQ(proposers.differences(false), std::vector<std::string>{}) << kept;
  }
}

/// One proposal that two voters decide.
struct Decided : testing::Test {
  Pair pair;
  const PeerId id = pair.other.signer->id();
  const ClusterId cluster = sync::cluster_id("two");
  const SubjectId proposal = proposal_subject(cluster, "leader");

  /// A certificate of so many of the two.
  Bytes certificate(const char* value, std::size_t voters) {
    Statement s;
    s.phase = Phase::commit;
    s.subject = proposal;
    s.height = 1;
    s.view = 1;
    s.incarnation = 1;
    s.value = Value{1, crypto::blake2b(as_bytes(value))};
    std::map<PeerId, SignedStatement> commits;
    for (const Host* host : {&pair.one, &pair.other}) {
      if (commits.size() == voters) continue;
      commits.emplace(host->signer->id(), sign_bundle(cluster, *host->signer, {s}).front());
    }
    return encode_certificate(membership::certificate_from(commits));
  }
};

struct ToldValues : Decided {
  /// What follows when `one` is told so.
  Outbox told(const Bytes& certificate, const char* value) {
    Outbox out;
    const Message message{1, ProposalValue{certificate, to_bytes(as_bytes(value))}};
    pair.one.machine.on_reply(pair.one.now, id, message, out);
    return out;
  }
  std::optional<Bytes> value() const {
    const auto decided = pair.one.machine.agreement().decision("leader");
    return decided ? decided->value : std::nullopt;
  }
};

TEST_F(ToldValues, AreThoseThatAQuorumSigned) {
  const Bytes right = certificate("red", 2);
  EXPECT_TRUE(pair.one.carrier.propose(pair.one.now, "leader", as_bytes("blue")));
  EXPECT_EQ(told(right, "red").size(), 0u) << "nobody asked for it";
  pair.one.carrier.seek_value(pair.one.now, "leader");
  EXPECT_EQ(told(right, "green").size(), 0u);
  EXPECT_EQ(told(certificate("green", 1), "green").size(), 0u);
  EXPECT_EQ(told({}, "red").size(), 0u);
  EXPECT_FALSE(value());
  const std::vector<Notice> notices = told(right, "red").notices;
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(std::get<Certified>(notices.front()).name, "leader");
  EXPECT_EQ(value(), to_bytes(as_bytes("red")));
  EXPECT_EQ(told(right, "red").size(), 0u) << "it is sought no more";
}

/// It took over a state, and knows no more of it than that it was decided.
TEST_F(ToldValues, AreWrittenDownWhereTheirProposalIsReleased) {
  pair.one.carrier.seek_value(pair.one.now, "leader");
  EXPECT_EQ(told(certificate("red", 2), "red").rows.size(), 0u) << "it may be open";
  pair.one.released.add(proposal, 1);
  EXPECT_EQ(told(certificate("red", 2), "green").size(), 0u);
  EXPECT_EQ(told(certificate("green", 1), "green").size(), 0u);
  const Outbox out = told(certificate("red", 2), "red");
  ASSERT_EQ(out.rows.size(), 1u);
  const auto row = sync::decode_released_row(*out.rows.front().value);
  ASSERT_TRUE(row);
  EXPECT_TRUE(tells_value(*row));
  EXPECT_EQ(row->name, "leader");
  EXPECT_EQ(row->value, to_bytes(as_bytes("red")));
  EXPECT_EQ(out.notices.size(), 1u);
}

struct LastWords : Decided {
  /// What the other voter writes next, as `one` reads it.
  void hear(const Records& records) {
    BatchHeader header;
    header.cluster = cluster;
    header.writer = {id, 1};
    header.first = log.last + 1;
    header.count = static_cast<std::uint32_t>(records.size());
    header.previous = log.chain;
    const auto batch = sync::seal_batch(header, encode_records(records), *pair.other.signer);
    log = {header.last(), batch.hash};
    Outbox out;
    pair.one.machine.on_gossip(pair.one.now, batch.frame, out);
    pair.one.machine.on_tick(pair.one.now, out);
  }
  FrontierEntry log;
  std::uint64_t released() const { return pair.one.machine.counters().released_proposals; }
};

/// Whoever reads the last of these words has read the certificate, too.
TEST_F(LastWords, WaitForTheCertificateInALog) {
  pair.pass(std::chrono::milliseconds(100));
  Records word, decision;
  word.finished_proposals = {proposal};
  decision.certificates = {*decode_certificate(certificate("red", 2))};
  hear(word);
  EXPECT_EQ(pair.one.machine.replica().state().finished_proposals.size(), 1u);
  EXPECT_EQ(released(), 0u);
  hear(decision);
  EXPECT_EQ(pair.one.machine.replica().state().finished_proposals.size(), 0u);
  EXPECT_EQ(released(), 1u);
}

}  // namespace
}  // namespace vouch::sim::values_test
