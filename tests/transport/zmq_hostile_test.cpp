// Attacks from the hazard list: oversized frames, messages of many frames, and a flood of
// subscriptions from somebody without a key.
// SPDX-License-Identifier: MIT
#include <fstream>

#include "link_fixture.hpp"
#include "tests/paths.hpp"
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vouch/schemas/limits.hpp"

namespace vouch::transport::zmq_hostile_test {
namespace {

struct Hostile : testing::Test {
  Node a{1};
  Node b{2};
  crypto::SigningKey key{seed_of(7)};
  std::unique_ptr<RawSocket> raw;

  void SetUp() override {
    introduce({&a, &b});
    ASSERT_TRUE(a.link->allow(key.id()));
    raw = std::make_unique<RawSocket>(zmq::socket_type::dealer, key, a.id());
    raw->socket.connect(a.link->direct_endpoint());
    ASSERT_TRUE(delivered("hello"));
  }
  /// Sends, and now and then again: a connection that is about to end takes what it was given with
  /// it, and says nothing.
  bool delivered(std::string_view text) {
    bool sent = false;
    int looks = 0;
    return step_until({&a, &b}, [&] {
      if (!sent || ++looks % 100 == 0) sent = raw->send(text);
      return a.count(Via::request, text) > 0;
    });
  }
};

TEST_F(Hostile, AnOversizedFrameCostsItsSenderTheConnectionAndNobodyElse) {
  const std::string huge(2 * limits::frame_bytes_max, 'x');
  ASSERT_TRUE(raw->send(huge));
  ASSERT_TRUE(step_until({&a, &b}, [&] { return raw->failures() > 0; }));
  EXPECT_TRUE(reaches(b, a, "meanwhile"));
  EXPECT_TRUE(delivered("back again"));
  EXPECT_EQ(a.find(huge), nullptr);
}

TEST_F(Hostile, AMessageOfManyFramesIsDroppedWhole) {
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(raw->send("piece", zmq::send_flags::sndmore));
  ASSERT_TRUE(raw->send("end"));
  ASSERT_TRUE(delivered("in order"));
  EXPECT_EQ(a.link->stats().misshapen, 1U);
  EXPECT_EQ(a.find("piece"), nullptr);
  EXPECT_EQ(a.find("end"), nullptr);
}

TEST_F(Hostile, AFloodOnOneSocketIsHandedOverInShares) {
  const Bytes large(limits::frame_bytes_max, 7);
  std::size_t sent = 0;
  ASSERT_TRUE(step_until({&b}, [&] {
    while (sent < 200 && b.link->send(a.id(), large)) ++sent;
    a.inbox.clear();
    a.link->poll(std::chrono::milliseconds(2), a.inbox);
    EXPECT_LE(a.inbox.size(), 20U);  // one share of 1 MiB, and whatever other sockets had
    return sent == 200 && a.inbox.empty();
  }));
}

/// Private memory of this process in KiB.
long rss_anon_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    long value = 0;
    if (word == "RssAnon:" && status >> value) return value;
  }
  return -1;
}

/// Speaks plain ZMTP 3.0 to a PUB: greeting, READY, then `count` subscriptions of 32 random-looking
/// bytes. Returns when all was sent or the other side hung up.
int flood_with_subscriptions(const std::string& endpoint, int count) {
  const auto port = static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1)));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return fd;
  std::string bytes("\xff\0\0\0\0\0\0\0\0\x7f\x03\0NULL", 16);
  bytes.resize(64, '\0');
  bytes += std::string("\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03SUB", 27);
  for (int i = 0; i < count; ++i) {
    std::string topic(32, '\0');
    for (std::size_t j = 0; j < topic.size(); ++j) {
      topic[j] = static_cast<char>((static_cast<unsigned>(i) * 2654435761U) >> (j % 4 * 8));
    }
    bytes += std::string("\x00\x21\x01", 3) + topic;
  }
  const timeval limit{5, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const ssize_t sent = ::send(fd, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent <= 0) break;
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  return fd;
}

constexpr int flood = 50'000;
constexpr long flood_kib = 24 << 10;

TEST(SubscriptionFlood, WithoutAKeyCostsNothing) {
  if (sanitized) GTEST_SKIP() << "sanitizers keep what was freed: memory says nothing here";
  Node a(1), b(2);
  introduce({&a, &b});
  ASSERT_TRUE(reaches(b, a, "warm"));
  const long before = rss_anon_kib();
  std::vector<int> attackers;
  for (int i = 0; i < 4; ++i) {
    attackers.push_back(flood_with_subscriptions(a.link->gossip_endpoint(), flood));
  }
  ASSERT_TRUE(step_until({&a, &b}, [&] {
    a.link->publish(as_bytes("alive"));
    return b.count(Via::gossip, "alive") > 0;
  }));
  EXPECT_LT(rss_anon_kib() - before, flood_kib);
  for (const int attacker : attackers) ::close(attacker);
}

}  // namespace
}  // namespace vouch::transport::zmq_hostile_test
