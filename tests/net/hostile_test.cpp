// Strangers and liars against a real daemon: the test itself is the hostile process.
// SPDX-License-Identifier: MIT
#include "tests/net/daemons.hpp"
#include <gtest/gtest.h>

#include "vouch/crdt/check.hpp"
#include "vouch/schemas/batch_codec.hpp"
#include "vouch/sync/seal.hpp"
#include "vouch/transport/key_file.hpp"
#include "vouch/transport/zmq_link.hpp"

namespace vouch::net::hostile_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::uint64_t figure(const json::Value& dump, std::string_view group, std::string_view name) {
  const json::Value* figures = dump.find(group);
  return figures == nullptr ? 0 : tools::number(*figures, name);
}

/// A link in place of the daemon `index`, with `seed` as its key, connected to peer 0.
std::unique_ptr<transport::ZmqLink> impostor(Daemons& peers, std::size_t index,
                                             const crypto::Seed& seed) {
  const auto victim = load_toml(peers[0].config());
  const auto own = load_toml(peers[index].config());
  VOUCH_CHECK(victim && own);
  const Config target = victim->resolved();
  transport::LinkOptions options;
  options.direct_listen = own->resolved().listen;
  options.gossip_listen = own->resolved().gossip_listen;
  options.peers.push_back({peers[0].id, target.listen, target.gossip_listen});
  auto link = transport::ZmqLink::open(crypto::SigningKey(seed), options);
  VOUCH_CHECK(link.has_value());
  return std::move(*link);
}

/// Publishes and serves the link until peer 0 counts what is expected.
testing::AssertionResult until_counted(Daemons& peers, transport::ZmqLink& link, ByteView frame,
                                       const char* group, const char* name) {
  std::vector<transport::Incoming> ignored;
  return within(seconds(10), [&]() -> testing::AssertionResult {
    if (!frame.empty()) link.publish(frame);
    link.poll(milliseconds(20), ignored);
    if (figure(peers.dump(0), group, name) > 0) return testing::AssertionSuccess();
    return testing::AssertionFailure() << group << "." << name << " is still 0";
  });
}

struct Liar {
  crypto::Seed seed;
  Ed25519Signer signer;
  ClusterId cluster;
  explicit Liar(const ProcessPeer& peer)
      : seed(*transport::load_seed(peer.folder / "peer.key")),
        signer(seed),
        cluster(sync::cluster_id(load_toml(peer.config())->cluster)) {}

  Bytes batch(std::uint64_t nonce) const {
    BatchHeader header;
    header.cluster = cluster;
    header.writer = {signer.id(), 1};
    header.first = 1;
    header.count = 1;
    Records records;
    records.sessions.push_back({1, nonce});
    return sync::seal_batch(header, encode_records(records), signer).frame;
  }
};

TEST(Hostile, AKeyThatIsNotOnTheListIsRefusedAndCounted) {
  Daemons peers(2);
  peers.start(0);
  const auto link = impostor(peers, 1, crypto::random_seed());
  EXPECT_TRUE(until_counted(peers, *link, {}, "traffic", "handshakes_refused"));
  EXPECT_EQ(figure(peers.dump(0), "counters", "batches_received"), 0u);
}

TEST(Hostile, ATamperedBatchIsRefusedAndCounted) {
  Daemons peers(2);
  peers.start(0);
  const Liar liar(peers[1]);
  const auto link = impostor(peers, 1, liar.seed);
  Bytes frame = liar.batch(7);
  frame.back() ^= 1;
  EXPECT_TRUE(until_counted(peers, *link, frame, "counters", "bad_signature"));
  EXPECT_EQ(figure(peers.dump(0), "counters", "batches_received"), 0u);
}

TEST(Hostile, NoiseIsRefusedAndCounted) {
  Daemons peers(2);
  peers.start(0);
  const Liar liar(peers[1]);
  const auto link = impostor(peers, 1, liar.seed);
  EXPECT_TRUE(until_counted(peers, *link, Bytes(100, 0x5a), "counters", "malformed"));
}

TEST(Hostile, TwoBatchesUnderOneNumberAreAFork) {
  Daemons peers(2);
  peers.start(0);
  const Liar liar(peers[1]);
  const auto link = impostor(peers, 1, liar.seed);
  EXPECT_TRUE(until_counted(peers, *link, liar.batch(7), "counters", "batches_received"));
  EXPECT_TRUE(until_counted(peers, *link, liar.batch(8), "counters", "forks"));
}

}  // namespace
}  // namespace vouch::net::hostile_test
