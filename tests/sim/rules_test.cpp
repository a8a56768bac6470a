// A rule set that changes under shipping peers while their clients submit. The ledger judges every
// stream by the rules that its key means.
// SPDX-License-Identifier: MIT
#include <array>

#include "tests/no_secrets.hpp"
#include "tests/sim/voters.hpp"
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vouch/base/stream_key.hpp"
#include "vouch/observe/health.hpp"
#include "vouch/schemas/json_write.hpp"

namespace vouch::sim::rules_test {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using Breaches = std::vector<std::string>;
using Peers = std::vector<std::size_t>;

/// Faults of the clients' streams are warnings from then on.
const std::string later = "agui-1.1/strict/compat/3102=warning";

/// Streams by the epoch in their keys: how many are certified, and how many of their events were
/// rejected, or accepted with a warning, as this peer knows.
struct Tally {
  std::size_t certified = 0;
  std::uint64_t rejected = 0, warned = 0;
};
Tally tally(World& world, std::size_t number, std::uint32_t epoch) {
  const machine::PeerMachine& machine = world.peer(number).machine();
  Tally out;
  machine.agreement().each([&](const consensus::Agreement::View& view) {
    const auto key = parse_stream_key(view.name);
    if (view.kind != consensus::SubjectKind::stream || !key || key->epoch != epoch) return;
    if (view.certified.value.size > 0) ++out.certified;
  });
  for (const auto& [stream, cells] : machine.replica().state().streams.entries()) {
    if (parse_stream_key(stream).value_or(StreamKey{}).epoch != epoch) continue;
    const Summary& summary =
        *cells.entries().begin()->second.claims().begin()->second.value.value();
    out.rejected += summary.rejected;
    out.warned += summary.warned;
  }
  return out;
}

/// What a peer says of a stream: size of what is certified.
std::uint64_t certified(World& world, std::size_t number, const std::string& key) {
  return world.peer(number).machine().agreement().certified(key).value.size;
}

/// A client submits events of a stream up to `upto` at a peer.
void submit(World& world, std::size_t number, const std::string& stream, std::uint64_t upto) {
  const std::uint64_t seed = world.settings().seed;
  world.visit(number, [&](SimPeer& peer) {
    for (std::uint64_t i = peer.lanes().position(stream).first; i < upto; ++i) {
      const auto taken = peer.lanes().submit(stream, event_of(seed, stream, i), i, true);
      EXPECT_TRUE(taken) << taken.error().text();
    }
  });
}

/// Entries of a stream that is over.
std::uint64_t whole(const World& world, const std::string& stream) {
  return length_of(world.settings().seed, stream) + 1;
}

/// The client submits the rest, and the close mark.
void finish(World& world, std::size_t number, const std::string& stream) {
  submit(world, number, stream, whole(world, stream) - 1);
  world.visit(number, [&](SimPeer& peer) { EXPECT_TRUE(peer.lanes().close(stream)); });
}

TEST(RuleChanges, StreamsAreJudgedByTheRulesThatTheyBeganUnder) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    World world({.seed = seed});
    world.start();
    world.run_until(seconds(8));
    world.propose_rules({0, 1}, later);
    world.run_until(seconds(14));
    expect_votes(world, {0, 1, 2, 3}, 1);
    world.run_until(seconds(22));
    world.stop_opening();
    world.run_until(seconds(60));
    EXPECT_EQ(world.ledger().breaches(), Breaches{}) << "seed " << seed;
    EXPECT_TRUE(world.clients_done());
    expect_equal_states(world);
    expect_no_alarms(world, {0, 1, 2, 3});
    for (const std::size_t number : {0, 3}) {
      const Tally before = tally(world, number, 0), after = tally(world, number, 1);
      EXPECT_GT(before.certified, 0U) << "seed " << seed;
      EXPECT_GT(after.certified, 0U) << "seed " << seed;
      EXPECT_EQ(before.warned, 0U) << "seed " << seed;
      EXPECT_EQ(after.rejected, 0U) << "seed " << seed;
    }
  }
}

