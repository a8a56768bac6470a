// Socket options and limits, in one place. The reasons stand beside the numbers.
// SPDX-License-Identifier: MIT
#pragma once

#include <zmq.hpp>

#include "vouch/transport/crypto.hpp"

namespace vouch::transport {

struct SocketLimits {
  int queue_frames;  ///< per connection and direction
  int reconnect_ms;  ///< between attempts; ZeroMQ waits by chance up to twice as long
};

/// Limits, liveness and reconnection for every socket. Throws zmq::error_t.
void set_limits(zmq::socket_t& socket, const SocketLimits& limits);

/// The socket accepts CURVE connections and asks ZAP about each.
void set_curve_server(zmq::socket_t& socket, const crypto::CurveKey& secret);

/// The socket's next connect() goes to the owner of `server` and to nobody else.
void set_curve_client(zmq::socket_t& socket, const crypto::CurveKey& own_public,
                      const crypto::CurveKey& own_secret, const crypto::CurveKey& server);

}  // namespace vouch::transport
