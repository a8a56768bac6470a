// Authenticated frames between peers over ZeroMQ. The contract is weak on purpose: a link may drop,
// duplicate, reorder and delay, and never blocks; what is built on it repairs. One thread owns a link; only
// wake() may be called from another. Every tcp socket speaks CURVE and asks the ZAP allow-list; the local
// socket is protected by its folder.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vouch/schemas/error.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::transport {

/// Where a peer listens: tcp://host:port of its ROUTER and of its PUB.
struct PeerAddress {
  PeerId id;
  std::string direct;
  std::string gossip;
};

struct LinkOptions {
  std::string direct_listen;  ///< tcp://ip:port, port * = any
  std::string gossip_listen;
  std::string local_listen;   ///< ipc:///path, empty = none; its folder is made 0700
  std::vector<PeerAddress> peers;    ///< connected to, and allowed
  std::vector<PeerId> observers;     ///< allowed only
  bool zap = true;  ///< false only to show that nobody gets in without a handler
};

enum class Via : std::uint8_t {
  gossip,   ///< our SUB: from nobody in particular, the frame's signature says who
  request,  ///< our ROUTER over tcp: `from` is authenticated
  reply,    ///< our DEALER to a peer: `from` is the key it is pinned to
  local,    ///< our local ROUTER: a process of this user
};

struct Incoming {
  Via via = Via::gossip;
  std::optional<PeerId> from;
  std::string route;  ///< for reply(); empty for gossip and replies
  Bytes bytes;
};

/// Since the link was opened; frames as handed over, before encryption.
struct LinkStats {
  std::uint64_t gossip_frames_sent = 0, gossip_bytes_sent = 0;
  std::uint64_t gossip_frames_received = 0, gossip_bytes_received = 0;
  std::uint64_t direct_frames_sent = 0, direct_bytes_sent = 0;
  std::uint64_t direct_frames_received = 0, direct_bytes_received = 0;
  std::uint64_t send_refused = 0;   ///< queue full, or nobody connected
  std::uint64_t unroutable = 0;     ///< a client or peer that asked is gone
  std::uint64_t unauthenticated = 0;  ///< frames without an id: cannot happen while ZAP is on
  std::uint64_t handshakes_refused = 0;
  std::uint64_t dropped() const { return send_refused + unroutable + unauthenticated; }
};

class ZmqLink {
 public:
  /// Binds and connects. Errors: io (endpoint in use, bad address), not_allowed (local folder is open to
  /// others), invalid_config (a peer's id is no key).
  static Result<std::unique_ptr<ZmqLink>> open(const crypto::SigningKey& key, LinkOptions options);
  ~ZmqLink();

  bool publish(ByteView frame);
  /// False when the peer is unknown, not connected, or its queue is full.
  bool send(const PeerId& to, ByteView frame);
  /// False when whoever asked is gone.
  bool reply(const std::string& route, ByteView frame);

  /// Waits at most `timeout` for frames or wake(), appends a bounded number of frames to `out`, and serves
  /// handshakes.
  void poll(std::chrono::milliseconds timeout, std::vector<Incoming>& out);
  /// Thread-safe: makes the current or next poll return.
  void wake();

  std::string direct_endpoint() const;
  std::string gossip_endpoint() const;
  std::string local_endpoint() const;
  const LinkStats& stats() const;

 private:
  struct Impl;
  explicit ZmqLink(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vouch::transport
