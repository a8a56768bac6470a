// Who gets in and who does not. A refusal is awaited, never assumed: each test waits until the
// attempt has failed before it looks at what was not delivered.
// SPDX-License-Identifier: MIT
#include "link_fixture.hpp"

namespace vouch::transport::zmq_admission_test {
namespace {

constexpr auto moment = std::chrono::milliseconds(1);

TEST(Admission, AKeyThatIsNotListedIsRefusedAndCounted) {
  Node a(1), stranger(66), b(2);
  introduce({&a, &b});
  ASSERT_TRUE(stranger.link->connect(a.address()));
  ASSERT_TRUE(step_until({&a, &stranger}, [&] {
    stranger.link->send(a.id(), as_bytes("let me in"));
    a.link->publish(as_bytes("secret"));
    return a.link->stats().handshakes_refused >= 3;
  }));
  EXPECT_EQ(stranger.link->stats().direct_frames_sent, 0U);
  EXPECT_TRUE(a.inbox.empty());
  EXPECT_TRUE(stranger.inbox.empty());
  EXPECT_TRUE(reaches(b, a, "still open for friends"));
}

TEST(Admission, APeerThatIsListedLaterComesIn) {
  Node a(1), late(2);
  ASSERT_TRUE(late.link->connect(a.address()));
  ASSERT_TRUE(step_until({&a, &late}, [&] { return a.link->stats().handshakes_refused >= 2; }));
  ASSERT_TRUE(a.link->allow(late.id()));
  EXPECT_TRUE(reaches(late, a, "at last"));
}

TEST(Admission, WithoutAHandlerNobodyGetsIn) {
  LinkOptions options;
  options.zap = false;
  Node a(1, options);
  const crypto::SigningKey friendly(seed_of(2));
  RawSocket dealer(zmq::socket_type::dealer, friendly, a.id());
  RawSocket subscriber(zmq::socket_type::sub, friendly, a.id());
  subscriber.socket.set(zmq::sockopt::subscribe, "");
  dealer.socket.connect(a.link->direct_endpoint());
  subscriber.socket.connect(a.link->gossip_endpoint());
  bool sent = false;
  ASSERT_TRUE(step_until({&a}, [&] {
    sent = sent || dealer.send("hello");
    a.link->publish(as_bytes("secret"));
    return dealer.failures() >= 2 && subscriber.failures() >= 2;
  }));
  zmq::message_t leaked;
  EXPECT_FALSE(subscriber.socket.recv(leaked, zmq::recv_flags::dontwait));
  EXPECT_FALSE(sent);
  EXPECT_TRUE(a.inbox.empty());
}

TEST(Admission, AnImpostorAtAPeersAddressGetsNothing) {
  Node a(1), impostor(66);
  ASSERT_TRUE(impostor.link->allow(a.id()));
  const crypto::SigningKey real(seed_of(2));
  RawSocket dealer(zmq::socket_type::dealer, a.key, real.id());
  dealer.socket.connect(impostor.link->direct_endpoint());
  bool sent = false;
  ASSERT_TRUE(step_until({&impostor}, [&] {
    sent = sent || dealer.send("for the real one");
    return dealer.failures() >= 2;
  }));
  EXPECT_FALSE(sent);
  EXPECT_TRUE(impostor.inbox.empty());
}

TEST(Admission, AnObserverMayAskAndListen) {
  const crypto::SigningKey key(seed_of(7));
  LinkOptions options;
  options.observers = {key.id()};
  Node a(1, options);
  RawSocket listener(zmq::socket_type::sub, key, a.id());
  listener.socket.set(zmq::sockopt::subscribe, "");
  listener.socket.connect(a.link->gossip_endpoint());
  auto client = Client::connect(key, a.link->direct_endpoint(), a.id());
  ASSERT_TRUE(client);
  bool asked = false;
  zmq::message_t heard;
  ASSERT_TRUE(step_until({&a}, [&] {
    asked = asked || (*client)->send(as_bytes("dump"), moment).has_value();
    a.link->publish(as_bytes("news"));
    const bool listening =
        !heard.empty() || listener.socket.recv(heard, zmq::recv_flags::dontwait).has_value();
    return listening && a.count(Via::request, "dump") == 1;
  }));
  EXPECT_EQ(heard.to_string_view(), "news");
  EXPECT_EQ(a.find("dump")->from, key.id());
  ASSERT_TRUE(a.link->reply(a.find("dump")->route, as_bytes("state")));
  const auto answer = (*client)->receive(patience);
  ASSERT_TRUE(answer);
  EXPECT_EQ(as_text(*answer), "state");
}

TEST(Admission, AClientWithAnUnknownKeyHearsThatItMayNotBeListed) {
  Node a(1);
  auto client = Client::connect(crypto::SigningKey(seed_of(66)), a.link->direct_endpoint(), a.id());
  ASSERT_TRUE(client);
  std::optional<Error> refusal;
  ASSERT_TRUE(step_until({&a}, [&] {
    const auto sent = (*client)->send(as_bytes("hello"), moment);
    if (!sent) refusal = sent.error();
    return a.link->stats().handshakes_refused >= 2;
  }));
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, Errc::timed_out);
  EXPECT_NE(refusal->detail.find("does it list ours"), std::string::npos);
  EXPECT_TRUE(a.inbox.empty());
}

TEST(Admission, TwoClientsWithOneKeyGetTheirOwnAnswers) {
  const crypto::SigningKey key(seed_of(7));
  LinkOptions options;
  options.observers = {key.id()};
  Node a(1, options);
  auto first = Client::connect(key, a.link->direct_endpoint(), a.id());
  auto second = Client::connect(key, a.link->direct_endpoint(), a.id());
  ASSERT_TRUE(first && second);
  bool one = false, two = false;
  ASSERT_TRUE(step_until({&a}, [&] {
    one = one || (*first)->send(as_bytes("one"), moment).has_value();
    two = two || (*second)->send(as_bytes("two"), moment).has_value();
    return a.find("one") != nullptr && a.find("two") != nullptr;
  }));
  ASSERT_TRUE(a.link->reply(a.find("one")->route, as_bytes("1")));
  ASSERT_TRUE(a.link->reply(a.find("two")->route, as_bytes("2")));
  EXPECT_EQ(as_text((*first)->receive(patience).value()), "1");
  EXPECT_EQ(as_text((*second)->receive(patience).value()), "2");
}

}  // namespace
}  // namespace vouch::transport::zmq_admission_test
