// Every checker notices what it is there for: each test makes one thing wrong.
// SPDX-License-Identifier: MIT
#include "tests/sim/checks.hpp"

#include <functional>

#include "tests/sim/quiet_world.hpp"
#include "tests/sim/signer.hpp"

#include "vouch/observe/health.hpp"
#include "vouch/schemas/json_write.hpp"
#include "vouch/sync/seal.hpp"

namespace vouch::sim::checks_test {
namespace {

using std::chrono::seconds;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

struct Checks : QuietWorld {
  using QuietWorld::QuietWorld;
  std::string stream() const { return world.streams().begin()->first; }
  PeerId id(std::size_t number) const { return world.peer(number).id(); }
  void expect_difference(const std::string& what) {
    EXPECT_THAT(differences(world, {}), Contains(HasSubstr(what)));
  }
  void expect_breach(const std::string& what) {
    EXPECT_THAT(world.ledger().breaches(), Contains(HasSubstr(what)));
  }
  Bytes batch(std::uint64_t number, ByteView body) const {
    const auto signer = make_signer(21, 0, false);
    BatchHeader header;
    header.cluster = sync::cluster_id("simulation");
    header.writer = {id(0), 1};
    header.first = number;
    header.count = 1;
    return sync::seal_batch(header, body, *signer).frame;
  }
};

TEST_F(Checks, RestartsChangeNothing) {
  EXPECT_THAT(changes_by_restart(world), IsEmpty());
}

TEST_F(Checks, APeerThatIsDown) {
  world.kill_peer(2);
  expect_difference("p2 does not start");
}

TEST_F(Checks, AFrontierThatStaysBehind) {
  const SimDisk before = world.peer(1).disk();
  world.kill_peer(0);
  world.start_peer(0);
  world.run_until(seconds(40));
  world.kill_peer(1);
  world.peer(1).disk().restore(before);
  world.start_peer(1);
  expect_difference("p1 has another frontier");
}

TEST_F(Checks, ABatchThatWasLost) {
  ASSERT_TRUE(world.peer(1).disk().lose(Table::batches, id(0).view(), 0));
  expect_difference("p1 stores other batches");
  expect_difference("p1 has lost 1 published batches");
}

TEST_F(Checks, AnEventThatCameBack) {
  world.peer(1).disk().put(Table::payloads, Bytes{1}, Bytes{2});
  expect_difference("p1 still stores 1 rows of events");
}

TEST_F(Checks, AnAttestationThatARestartForgets) {
  world.kill_peer(1);
  ASSERT_TRUE(world.peer(1).disk().lose(Table::cells, Bytes{'s'}, 0));
  world.start_peer(1);
  expect_difference("p1 has another state");
}

/// Of two nobody knows who is right: it is said, and stays.
struct ChecksOfTwo : Checks {
  ChecksOfTwo() : Checks({.seed = 21, .peers = 2}) {}
};

TEST_F(ChecksOfTwo, AStateThatDiffersIsSeenByEverybody) {
  const auto reasons = [this](std::size_t number) {
    const machine::PeerMachine& machine = world.peer(number).machine();
    return json::to_text(json::Value{observe::health_json(machine, std::nullopt, Instant{})});
  };
  EXPECT_THAT(reasons(0), HasSubstr(R"("differing":0)"));
  world.kill_peer(1);
  ASSERT_TRUE(world.peer(1).disk().lose(Table::cells, Bytes{'s'}, 0));
  world.start_peer(1);
  world.run_until(world.now() + seconds(10));
  EXPECT_THAT(reasons(0), HasSubstr(R"("differing":1)"));
  EXPECT_THAT(reasons(0), HasSubstr("has another state than we, from the same logs"));
  EXPECT_THAT(reasons(1), HasSubstr(R"("differing":1)"));
  expect_difference("p0 holds " + id(1).short_hex() + " for damaged");
}

/// The same of a world where streams leave memory as soon as they are over.
struct ReleasedChecks : Checks {
  ReleasedChecks() : Checks({.seed = 21, .finished_kept = 0}) {}

