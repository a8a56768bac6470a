// What a ZmqLink owns. Sockets are declared after the context and the handler, so that they go
// first.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <map>

#include <zmq.hpp>

#include "vouch/transport/zap.hpp"
#include "vouch/transport/zmq_link.hpp"
#include "vouch/transport/zmq_watch.hpp"

namespace vouch::transport {

/// The first character of a route says which socket it belongs to; the rest is ZeroMQ's routing id,
/// which we let ZeroMQ choose and never take for an identity.
inline constexpr char remote_route = 'r';
inline constexpr char local_route = 'l';

struct ZmqLink::Impl {
  Impl(const crypto::SigningKey& key, const LinkOptions& options);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  const PeerId self;
  const crypto::CurveKey own_public;
  crypto::CurveKey own_secret;
  const int wake_fd;
  const int queue_frames;
  const int reconnect_ms;
  zmq::context_t context;
  std::optional<ZapHandler> zap;
  zmq::socket_t pub, sub, router, local;
  struct Dealer {
    zmq::socket_t socket;
    std::string endpoint;
    std::chrono::steady_clock::time_point retried{};
  };
  std::map<PeerId, Dealer> dealers;
  ZmqWatch watch;  ///< of the dealers
  std::vector<zmq::pollitem_t> items;
  std::string direct_endpoint, gossip_endpoint, local_endpoint;
  LinkStats stats;

  Result<void> open(const LinkOptions& options);
  Result<void> allow(const PeerId& id);
  Result<void> connect(const PeerAddress& peer);
  void poll(std::chrono::milliseconds timeout, std::vector<Incoming>& out);
  void count_direct_send(std::size_t bytes);

 private:
  Result<void> allow_all(const LinkOptions& options);
  void bind(const LinkOptions& options);
  zmq::socket_t make(zmq::socket_type type, const std::string& address);
  void list_poll_items();
  void drain_gossip(std::vector<Incoming>& out);
  void drain_router(zmq::socket_t& socket, Via via, std::vector<Incoming>& out);
  void note_opened(std::vector<Incoming>& out);
  /// Connects at once instead of when the next attempt is due: there is a sign that it can be had.
  void retry(Dealer& dealer);
  void drain_dealer(const PeerId& peer, zmq::socket_t& socket, std::vector<Incoming>& out);
};

}  // namespace vouch::transport
