// The ZAP handler: decides for every CURVE handshake whether the key is on the allow-list, and
// gives the connection the id of the peer that owns the key. Without a running handler everybody is
// refused. Deliberately absent: roles. Who may ask for what is decided above, from the id given
// here.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>

#include <zmq.hpp>

#include "vouch/schemas/ids.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::transport {

/// What sockets name as their domain; together with zap_enforce_domain a missing handler refuses
/// all.
inline constexpr const char* zap_domain = "vouch";

/// Owned and used by the thread that owns the sockets. Source: ZeroMQ RFC 27 (ZAP 1.0).
class ZapHandler {
 public:
  /// Must exist before any socket is bound. Throws zmq::error_t.
  explicit ZapHandler(zmq::context_t& context);

  /// False when the id is no valid key.
  bool allow(const PeerId& peer);
  zmq::socket_t& socket() { return socket_; }
  /// Answers requests that wait, a bounded number of them. Throws zmq::error_t.
  void serve();
  /// Attempts, not keys: who is refused comes back.
  std::uint64_t refused() const { return refused_; }

 private:
  const PeerId* owner_of(const zmq::message_t& key) const;

  zmq::socket_t socket_;
  std::map<crypto::CurveKey, PeerId> allowed_;
  std::uint64_t refused_ = 0;
};

}  // namespace vouch::transport
