// The network in memory: the same seed gives the same trace, and every fault it promises happens.
// SPDX-License-Identifier: MIT
#include "vouch/transport/memory_network.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace vouch::transport::memory_network_test {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

PeerId peer(std::uint8_t number) {
  PeerId id;
  id.bytes.fill(number);
  return id;
}

SharedFrame frame(std::uint8_t number) {
  return std::make_shared<const Bytes>(Bytes{number});
}

struct MemoryNetworkTest : testing::Test {
  PeerId a = peer(1), b = peer(2), c = peer(3);
  MemoryNetwork network{42};

  void SetUp() override {
    for (const PeerId& id : {a, b, c}) network.attach({}, id);
    EXPECT_EQ(opened(milliseconds(100)).size(), 6U);
  }
  std::vector<MemoryDelivery> until(VirtualTime now) {
    std::vector<MemoryDelivery> out;
    network.deliver_until(now, out);
    std::erase_if(out, [](const auto& delivery) { return delivery.via == Via::opened; });
    return out;
  }
  /// Who was told until then that a connection to whom is open.
  std::set<std::pair<PeerId, PeerId>> opened(VirtualTime now) {
    std::vector<MemoryDelivery> out;
    network.deliver_until(now, out);
    std::set<std::pair<PeerId, PeerId>> told;
    for (const auto& delivery : out) {
      if (delivery.via == Via::opened) told.emplace(delivery.to, *delivery.from);
    }
    return told;
  }
  /// The first bytes of frames sent one by one from a to b, in order of arrival.
  std::vector<std::uint8_t> stream(std::uint8_t count) {
    for (std::uint8_t i = 0; i < count; ++i) network.send(microseconds(i), a, b, frame(i));
    std::vector<std::uint8_t> out;
    for (const auto& delivery : until(std::chrono::hours(1))) out.push_back(delivery.frame->at(0));
    return out;
  }
};

std::vector<std::uint8_t> counting(std::uint8_t count) {
  std::vector<std::uint8_t> out(count);
  for (std::uint8_t i = 0; i < count; ++i) out[i] = i;
  return out;
}

TEST_F(MemoryNetworkTest, PublishReachesAllOthersWithOneFrame) {
  const SharedFrame news = frame(7);
  ASSERT_TRUE(network.publish(microseconds(0), a, news));
  const auto got = until(milliseconds(1));
  ASSERT_EQ(got.size(), 2U);
  for (const auto& delivery : got) {
    EXPECT_EQ(delivery.via, Via::gossip);
    EXPECT_EQ(delivery.from, std::nullopt);
    EXPECT_EQ(delivery.frame.get(), news.get());
    EXPECT_NE(delivery.to, a);
  }
}

TEST_F(MemoryNetworkTest, ARequestNamesItsSenderAndIsAnswered) {
  ASSERT_TRUE(network.send(microseconds(0), a, b, frame(1)));
  const auto request = until(milliseconds(1)).at(0);
  EXPECT_EQ(request.via, Via::request);
  EXPECT_EQ(request.from, a);
  ASSERT_TRUE(network.reply(milliseconds(1), b, request.route, frame(2)));
  const auto reply = until(milliseconds(2)).at(0);
  EXPECT_EQ(reply.via, Via::reply);
  EXPECT_EQ(reply.to, a);
  EXPECT_EQ(reply.from, b);
}

TEST_F(MemoryNetworkTest, ARouteEndsWithItsOwnersLife) {
  network.send(microseconds(0), a, b, frame(1));
  const std::string route = until(milliseconds(1)).at(0).route;
  network.detach(a);
  EXPECT_FALSE(network.reply(milliseconds(1), b, route, frame(2)));
  network.attach({}, a);
  EXPECT_FALSE(network.reply(milliseconds(1), b, route, frame(2)));
  EXPECT_FALSE(network.reply(milliseconds(1), b, "", frame(2)));
}

TEST_F(MemoryNetworkTest, WhatIsOnItsWayToSomebodyWhoRestartsIsLost) {
  network.send(microseconds(0), a, b, frame(1));
  network.attach({}, b);
  EXPECT_TRUE(until(milliseconds(1)).empty());
  EXPECT_EQ(network.stats().lost, 1U);
  network.detach(b);
  EXPECT_FALSE(network.send(milliseconds(1), a, b, frame(2)));
  EXPECT_FALSE(network.publish(milliseconds(1), b, frame(3)));
}

TEST_F(MemoryNetworkTest, NothingArrivesEarlyAndOrderIsKept) {
  network.set_faults({.delay_min = milliseconds(2), .delay_max = milliseconds(9)});
  network.send(milliseconds(0), a, b, frame(0));
  EXPECT_TRUE(until(milliseconds(2) - microseconds(1)).empty());
  const auto next = network.next_delivery();
  ASSERT_TRUE(next);
  EXPECT_GE(*next, milliseconds(2));
  EXPECT_EQ(until(*next).size(), 1U);
  EXPECT_EQ(stream(100), counting(100));
}