/// Each half of the voters is told another story: neither is a quorum, so it takes a vote, in which
/// claims are heads by the later rules.
TEST(RuleChanges, AStreamOfLaterRulesIsDecidedByAVote) {
  World world({.seed = 5, .open_streams = 0});
  world.start();
  world.run_until(seconds(6));
  world.propose_rules({0, 1}, later);
  world.run_until(seconds(12));
  expect_votes(world, {0, 1, 2, 3}, 1);
  const std::string name = "t~";  // the ledger takes it for one that may be split
  const std::string key = stream_key(name, 1);
  const std::array island{world.peer(2).id(), world.peer(3).id()};
  world.network().isolate(island);
  for (std::size_t number = 0; number < 4; ++number) {
    const std::string ids = fmt::format(R"("threadId":"t","runId":"r{}")", number / 2);
    for (const char* type : {"RUN_STARTED", "RUN_FINISHED"}) {
      const std::string event = fmt::format(R"({{"type":"{}",{}}})", type, ids);
      world.ledger().splits().submitted(key, event);
      EXPECT_TRUE(world.peer(number).lanes().submit(name, event, std::nullopt, false));
    }
    EXPECT_TRUE(world.peer(number).lanes().close(name));
  }
  world.run_until(seconds(15));
  EXPECT_EQ(certified(world, 0, key), 0U);
  world.network().heal_all(world.now());
  world.run_until(seconds(60));
  const Value decided = world.peer(0).machine().agreement().certified(key).value;
  EXPECT_EQ(decided.size, 3U);
  for (std::size_t number = 0; number < 4; ++number) {
    const auto& agreement = world.peer(number).machine().agreement();
    EXPECT_EQ(agreement.certified(key).value, decided) << number;
    EXPECT_TRUE(agreement.on_track(key)) << number;
    EXPECT_GT(agreement.counters().settled_above, 0U) << number;
    EXPECT_EQ(certified(world, number, name), 0U) << number;
  }
  EXPECT_EQ(world.ledger().breaches(), Breaches{});
  expect_no_alarms(world, {0, 1, 2, 3});
}

/// Peer 3 is cut off and hears of the change last: one stream begins under both rule sets.
struct Switch : testing::Test {
  World world{{.seed = 7}};

  void SetUp() override {
    world.start();
    world.stop_opening();
    world.run_until(seconds(6));
    submit(world, 2, "old", 3);
    world.run_until(seconds(8));
    const std::array island{world.peer(3).id()};
    world.network().isolate(island);
    world.propose_rules({0, 1}, later);
    world.run_until(seconds(12));
    expect_votes(world, {0, 1, 2}, 1);
    EXPECT_EQ(world.peer(3).machine().roster().epoch(), 0U);
    submit(world, 0, "t", 3);
    submit(world, 3, "t", 4);
    submit(world, 2, "old", 6);
    world.run_until(seconds(13));
  }
  void heal() {
    world.network().heal_all(world.now());
    world.run_until(world.now() + seconds(15));
  }
  void expect_consistent() {
    EXPECT_EQ(world.ledger().breaches(), Breaches{});
    expect_equal_states(world);
    expect_no_alarms(world, {0, 1, 2, 3});
    for (std::size_t number = 0; number < 4; ++number) {
      EXPECT_EQ(world.peer(number).machine().counters().disputes, 0U) << "p" << number;
    }
  }
};

TEST_F(Switch, OneNameBeginsUnderBothAndBothAreCertified) {
  heal();
  expect_votes(world, {0, 1, 2, 3}, 1);
  finish(world, 0, "t");
  finish(world, 3, "t");
  finish(world, 2, "old");
  world.run_until(world.now() + seconds(20));
  for (std::size_t number = 0; number < 4; ++number) {
    for (const std::string& key : {std::string("t"), stream_key("t", 1), std::string("old")}) {
      EXPECT_EQ(certified(world, number, key), whole(world, key)) << key << " at p" << number;
    }
  }
  expect_consistent();
}

