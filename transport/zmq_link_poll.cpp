// The receiving half of a ZmqLink. Every socket gives a bounded share per poll, so that a flood on
// one cannot keep the others, the handshakes or the caller's own work waiting.
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cerrno>

#include <poll.h>
#include <unistd.h>

#include "vouch/transport/zmq_link_impl.hpp"

namespace vouch::transport {
namespace {

/// What one socket may hand over in one poll.
struct Share {
  std::size_t frames = 256;
  std::size_t bytes = 1U << 20;

  bool left() const { return frames > 0 && bytes > 0; }
  void take(std::size_t size) {
    --frames;
    bytes -= std::min(bytes, size);
  }
};

/// What is under way is not begun anew all the time, whatever the signs.
constexpr std::chrono::milliseconds retry_spacing{500};

/// One message of exactly `Expected` frames. Others are read to their end, keeping nothing of the
/// surplus.
template <std::size_t Expected>
struct Received {
  std::array<zmq::message_t, Expected> frames;
  std::size_t count = 0;
  std::size_t bytes = 0;

  bool whole() const { return count == Expected; }
  /// False when nothing waits.
  bool from(zmq::socket_t& socket) {
    count = 0;
    bytes = 0;
    for (bool more = true; more; ++count) {
      zmq::message_t surplus;
      zmq::message_t& frame = count < Expected ? frames[count] : surplus;
      if (!socket.recv(frame, zmq::recv_flags::dontwait)) return false;
      bytes += frame.size();
      more = frame.more();
    }
    return true;
  }
};

Bytes take(const zmq::message_t& message) {
  const auto* from = static_cast<const std::uint8_t*>(message.data());
  return {from, from + message.size()};
}

/// The id that our own ZAP handler gave to the connection.
std::optional<PeerId> user_of(zmq::message_t& message) {
  try {
    return PeerId::from_hex(message.gets("User-Id"));
  } catch (const zmq::error_t&) {
    return std::nullopt;
  }
}

}  // namespace

void ZmqLink::Impl::drain_gossip(std::vector<Incoming>& out) {
  Received<1> message;
  for (Share share; share.left() && message.from(sub); share.take(message.bytes)) {
    if (!message.whole()) {
      ++stats.misshapen;
      continue;
    }
    ++stats.gossip_frames_received;
    stats.gossip_bytes_received += message.bytes;
    out.push_back({Via::gossip, std::nullopt, {}, take(message.frames[0])});
  }
}

void ZmqLink::Impl::drain_router(zmq::socket_t& socket, Via via, std::vector<Incoming>& out) {
  Received<2> message;
  for (Share share; share.left() && message.from(socket); share.take(message.bytes)) {
    if (!message.whole()) {
      ++stats.misshapen;
      continue;
    }
    zmq::message_t& frame = message.frames[1];
    std::optional<PeerId> from;
    if (via == Via::request) {
      from = user_of(frame);
      if (!from) {
        ++stats.unauthenticated;
        continue;
      }
      if (watch.apart(*from)) retry(dealers.at(*from));
    }
    ++stats.direct_frames_received;
    stats.direct_bytes_received += frame.size();
    std::string route(1, via == Via::local ? local_route : remote_route);
    route += message.frames[0].to_string_view();
    out.push_back({via, from, std::move(route), take(frame)});
  }
}

void ZmqLink::Impl::drain_dealer(const PeerId& peer, zmq::socket_t& socket,
                                 std::vector<Incoming>& out) {
  Received<1> message;
  for (Share share; share.left() && message.from(socket); share.take(message.bytes)) {
    if (!message.whole()) {
      ++stats.misshapen;
      continue;
    }
    ++stats.direct_frames_received;
    stats.direct_bytes_received += message.bytes;
    out.push_back({Via::reply, peer, {}, take(message.frames[0])});
  }
}

void ZmqLink::Impl::note_opened(std::vector<Incoming>& out) {
  std::vector<PeerId> opened;
  watch.look(opened);
  for (const PeerId& peer : opened) out.push_back({Via::opened, peer, {}, {}});
  if (opened.empty()) return;
  // What kept one away may have kept others away.
  for (auto& [peer, dealer] : dealers) {
    if (watch.apart(peer)) retry(dealer);
  }
}

void ZmqLink::Impl::retry(Dealer& dealer) {
  const auto now = std::chrono::steady_clock::now();
  if (now - dealer.retried < retry_spacing) return;
  dealer.retried = now;
  dealer.socket.disconnect(dealer.endpoint);
  dealer.socket.connect(dealer.endpoint);
}

void ZmqLink::Impl::poll(std::chrono::milliseconds timeout, std::vector<Incoming>& out) {
  try {
    zmq::poll(items, timeout);
    std::uint64_t wakes = 0;
    // Only clears the counter: how often somebody called does not matter.
    [[maybe_unused]] const auto cleared = ::read(wake_fd, &wakes, sizeof wakes);
    if (zap) {
      zap->serve();
      stats.handshakes_refused = zap->refused();
    }
    note_opened(out);
    drain_gossip(out);
    drain_router(router, Via::request, out);
    if (local.handle() != nullptr) drain_router(local, Via::local, out);
    for (auto& [peer, dealer] : dealers) drain_dealer(peer, dealer.socket, out);
  } catch (const zmq::error_t& error) {
    if (error.num() == EINTR) return;  // a signal: the caller looks why and polls again
    ++stats.faults;
    // A fault that stays must not turn the caller's loop into a busy one; wake() still ends the
    // wait.
    pollfd wait{wake_fd, POLLIN, 0};
    ::poll(&wait, 1, static_cast<int>(timeout.count()));
  }
}

}  // namespace vouch::transport
