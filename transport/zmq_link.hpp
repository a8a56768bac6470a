// A link over ZeroMQ: PUB and SUB for gossip, ROUTER and one DEALER per peer for direct frames.
// Every tcp socket speaks CURVE and asks the allow-list; the local socket is protected by its
// folder. One thread owns a link. Known costs: a PUB drops for a slow subscriber without telling
// anybody, and an allowed key that turns hostile can make us queue up to its share of
// LinkOptions::queue_bytes_max per connection.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "vouch/schemas/error.hpp"
#include "vouch/transport/crypto.hpp"
#include "vouch/transport/link.hpp"

namespace vouch::transport {

/// Where a peer listens: tcp://host:port of its ROUTER and of its PUB. IPv6 in brackets.
struct PeerAddress {
  PeerId id;
  std::string direct;
  std::string gossip;
};

struct LinkOptions {
  std::string direct_listen;  ///< tcp://ip:port, port * = any
  std::string gossip_listen;
  std::string local_listen;        ///< ipc:///path, empty = none; its folder is made 0700
  std::vector<PeerAddress> peers;  ///< connected to, and allowed
  /// Allowed only: they may ask and subscribe. What they may ask for is not the link's business.
  std::vector<PeerId> observers;
  /// Shared by the queues of all peers in one direction; sets how many frames each may hold.
  std::size_t queue_bytes_max = 64U << 20;
  bool zap = true;  ///< false only to show that nobody gets in without a handler
};

/// Since the link was opened; frames as handed over, before encryption.
struct LinkStats {
  std::uint64_t gossip_frames_sent = 0, gossip_bytes_sent = 0;
  std::uint64_t gossip_frames_received = 0, gossip_bytes_received = 0;
  std::uint64_t direct_frames_sent = 0, direct_bytes_sent = 0;
  std::uint64_t direct_frames_received = 0, direct_bytes_received = 0;
  std::uint64_t send_refused = 0;        ///< queue full, or nobody connected
  std::uint64_t too_large = 0;           ///< own frames above limits::frame_bytes_max
  std::uint64_t unroutable = 0;          ///< a client or peer that asked is gone
  std::uint64_t misshapen = 0;           ///< messages that are not one frame
  std::uint64_t unauthenticated = 0;     ///< requests without an id: cannot happen while ZAP is on
  std::uint64_t handshakes_refused = 0;  ///< keys that are not on the allow-list, each attempt
  std::uint64_t faults = 0;  ///< of the sockets themselves; more than 0 is a reason to look

  std::uint64_t dropped() const {
    return send_refused + too_large + unroutable + misshapen + unauthenticated;
  }
};

/// All members belong to the owning thread, but for wake() and the endpoints.
class ZmqLink {
 public:
  /// Binds and connects. Errors: io (endpoint in use, bad address), not_allowed (local folder is
  /// open to others), invalid_config (an id is no key, is listed twice, or is our own).
  static Result<std::unique_ptr<ZmqLink>> open(const crypto::SigningKey& key, LinkOptions options);
  /// Drops what is queued; waits for nobody.
  ~ZmqLink();

  /// To whoever is subscribed at this moment. False when the frame is too large.
  bool publish(ByteView frame);
  /// False when the peer is unknown, not connected, its queue is full, or the frame is too large.
  bool send(const PeerId& to, ByteView frame);
  /// False when whoever asked is gone, its queue is full, or the frame is too large.
  bool reply(const std::string& route, ByteView frame);

  /// Waits at most `timeout` for frames or wake(), appends a bounded number of frames to `out`, and
  /// serves handshakes: nobody can connect while nobody polls.
  void poll(std::chrono::milliseconds timeout, std::vector<Incoming>& out);
  /// Thread-safe: makes the current or next poll return.
  void wake();

  /// Lets this key in from now on. Errors: invalid_config.
  Result<void> allow(const PeerId& id);
  /// Allows and connects a further peer. Errors: invalid_config, io.
  Result<void> connect(const PeerAddress& peer);

  /// As really bound, e.g. tcp://127.0.0.1:40123. Thread-safe.
  const std::string& direct_endpoint() const;
  const std::string& gossip_endpoint() const;
  const std::string& local_endpoint() const;
  const LinkStats& stats() const;

 private:
  struct Impl;
  explicit ZmqLink(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vouch::transport