  /// What a peer keeps of a stream is changed.
  void rewrite(const std::function<void(sync::ReleasedRow&)>& change) {
    SimPeer& peer = world.peer(1);
    const Bytes key = to_bytes(peer.released().subject_of(stream()).view());
    const Bytes* bytes = peer.disk().find(Table::released, key);
    ASSERT_NE(bytes, nullptr);
    auto row = sync::decode_released_row(*bytes);
    ASSERT_TRUE(row);
    change(*row);
    peer.disk().put(Table::released, key, sync::encode_released_row(*row));
  }
};

TEST_F(ReleasedChecks, AnEndThatASingleValidatorHasNot) {
  rewrite([](sync::ReleasedRow& row) { row.head = {}; });
  expect_difference("p1 keeps another end of");
}

TEST_F(ReleasedChecks, AStreamThatWasNotCertified) {
  rewrite([](sync::ReleasedRow& row) { row.certificate.reset(); });
  expect_difference("p1 keeps no certificate of");
}

TEST_F(Checks, ARunThatNobodyIsToldOf) {
  world.kill_peer(0);
  ASSERT_TRUE(world.peer(0).disk().lose(Table::cells, Bytes{'t'}, 0));
  world.start_peer(0);
  expect_difference("tells nobody of the first run");
}

TEST_F(Checks, ABatchThatLeavesBeforeItIsStored) {
  world.ledger().published(world.peer(0).id(), batch(1'000'000, Bytes{1}), world.peer(0).disk());
  expect_breach("before it was durable");
}

TEST_F(Checks, ANumberThatIsUsedTwice) {
  world.ledger().published(world.peer(0).id(), batch(1, Bytes{1}), world.peer(0).disk());
  expect_breach("used record 1 of incarnation 1 twice");
}

TEST_F(Checks, AHeadThatASingleValidatorHasNot) {
  world.ledger().attested({stream(), id(1), 5, Hash{}});
  expect_breach("another head than a single validator");
}

TEST_F(Checks, AVerdictThatASingleValidatorHasNot) {
  world.ledger().judged(stream(), 0, 2010);
  expect_breach("verdict code 2010 instead of 0");
}

TEST_F(Checks, ADispute) {
  world.ledger().disputed({stream(), 3, id(0), id(1)});
  expect_breach("a dispute among honest peers");
}

TEST_F(Checks, AnHonestPeerThatIsProven) {
  world.ledger().proven({id(1), "fork", "two batches"});
  expect_breach("is proven, and kept its log");
}

TEST_F(Checks, AProofThatProvesNothing) {
  state::State state = world.peer(0).machine().replica().state();
  const auto& signer = world.peer(0).signer();
  EXPECT_THAT(flaws_of_proofs(state, signer), IsEmpty());
  state.join(state::delta_from_proof(id(1), Bytes{1}));
  EXPECT_THAT(flaws_of_proofs(state, signer), Contains("holds a proof that proves nothing"));
}

TEST_F(Checks, AWordOfAProvenKey) {
  state::State state = world.peer(0).machine().replica().state();
  ASSERT_FALSE(state.streams.empty());
  state.proofs = state::delta_from_proof(id(1), Bytes{1}).proofs;
  EXPECT_THAT(flaws_of_proofs(state, world.peer(0).signer()),
              Contains("counts what a proven key wrote"));
}

TEST_F(Checks, AnAcknowledgedEventThatIsGone) {
  const Message promise{1, Pushed{stream(), 1'000'000, false}};
  transport::PartSplitter splitter;
  world.ledger().answered(id(1), splitter.split(encode_message(promise)).front());
  world.kill_peer(1);
  world.start_peer(1);
  expect_breach("up to 1000000 and holds only");
}

TEST_F(Checks, AQueueWithoutABound) {
  world.ledger().queued(id(1), Ledger::queued_max + 1);
  expect_breach("things to be carried out");
}

TEST(Runs, TheSameSeedGivesTheSameTrace) {
  const auto trace = [](std::uint64_t seed) {
    RunSettings settings;
    settings.world.seed = seed;
    settings.plan = *draw_plan(seed, "default");
    return run(settings).trace_hash;
  };
  EXPECT_EQ(trace(3), trace(3));
  EXPECT_NE(trace(3), trace(4));
}

}  // namespace
}  // namespace vouch::sim::checks_test