TEST_F(MemoryNetworkTest, DropsAboutAsManyAsAsked) {
  network.set_faults({.drop = 0.3});
  const std::size_t arrived = stream(200).size();
  EXPECT_EQ(arrived + network.stats().dropped, 200U);
  EXPECT_GT(network.stats().dropped, 30U);
  EXPECT_LT(network.stats().dropped, 90U);
}

TEST_F(MemoryNetworkTest, DuplicatesAndReorders) {
  network.set_faults({.duplicate = 0.5, .reorder = 0.5});
  std::vector<std::uint8_t> got = stream(100);
  EXPECT_EQ(got.size(), 100U + network.stats().duplicated);
  EXPECT_GT(network.stats().duplicated, 10U);
  EXPECT_FALSE(std::is_sorted(got.begin(), got.end()));
  std::sort(got.begin(), got.end());
  got.erase(std::unique(got.begin(), got.end()), got.end());
  EXPECT_EQ(got, counting(100));
}

TEST_F(MemoryNetworkTest, ACutIsOneWayAndHeals) {
  network.cut(a, b);
  EXPECT_TRUE(network.send(microseconds(0), a, b, frame(1)));
  EXPECT_TRUE(network.send(microseconds(0), b, a, frame(2)));
  const auto got = until(milliseconds(1));
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].to, a);
  EXPECT_EQ(network.stats().cut, 1U);
  network.heal(milliseconds(1), a, b);
  network.send(milliseconds(1), a, b, frame(3));
  EXPECT_EQ(until(milliseconds(2)).size(), 1U);
}

TEST_F(MemoryNetworkTest, BothAreToldOnceNeitherDirectionIsCut) {
  using Told = std::set<std::pair<PeerId, PeerId>>;
  const auto soon = [](int seconds) { return std::chrono::seconds(seconds) + milliseconds(100); };
  network.isolate(std::array{a});
  network.heal(std::chrono::seconds(1), a, b);
  EXPECT_EQ(opened(soon(1)), Told());
  network.heal(std::chrono::seconds(2), b, a);
  EXPECT_EQ(opened(soon(2)), (Told{{a, b}, {b, a}}));
  network.heal_all(std::chrono::seconds(3));
  EXPECT_EQ(opened(soon(3)), (Told{{a, c}, {c, a}}));
  network.heal_all(std::chrono::seconds(4));
  EXPECT_EQ(opened(soon(4)), Told()) << "nothing was cut";
}

TEST_F(MemoryNetworkTest, AnIslandHearsOnlyItself) {
  const PeerId d = peer(4);
  network.attach({}, d);
  network.isolate(std::array{a, b});
  for (const PeerId& from : {a, b, c, d}) network.publish(microseconds(0), from, frame(1));
  EXPECT_EQ(until(milliseconds(1)).size(), 4U);
  network.heal_all(milliseconds(1));
  network.publish(milliseconds(1), a, frame(1));
  EXPECT_EQ(until(milliseconds(2)).size(), 3U);
}

TEST_F(MemoryNetworkTest, AFullDirectionRefusesAndEmptiesAgain) {
  std::size_t taken = 0;
  while (network.send(microseconds(0), a, b, frame(1))) ++taken;
  EXPECT_EQ(taken, MemoryNetwork::in_flight_max);
  EXPECT_TRUE(network.send(microseconds(0), a, c, frame(1)));
  EXPECT_EQ(network.stats().overflowed, 1U);
  until(milliseconds(1));
  EXPECT_TRUE(network.send(milliseconds(1), a, b, frame(1)));
}

/// Everything that can be seen of a run of two thousand frames under faults.
std::string trace(std::uint64_t seed) {
  MemoryNetwork network(seed);
  network.set_faults({.drop = 0.1, .duplicate = 0.2, .reorder = 0.3});
  network.set_faults(peer(1), peer(2), {.drop = 0.5});
  for (std::uint8_t i = 1; i <= 4; ++i) network.attach({}, peer(i));
  std::string out;
  std::vector<MemoryDelivery> got;
  for (int step = 0; step < 500; ++step) {
    const VirtualTime now = microseconds(step * 100);
    const auto number = static_cast<std::uint8_t>(step);
    network.publish(now, peer(1 + number % 4), frame(number));
    network.send(now, peer(1), peer(2), frame(number));
    if (step == 200) network.cut(peer(2), peer(3));
    if (step == 300) network.attach(now, peer(4));
    got.clear();
    network.deliver_until(now, got);
    for (const auto& delivery : got) {
      out += std::to_string(delivery.at.count()) + delivery.to.short_hex() + delivery.route +
             to_hex(*delivery.frame) + "\n";
      if (delivery.via == Via::request) network.reply(now, delivery.to, delivery.route, frame(0));
    }
  }
  return out;
}

TEST(MemoryNetworkTrace, IsAFunctionOfTheSeed) {
  EXPECT_EQ(trace(1), trace(1));
  EXPECT_NE(trace(1), trace(2));
  EXPECT_GT(trace(1).size(), 10'000U);
}

TEST(MemoryRandom, GivesThePublishedNumbers) {
  SplitMix64 random(1234567);
  EXPECT_EQ(random.next(), 6457827717110365317U);
  EXPECT_EQ(random.next(), 3203168211198807973U);
}

}  // namespace
}  // namespace vouch::transport::memory_network_test