TEST_F(Switch, ARestartKnowsWhoseStreamIsWhose) {
  heal();
  world.kill_peer(0);
  world.kill_peer(3);
  world.start_peer(0);
  world.start_peer(3);
  world.run_until(world.now() + seconds(5));
  EXPECT_EQ(world.peer(0).lanes().key_of("t"), stream_key("t", 1));
  EXPECT_EQ(world.peer(3).lanes().key_of("t"), "t");
  finish(world, 0, "t");
  finish(world, 3, "t");
  world.run_until(world.now() + seconds(20));
  for (std::size_t number = 0; number < 4; ++number) {
    EXPECT_EQ(certified(world, number, "t"), whole(world, "t")) << "p" << number;
    EXPECT_EQ(certified(world, number, stream_key("t", 1)), whole(world, "t")) << "p" << number;
  }
  expect_consistent();
}

TEST(RuleChanges, OneOfFourAloneChangesNothing) {
  World world({.seed = 3});
  world.start();
  world.run_until(seconds(5));
  world.propose_rules({0}, later);
  world.run_until(seconds(20));
  for (std::size_t number = 0; number < 4; ++number) {
    EXPECT_EQ(world.peer(number).machine().roster().epoch(), 0U) << "p" << number;
  }
}

TEST(RuleChanges, BackAgainIsAnotherEpoch) {
  World world({.seed = 5});
  world.start();
  world.run_until(seconds(5));
  world.propose_rules({0, 1}, later);
  world.run_until(seconds(12));
  world.propose_rules({0, 1}, validator::RuleSet{}.id());
  world.run_until(seconds(20));
  expect_votes(world, {0, 1, 2, 3}, 2);
  world.stop_opening();
  world.run_until(seconds(60));
  EXPECT_EQ(world.ledger().breaches(), Breaches{});
  expect_equal_states(world);
  EXPECT_GT(tally(world, 0, 2).certified, 0U);
}

std::string health(const World& world, std::size_t number) {
  return json::to_text(
      json::Value{observe::health_json(world.peer(number).machine(), std::nullopt, Instant{})});
}

TEST(RuleChanges, WhoLacksARuleStaysUpAndSaysSo) {
  const std::string custom = validator::RuleSet{}.id() + "/+acme.no-secrets@1";
  World world({.seed = 2, .later = {std::make_shared<NoSecrets>("9")}});
  world.start();
  world.stop_opening();
  world.run_until(seconds(5));
  // Operators of peer 3 cannot propose it, nor does peer 3 help to decide it.
  world.propose_rules({3, 0}, custom);
  world.run_until(seconds(8));
  EXPECT_EQ(world.peer(0).machine().roster().epoch(), 0U);
  EXPECT_EQ(world.peer(0).machine().agreement().proposed_rosters().at(0).second.size(), 1U);
  world.propose_rules({1}, custom);
  world.run_until(seconds(14));
  expect_votes(world, {0, 1, 2, 3}, 1);
  finish(world, 0, "t");
  world.visit(3, [](SimPeer& peer) {
    const auto begun = peer.lanes().submit("u", event_of(2, "u", 0), 0, false);
    ASSERT_FALSE(begun);
    EXPECT_EQ(begun.error().code, Errc::invalid_config);
  });
  world.run_until(seconds(40));
  const std::string key = stream_key("t", 1);
  for (const std::size_t number : Peers{0, 1, 2, 3}) {
    EXPECT_EQ(certified(world, number, key), whole(world, "t")) << "p" << number;
  }
  const auto* cells = world.peer(0).machine().replica().state().streams.find(key);
  ASSERT_NE(cells, nullptr);
  EXPECT_EQ(cells->find(world.peer(3).id()), nullptr);
  EXPECT_THAT(health(world, 3), HasSubstr("judges no stream under the rules of epoch 1"));
  EXPECT_THAT(health(world, 3), HasSubstr("acme.no-secrets@1"));
  EXPECT_THAT(health(world, 0), testing::Not(HasSubstr("judges no stream")));
  EXPECT_EQ(world.ledger().breaches(), Breaches{});
  expect_equal_states(world);
}

}  // namespace
}  // namespace vouch::sim::rules_test
