// Links on loopback, stepped together on one thread until a condition holds or a deadline passes.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>

#include <gtest/gtest.h>
#include <zmq.hpp>
#include <zmq_addon.hpp>

#include "vouch/transport/zmq_client.hpp"
#include "vouch/transport/zmq_link.hpp"

namespace vouch::transport {

inline crypto::Seed seed_of(std::uint8_t number) {
  crypto::Seed seed;
  seed.bytes.fill(number);
  return seed;
}

inline Bytes frame_of(std::string_view text) {
  return to_bytes(as_bytes(text));
}

/// A key, its link, and everything that came in.
struct Node {
  crypto::SigningKey key;
  std::unique_ptr<ZmqLink> link;
  std::vector<Incoming> inbox;

  explicit Node(std::uint8_t number, LinkOptions options = {}) : key(seed_of(number)) {
    options.direct_listen = options.gossip_listen = "tcp://127.0.0.1:*";
    auto opened = ZmqLink::open(key, std::move(options));
    if (!opened) throw std::runtime_error(opened.error().text());
    link = std::move(*opened);
  }
  const PeerId& id() const { return key.id(); }
  PeerAddress address() const { return {id(), link->direct_endpoint(), link->gossip_endpoint()}; }
  std::size_t count(Via via, std::string_view text) const {
    return static_cast<std::size_t>(std::count_if(
        inbox.begin(), inbox.end(),
        [&](const Incoming& in) { return in.via == via && as_text(in.bytes) == text; }));
  }
  const Incoming* find(std::string_view text) const {
    for (const Incoming& in : inbox) {
      if (as_text(in.bytes) == text) return &in;
    }
    return nullptr;
  }
};

inline constexpr auto patience = std::chrono::seconds(20);

/// Steps all nodes until `done`; false when the deadline came first.
inline bool step_until(std::initializer_list<Node*> nodes, const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    for (Node* node : nodes) node->link->poll(std::chrono::milliseconds(2), node->inbox);
  }
  return true;
}

/// Each connects to each other.
inline void introduce(std::initializer_list<Node*> nodes) {
  for (Node* from : nodes) {
    for (const Node* to : nodes) {
      if (from == to) continue;
      const auto connected = from->link->connect(to->address());
      ASSERT_TRUE(connected) << connected.error().text();
    }
  }
}

/// Sends until it is taken and has arrived as a request.
inline bool reaches(Node& from, Node& to, std::string_view text) {
  bool sent = false;
  return step_until({&from, &to}, [&] {
    if (!sent) sent = from.link->send(to.id(), as_bytes(text));
    return to.count(Via::request, text) > 0;
  });
}

/// A socket that keeps none of the link's rules, with CURVE keys of its choice.
struct RawSocket {
  zmq::context_t context;
  zmq::socket_t socket;
  struct Monitor : zmq::monitor_t {
    int failures = 0;
    void on_event_disconnected(const zmq_event_t&, const char*) override { ++failures; }
    void on_event_handshake_failed_no_detail(const zmq_event_t&, const char*) override {
      ++failures;
    }
    void on_event_handshake_failed_protocol(const zmq_event_t&, const char*) override {
      ++failures;
    }
    void on_event_handshake_failed_auth(const zmq_event_t&, const char*) override { ++failures; }
  } monitor;

  RawSocket(zmq::socket_type type, const crypto::SigningKey& key, const PeerId& server)
      : socket(context, type) {
    const auto server_key = crypto::curve_public_of(server).value();
    const auto own_public = key.curve_public();
    const auto own_secret = key.curve_secret();
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::immediate, true);
    socket.set(zmq::sockopt::curve_serverkey, zmq::buffer(server_key));
    socket.set(zmq::sockopt::curve_publickey, zmq::buffer(own_public));
    socket.set(zmq::sockopt::curve_secretkey, zmq::buffer(own_secret));
    monitor.init(socket, "inproc://watch", ZMQ_EVENT_ALL);
  }
  bool send(std::string_view text, zmq::send_flags flags = zmq::send_flags::none) {
    return socket.send(zmq::buffer(text), flags | zmq::send_flags::dontwait).has_value();
  }
  /// Connection attempts that ended, seen from here.
  int failures() {
    while (monitor.check_event(0)) {
    }
    return monitor.failures;
  }
};

}  // namespace vouch::transport
