// The hazard list of ZeroMQ 4.3.4, answered option by option.
// SPDX-License-Identifier: MIT
#include "vouch/transport/zmq_options.hpp"

#include "vouch/crdt/check.hpp"
#include "vouch/schemas/limits.hpp"
#include "vouch/transport/zap.hpp"

namespace vouch::transport {
namespace {

// A larger frame closes the connection before it is buffered. The surplus is what CURVE adds to a
// frame.
constexpr std::int64_t wire_bytes_max = limits::frame_bytes_max + 1024;
constexpr int heartbeat_ms = 1000;
constexpr int heartbeat_timeout_ms = 3000;
// Half-open connections hold descriptors for this long only.
constexpr int handshake_ms = 2000;
// As long as TCP itself waits before it asks again. Its third question would come seconds later,
// when the way may long be free.
constexpr int connect_ms = 1000;
constexpr int backlog = 1024;

// zmq.h names it among its drafts only, but the library of 4.3.4 always has it.
constexpr int zap_enforce_domain = 93;

zmq::const_buffer buffer(const crypto::CurveKey& key) {
  return zmq::buffer(key.data(), key.size());
}

}  // namespace

// ZMQ_HEARTBEAT_TTL tells the other side when to give us up; silence of theirs is our own timeout.
void set_limits(zmq::socket_t& socket, const SocketLimits& limits) {
  socket.set(zmq::sockopt::linger, 0);
  socket.set(zmq::sockopt::sndhwm, limits.queue_frames);
  socket.set(zmq::sockopt::rcvhwm, limits.queue_frames);
  socket.set(zmq::sockopt::maxmsgsize, wire_bytes_max);
  socket.set(zmq::sockopt::heartbeat_ivl, heartbeat_ms);
  socket.set(zmq::sockopt::heartbeat_timeout, heartbeat_timeout_ms);
  socket.set(zmq::sockopt::heartbeat_ttl, heartbeat_timeout_ms);
  socket.set(zmq::sockopt::tcp_keepalive, 1);
  socket.set(zmq::sockopt::handshake_ivl, handshake_ms);
  socket.set(zmq::sockopt::backlog, backlog);
  socket.set(zmq::sockopt::connect_timeout, connect_ms);
  socket.set(zmq::sockopt::reconnect_ivl, limits.reconnect_ms);
}

void set_curve_server(zmq::socket_t& socket, const crypto::CurveKey& secret) {
  socket.set(zmq::sockopt::curve_server, true);
  socket.set(zmq::sockopt::curve_secretkey, buffer(secret));
  socket.set(zmq::sockopt::zap_domain, zap_domain);
  // Without this a missing handler would let every key in.
  const int enforce = 1;
  VOUCH_CHECK(zmq_setsockopt(socket.handle(), zap_enforce_domain, &enforce, sizeof enforce) == 0);
}

void set_curve_client(zmq::socket_t& socket, const crypto::CurveKey& own_public,
                      const crypto::CurveKey& own_secret, const crypto::CurveKey& server) {
  socket.set(zmq::sockopt::curve_serverkey, buffer(server));
  socket.set(zmq::sockopt::curve_publickey, buffer(own_public));
  socket.set(zmq::sockopt::curve_secretkey, buffer(own_secret));
}

}  // namespace vouch::transport
