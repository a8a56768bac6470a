// Rosters that are changed by command while real peers run, die and come back.
// SPDX-License-Identifier: MIT
#include <set>

#include "tests/net/operated.hpp"
#include <fmt/format.h>

#include "vouch/client/peer_client.hpp"
#include "vouch/membership/roster.hpp"
#include "vouch/schemas/json_parse.hpp"
#include "vouch/schemas/votes.hpp"

namespace vouch::net::rosters_test {
namespace {

using std::chrono::seconds;
/// Of five the first four vote; all know of each other.
struct Rosters : Operated {
  Rosters() : Operated(5, [](std::size_t, Config& c) { c.roster.at(4).voter = false; }) {}

  std::string told(const Indices& indices) {
    std::string out;
    for (const std::size_t index : indices) {
      out +=
          tools::run("vouch-peer", {"roster", "show", "--json", "--peer", peers[index].socket}).out;
    }
    return out;
  }
  /// All of them hold one certificate of the first `entries` of the stream, made in this epoch.
  testing::AssertionResult certified(const Indices& indices, const std::string& stream,
                                     std::uint64_t entries, std::uint32_t epoch) {
    std::set<std::string> heads;
    for (const std::size_t index : indices) {
      const auto held = certificate_at(index, stream, entries);
      if (!held) return testing::AssertionFailure() << "none at peer " << index;
      const auto bytes = from_hex(tools::text(*held, "certificate"));
      const auto certificate = decode_certificate(bytes.value_or(Bytes{}));
      if (!certificate || certificate->epoch != epoch) {
        return testing::AssertionFailure() << "another epoch at peer " << index;
      }
      signers.clear();
      for (const auto& commit : certificate->commits) signers.insert(commit.voter);
      heads.insert(tools::text(*held, "head"));
    }
    if (heads.size() == 1) return testing::AssertionSuccess();
    return testing::AssertionFailure() << heads.size() << " heads";
  }
  testing::AssertionResult says(std::size_t index, const std::string& what) {
    const tools::Ran ran = health(index);
    if (ran.out.find(what) != std::string::npos) return testing::AssertionSuccess();
    return testing::AssertionFailure() << ran.out << ran.err;
  }
  std::set<PeerId> signers;  ///< of the last certificate that was looked at
};

TEST_F(Rosters, AFifthVoterIsAddedAndSignsAndReceiptsLeadToIt) {
  peers.start_all();
  peers.submit(0, "before", run_events("before", 5));
  ASSERT_TRUE(within(patience, [&] { return certified({0, 1, 2, 3}, "before", 10, 0); }));
  ASSERT_TRUE(within(patience, [&] { return in_epoch({0, 1, 2, 3}, 0); }));

  const tools::Ran alone = roster({"add", key(4)}, {0});
  EXPECT_EQ(alone.code, 1) << alone.err;
  EXPECT_NE(alone.out.find("1 of the 2 voters that it takes propose it"), std::string::npos)
      << alone.out << alone.err;
  const tools::Ran second = roster({"add", key(4)}, {1}, 40'000);
  EXPECT_EQ(second.code, 0) << second.out << second.err;
  EXPECT_NE(second.out.find("in force as epoch 1: 5 voters, 4 decide, 1 liar tolerated"),
            std::string::npos)
      << second.out << second.err;
  EXPECT_TRUE(within(patience, [&] { return in_epoch({0, 1, 2, 3, 4}, 1); }));
  const tools::Ran again = roster({"add", key(4)}, {0});
  EXPECT_EQ(again.code, 0) << again.out << again.err;

  peers.cluster().kill(peers[3]);  // without it four of five are left: the new one is needed
  peers.submit(0, "after", run_events("after", 5));
  EXPECT_TRUE(within(patience, [&] { return certified({0, 1, 2, 4}, "after", 10, 1); }));
  EXPECT_TRUE(signers.contains(peers[4].id));

  const auto& folder = peers.cluster().folder();
  const std::string receipt = folder / "after.receipt";
  ASSERT_EQ(
      tools::run("vouch-dump", {"receipt", "after", "--peer", peers[4].socket, "--out", receipt})
          .code,
      0);
  const tools::Ran told = tools::run("vouch-dump", {"roster", peers[4].socket});
  ASSERT_EQ(told.code, 0) << told.err;
  const std::string chain = tools::write_file(folder / "roster.json", told.out);
  const std::string trusted = peers[2].config();
  const tools::Ran bare = tools::run("vouch-dump", {"verify", receipt, "--roster", trusted});
  EXPECT_EQ(bare.code, 1) << bare.out << bare.err;
  EXPECT_NE(bare.out.find("not valid: it is of epoch 1"), std::string::npos) << bare.out;
  const tools::Ran whole =
      tools::run("vouch-dump", {"verify", receipt, "--roster", trusted, "--chain", chain});
  EXPECT_EQ(whole.code, 0) << whole.out << whole.err;
}

TEST_F(Rosters, ADeadVoterIsReplacedWhileAnotherOneIsKilledAndItsVotesDoNotCount) {
  peers.start_all();
  const auto events = run_events("long", 60);
  const auto part = [&](std::size_t count) {
    return std::vector<std::string>(events.begin(),
                                    events.begin() + static_cast<std::ptrdiff_t>(count));
  };
  peers.submit(0, "long", part(20), false);
  ASSERT_TRUE(within(patience, [&] { return in_epoch({0, 1, 2, 3}, 0); }));
  peers.cluster().kill(peers[3]);
  ASSERT_TRUE(within(patience, [&] { return says(0, "3 of 4 voters heard"); }));

  ASSERT_EQ(roster({"replace", key(3), key(4)}, {0}).code, 1);
  ASSERT_EQ(roster({"replace", key(3), key(4)}, {1}).code, 1) << "nothing is decided at once";
  peers.cluster().kill(peers[1]);  // in the middle, wherever that is
  peers.submit(0, "long", part(40), false);
  peers.start(1);
  // Who was killed may have forgotten that it was told so.
  ASSERT_TRUE(within(patience, [&] {
    const tools::Ran ran = roster({"replace", key(3), key(4)}, {1}, 2'000);
    return ran.code == 0 ? testing::AssertionSuccess()
                         : testing::AssertionFailure() << ran.out << ran.err << told({0, 1, 2});
  }));
  EXPECT_TRUE(within(patience, [&] { return in_epoch({0, 1, 2, 4}, 1); }));
  peers.submit(0, "long", events);
  EXPECT_TRUE(within(patience, [&] { return certified({0, 1, 2, 4}, "long", 65, 1); }));

  // Back again it has no vote, and is no help to two of the four.
  peers.start(3);
  EXPECT_TRUE(within(patience, [&] { return in_epoch({3}, 1, false); }));
  EXPECT_TRUE(says(3, "has no vote"));
  peers.cluster().kill(peers[2]);
  peers.cluster().kill(peers[4]);
  EXPECT_TRUE(within(patience, [&] { return says(0, "cannot decide: 2 of 4 voters heard"); }));
  const tools::Ran refused = roster({"remove", key(2)}, {3});
  EXPECT_EQ(refused.code, 1) << refused.out << refused.err;
  EXPECT_NE(refused.out.find("has no vote in epoch 1"), std::string::npos) << refused.out;
  peers.submit(0, "after", run_events("after", 5));
  peers.start(4);
  EXPECT_TRUE(within(patience, [&] { return certified({0, 1, 4}, "after", 10, 1); }));
  EXPECT_EQ(signers, (std::set<PeerId>{peers[0].id, peers[1].id, peers[4].id}));
  EXPECT_TRUE(within(patience, [&] { return peers.converged({0, 1, 4}, 3); }));

  // Somebody edits a config to what is so: the chain goes on where it began, and so does the vote.
  ASSERT_TRUE(peers.cluster().stop(peers[0], seconds(10)));
  auto config = load_toml(peers[0].config());
  ASSERT_TRUE(config);
  config->roster.at(3).voter = false;
  config->roster.at(4).voter = true;
  tools::write_file(peers[0].config(), commented_config(*config));
  peers.start(0);
  EXPECT_TRUE(within(patience, [&] { return in_epoch({0}, 1); }));
}

/// Whoever holds a key that may submit, dump, or even vote does not change from afar who votes.
TEST_F(Rosters, NobodyChangesThemOverTcp) {
  for (const std::size_t index : {0, 1, 2}) peers.start(index);
  ASSERT_TRUE(within(patience, [&] { return in_epoch({0, 1, 2}, 0); }));
  membership::Roster next =
      membership::Roster({peers[0].id, peers[1].id, peers[2].id, peers[3].id}, 0).next();
  next.add(peers[4].id);
  const Bytes wanted = membership::encode_roster(next);
  for (const std::size_t at : {0, 1}) {  // f + 1 of them: it would be decided
    const client::Endpoint endpoint{peers[at].direct, peers[at].id};
    for (const std::size_t who : {3, 4}) {  // a voter, and a peer without a vote
      const auto remote =
          client::PeerClient::connect(endpoint, peers[who].folder / "peer.key", seconds(10));
      ASSERT_TRUE(remote) << remote.error().text();
      EXPECT_TRUE((*remote)->dump()) << "the key is let in";
      for (const Bytes& bytes : {wanted, Bytes{}}) {
        const auto told = (*remote)->rosters(bytes);
        ASSERT_FALSE(told);
        EXPECT_EQ(told.error().code, Errc::not_allowed) << told.error().text();
        EXPECT_NE(told.error().detail.find("over the local socket alone"), std::string::npos);
      }
    }
  }
  const std::string shown = told({0, 1, 2});
  EXPECT_EQ(shown.find(key(4)), std::string::npos) << "nothing is proposed: " << shown;
  EXPECT_TRUE(in_epoch({0, 1, 2}, 0));

  // The same bytes over the local sockets are taken.
  for (const std::size_t at : {0, 1}) {
    const client::Endpoint local{"ipc://" + peers[at].socket.string(), std::nullopt};
    const auto operated = client::PeerClient::connect(local, {}, seconds(10));
    ASSERT_TRUE(operated) << operated.error().text();
    EXPECT_TRUE((*operated)->rosters(wanted));
  }
  EXPECT_TRUE(within(patience, [&] { return in_epoch({0, 1, 2}, 1); }));
}

}  // namespace
}  // namespace vouch::net::rosters_test
