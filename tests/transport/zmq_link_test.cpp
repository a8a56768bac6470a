// Two and three honest peers: what is sent arrives, and who sent it is known from the key alone.
// SPDX-License-Identifier: MIT
#include <thread>

#include "link_fixture.hpp"

#include "vouch/schemas/limits.hpp"

namespace vouch::transport::zmq_link_test {
namespace {

TEST(ZmqLink, PeersExchangeGossipAndDirectFrames) {
  Node a(1), b(2);
  introduce({&a, &b});
  ASSERT_TRUE(reaches(a, b, "question"));
  const Incoming* question = b.find("question");
  EXPECT_EQ(question->from, a.id());
  ASSERT_TRUE(b.link->reply(question->route, as_bytes("answer")));
  ASSERT_TRUE(step_until({&a, &b}, [&] { return a.count(Via::reply, "answer") == 1; }));
  EXPECT_EQ(a.find("answer")->from, b.id());

  ASSERT_TRUE(step_until({&a, &b}, [&] {
    a.link->publish(as_bytes("news"));
    return b.count(Via::gossip, "news") > 0;
  }));
  EXPECT_EQ(b.find("news")->from, std::nullopt);
  EXPECT_TRUE(b.find("news")->route.empty());
  EXPECT_EQ(a.link->stats().direct_frames_sent, 1U);
  EXPECT_EQ(b.link->stats().direct_bytes_received, std::string_view("question").size());
  EXPECT_EQ(b.link->stats().faults, 0U);
}

TEST(ZmqLink, NamesTheSenderByItsKey) {
  Node a(1), b(2), c(3);
  introduce({&a, &b, &c});
  ASSERT_TRUE(reaches(b, a, "from b"));
  ASSERT_TRUE(reaches(c, a, "from c"));
  EXPECT_EQ(a.find("from b")->from, b.id());
  EXPECT_EQ(a.find("from c")->from, c.id());
}

TEST(ZmqLink, AClaimedRoutingIdChangesNothing) {
  Node a(1), b(2);
  const crypto::SigningKey other(seed_of(3));
  introduce({&a, &b});
  ASSERT_TRUE(a.link->allow(other.id()));
  ASSERT_TRUE(reaches(b, a, "from b"));
  const std::string route = a.find("from b")->route;
  RawSocket thief(zmq::socket_type::dealer, other, a.id());
  thief.socket.set(zmq::sockopt::routing_id, route.substr(1));
  thief.socket.connect(a.link->direct_endpoint());
  bool claimed = false;
  step_until({&a, &b}, [&] {
    if (!claimed) claimed = thief.send("from thief");
    return claimed;
  });
  ASSERT_TRUE(a.link->reply(route, as_bytes("for b")));
  EXPECT_TRUE(step_until({&a, &b}, [&] { return b.count(Via::reply, "for b") == 1; }));
  const Incoming* stolen = a.find("from thief");
  if (stolen != nullptr) {
    EXPECT_EQ(stolen->from, other.id());
  }
}

TEST(ZmqLink, SendingToAStrangerIsRefused) {
  Node a(1);
  EXPECT_FALSE(a.link->send(crypto::SigningKey(seed_of(9)).id(), as_bytes("hello")));
  EXPECT_EQ(a.link->stats().send_refused, 1U);
}

TEST(ZmqLink, AFullQueueRefusesInsteadOfWaiting) {
  Node a(1);
  LinkOptions narrow;
  narrow.queue_bytes_max = 1;
  auto b = std::make_unique<Node>(2, narrow);
  introduce({&a, b.get()});
  ASSERT_TRUE(reaches(a, *b, "there"));
  const Bytes large(limits::frame_bytes_max, 7);
  std::size_t taken = 0;
  while (taken < 10'000 && a.link->send(b->id(), large)) ++taken;
  EXPECT_LT(taken, 10'000U);
  EXPECT_GT(a.link->stats().send_refused, 0U);
}

TEST(ZmqLink, OwnFramesAboveTheLimitAreRefused) {
  Node a(1), b(2);
  introduce({&a, &b});
  ASSERT_TRUE(reaches(a, b, "there"));
  const Bytes largest(limits::frame_bytes_max, 7);
  const Bytes larger(limits::frame_bytes_max + 1, 7);
  EXPECT_FALSE(a.link->send(b.id(), larger));
  EXPECT_FALSE(a.link->publish(larger));
  EXPECT_FALSE(b.link->reply(b.find("there")->route, larger));
  EXPECT_EQ(a.link->stats().too_large, 2U);
  EXPECT_TRUE(reaches(a, b, as_text(largest)));
}

TEST(ZmqLink, AReplyToSomebodyGoneIsRefused) {
  Node a(1);
  auto b = std::make_unique<Node>(2);
  introduce({&a, b.get()});
  ASSERT_TRUE(reaches(*b, a, "question"));
  const std::string route = a.find("question")->route;
  b.reset();
  EXPECT_TRUE(step_until({&a}, [&] { return !a.link->reply(route, as_bytes("late")); }));
  EXPECT_EQ(a.link->stats().unroutable, 1U);
  EXPECT_FALSE(a.link->reply("", as_bytes("nowhere")));
  EXPECT_FALSE(a.link->reply("l123", as_bytes("no local socket")));
}

TEST(ZmqLink, APeerThatRestartsIsFoundAgain) {
  Node a(1);
  auto b = std::make_unique<Node>(2);
  introduce({&a, b.get()});
  ASSERT_TRUE(reaches(a, *b, "before"));
  EXPECT_EQ(a.count(Via::opened, ""), 1U);
  const auto [direct, gossip] = std::pair(b->link->direct_endpoint(), b->link->gossip_endpoint());
  b->link.reset();
  LinkOptions same;
  same.direct_listen = direct;
  same.gossip_listen = gossip;
  same.observers = {a.id()};
  auto again = ZmqLink::open(b->key, same);
  ASSERT_TRUE(again) << again.error().text();
  b->link = std::move(*again);
  // What was handed to the connection that died is lost, so it is said until it arrives.
  EXPECT_TRUE(step_until({&a, b.get()}, [&] {
    a.link->send(b->id(), as_bytes("after"));
    return b->count(Via::request, "after") > 0;
  }));
  EXPECT_EQ(a.count(Via::opened, ""), 2U);
  EXPECT_EQ(a.find("")->from, b->id());
}

TEST(ZmqLink, WakeEndsAWaitFromAnotherThread) {
  Node a(1);
  const auto begin = std::chrono::steady_clock::now();
  std::thread other([&] { a.link->wake(); });
  a.link->poll(patience, a.inbox);
  other.join();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, patience);
  EXPECT_TRUE(a.inbox.empty());
}

TEST(ZmqLink, OpeningSaysWhatIsWrong) {
  const crypto::SigningKey key(seed_of(1));
  const auto code_of = [&key](LinkOptions options) {
    const auto opened = ZmqLink::open(key, std::move(options));
    return opened ? std::nullopt : std::optional(opened.error().code);
  };
  LinkOptions good;
  good.direct_listen = good.gossip_listen = "tcp://127.0.0.1:*";
  EXPECT_EQ(code_of(good), std::nullopt);

  LinkOptions bad_address = good;
  bad_address.direct_listen = "tcp://nowhere";
  EXPECT_EQ(code_of(bad_address), Errc::io);
  Node taken(2);
  LinkOptions in_use = good;
  in_use.direct_listen = taken.link->direct_endpoint();
  EXPECT_EQ(code_of(in_use), Errc::io);
  LinkOptions self = good;
  self.peers = {{key.id(), "tcp://127.0.0.1:9", "tcp://127.0.0.1:9"}};
  EXPECT_EQ(code_of(self), Errc::invalid_config);
  LinkOptions twice = good;
  twice.peers = {taken.address(), taken.address()};
  EXPECT_EQ(code_of(twice), Errc::invalid_config);
  LinkOptions no_key = good;
  no_key.observers = {PeerId{}};
  EXPECT_EQ(code_of(no_key), Errc::invalid_config);
}

}  // namespace
}  // namespace vouch::transport::zmq_link_test
