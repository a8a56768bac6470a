// Two of four real peers are lost for good; those that remain are told so over their local sockets.
// SPDX-License-Identifier: MIT
#include "tests/net/operated.hpp"
#include <gmock/gmock.h>

#include "vouch/client/peer_client.hpp"
#include "vouch/membership/roster.hpp"
#include "vouch/schemas/json_parse.hpp"
#include "vouch/schemas/votes.hpp"

namespace vouch::net::forced_test {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

struct Forced : Operated {
  Forced() : Operated(4, {}) {}

  tools::Ran force(const Indices& voters, std::size_t at, int timeout_ms, bool insist = false) {
    std::vector<std::string> words{"force"};
    for (const std::size_t voter : voters) words.push_back(key(voter).substr(0, 8));
    if (insist) words.emplace_back("--force");
    return roster(std::move(words), {at}, timeout_ms);
  }
  testing::AssertionResult certified(const Indices& indices, const std::string& stream,
                                     std::uint64_t entries) {
    for (const std::size_t index : indices) {
      if (certificate_at(index, stream, entries)) continue;
      return testing::AssertionFailure() << "not at peer " << index;
    }
    return testing::AssertionSuccess();
  }
};

TEST_F(Forced, TwoOfFourGoOnAndReceiptsSaySo) {
  peers.start_all();
  peers.submit(0, "before", run_events("before", 5));
  ASSERT_TRUE(within(patience, [&] { return certified({0, 1, 2, 3}, "before", 10); }));
  ASSERT_TRUE(within(patience, [&] { return in_epoch({0, 1, 2, 3}, 0, true); }));
  const tools::Ran early = force({0, 1}, 0, 0);
  EXPECT_EQ(early.code, 1) << "a quorum is heard: " << early.err;
  EXPECT_THAT(early.out, HasSubstr("change the roster with add, remove or replace"));

  peers.cluster().kill(peers[2]);
  peers.cluster().kill(peers[3]);
  peers.submit(0, "stuck", run_events("stuck", 5));
  ASSERT_TRUE(within(patience, [&] {
    const std::string told = health(0).out;
    return told.find("cannot decide: 2 of 4 voters heard") != std::string::npos
               ? testing::AssertionSuccess()
               : testing::AssertionFailure() << told;
  }));
  EXPECT_FALSE(certified({0}, "stuck", 10));

  const tools::Ran first = force({0, 1}, 0, 0);
  EXPECT_EQ(first.code, 1) << first.out << first.err;
  EXPECT_THAT(first.out, HasSubstr("1 of the 2 voters that remain agree; run the same at"));
  EXPECT_THAT(first.err, HasSubstr("lost: 2 voters"));
  // Who is killed meanwhile asks the lost for nothing as it starts, and remembers what it was told.
  peers.cluster().kill(peers[0]);
  peers.start(0);
  const tools::Ran second = force({0, 1}, 1, 40'000);
  EXPECT_EQ(second.code, 0) << second.out << second.err;
  EXPECT_THAT(second.out, HasSubstr("in force as epoch 1, forced by an operator: 2 voters"));
  EXPECT_TRUE(within(patience, [&] { return in_epoch({0, 1}, 1, true); }));
  EXPECT_TRUE(within(patience, [&] { return certified({0, 1}, "stuck", 10); }));
  EXPECT_THAT(health(1).out, HasSubstr("epoch 1 was forced by an operator"));
  const tools::Ran metrics = tools::run("vouch-dump", {"metrics", "--peer", peers[1].socket});
  EXPECT_THAT(metrics.out, HasSubstr("vouch_forced_epochs 1"));

  const auto& folder = peers.cluster().folder();
  const std::string receipt = folder / "stuck.receipt";
  ASSERT_EQ(
      tools::run("vouch-dump", {"receipt", "stuck", "--peer", peers[1].socket, "--out", receipt})
          .code,
      0);
  const tools::Ran told = tools::run("vouch-dump", {"roster", peers[1].socket});
  ASSERT_EQ(told.code, 0) << told.err;
  EXPECT_THAT(told.out, HasSubstr("\"forced\":true"));
  const std::string chain = tools::write_file(folder / "roster.json", told.out);
  const tools::Ran valid = tools::run(
      "vouch-dump", {"verify", receipt, "--roster", peers[3].config(), "--chain", chain});
  EXPECT_EQ(valid.code, 0) << valid.out << valid.err;
  EXPECT_THAT(valid.out, HasSubstr("epoch 1 was forced by an operator"));

  // A lost voter that is found again follows, without a vote.
  peers.start(2);
  EXPECT_TRUE(within(patience, [&] { return in_epoch({2}, 1, false); }));
  EXPECT_THAT(health(2).out, HasSubstr("has no vote"));
}

/// Whoever holds a key, even a voter's, forces nothing from afar.
TEST_F(Forced, NobodyForcesThemOverTcp) {
  for (const std::size_t index : {0, 1}) peers.start(index);
  membership::Roster next =
      membership::Roster({peers[0].id, peers[1].id, peers[2].id, peers[3].id}, 0).next();
  for (const std::size_t lost : {2, 3}) next.remove(peers[lost].id);
  next.force();
  for (const std::size_t at : {0, 1}) {
    const client::Endpoint endpoint{peers[at].direct, peers[at].id};
    const auto remote =
        client::PeerClient::connect(endpoint, peers[3].folder / "peer.key", seconds(10));
    ASSERT_TRUE(remote) << remote.error().text();
    const auto told = (*remote)->rosters(membership::encode_roster(next));
    ASSERT_FALSE(told);
    EXPECT_EQ(told.error().code, Errc::not_allowed) << told.error().text();
  }
}

}  // namespace
}  // namespace vouch::net::forced_test
