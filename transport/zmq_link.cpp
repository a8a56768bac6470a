// The sending half and the face of a ZmqLink. Opening is in zmq_link_open.cpp, receiving in
// zmq_link_poll.cpp. Nothing here waits: every send takes a frame or refuses it.
// SPDX-License-Identifier: MIT
#include "vouch/transport/zmq_link.hpp"

#include <unistd.h>

#include "vouch/schemas/limits.hpp"
#include "vouch/transport/zmq_link_impl.hpp"

namespace vouch::transport {
namespace {

zmq::message_t copy(ByteView bytes) {
  return {bytes.data(), bytes.size()};
}

}  // namespace

Result<std::unique_ptr<ZmqLink>> ZmqLink::open(const crypto::SigningKey& key, LinkOptions options) {
  std::unique_ptr<Impl> impl;
  try {
    impl = std::make_unique<Impl>(key, options);
  } catch (const zmq::error_t& error) {
    return fail(Errc::io, std::string("preparing sockets: ") + error.what());
  }
  if (auto opened = impl->open(options); !opened) return tl::unexpected(opened.error());
  return std::unique_ptr<ZmqLink>(new ZmqLink(std::move(impl)));
}

ZmqLink::ZmqLink(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ZmqLink::~ZmqLink() = default;

bool ZmqLink::publish(ByteView frame) {
  LinkStats& stats = impl_->stats;
  if (frame.size() > limits::frame_bytes_max) {
    ++stats.too_large;
    return false;
  }
  try {
    if (!impl_->pub.send(copy(frame), zmq::send_flags::dontwait)) {
      ++stats.send_refused;
      return false;
    }
  } catch (const zmq::error_t&) {
    ++stats.faults;
    return false;
  }
  ++stats.gossip_frames_sent;
  stats.gossip_bytes_sent += frame.size();
  return true;
}

void ZmqLink::Impl::count_direct_send(std::size_t bytes) {
  ++stats.direct_frames_sent;
  stats.direct_bytes_sent += bytes;
}

bool ZmqLink::send(const PeerId& to, ByteView frame) {
  LinkStats& stats = impl_->stats;
  if (frame.size() > limits::frame_bytes_max) {
    ++stats.too_large;
    return false;
  }
  const auto dealer = impl_->dealers.find(to);
  try {
    if (dealer == impl_->dealers.end() ||
        !dealer->second.socket.send(copy(frame), zmq::send_flags::dontwait)) {
      ++stats.send_refused;
      return false;
    }
  } catch (const zmq::error_t&) {
    ++stats.faults;
    return false;
  }
  impl_->count_direct_send(frame.size());
  return true;
}

bool ZmqLink::reply(const std::string& route, ByteView frame) {
  LinkStats& stats = impl_->stats;
  if (frame.size() > limits::frame_bytes_max) {
    ++stats.too_large;
    return false;
  }
  const bool local = !route.empty() && route.front() == local_route;
  zmq::socket_t& socket = local ? impl_->local : impl_->router;
  if (route.empty() || socket.handle() == nullptr) {
    ++stats.unroutable;
    return false;
  }
  try {
    zmq::message_t id(route.data() + 1, route.size() - 1);
    if (!socket.send(id, zmq::send_flags::sndmore | zmq::send_flags::dontwait)) {
      ++stats.send_refused;
      return false;
    }
    // Once the id is taken the frame has its place: this cannot be refused for lack of room.
    socket.send(copy(frame), zmq::send_flags::dontwait);
  } catch (const zmq::error_t& error) {
    ++(error.num() == EHOSTUNREACH ? stats.unroutable : stats.faults);
    return false;
  }
  impl_->count_direct_send(frame.size());
  return true;
}

void ZmqLink::poll(std::chrono::milliseconds timeout, std::vector<Incoming>& out) {
  impl_->poll(timeout, out);
}

void ZmqLink::wake() {
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then the poll returns anyway.
  [[maybe_unused]] const auto written = ::write(impl_->wake_fd, &one, sizeof one);
}

Result<void> ZmqLink::allow(const PeerId& id) {
  return impl_->allow(id);
}
Result<void> ZmqLink::connect(const PeerAddress& peer) {
  return impl_->connect(peer);
}
const std::string& ZmqLink::direct_endpoint() const {
  return impl_->direct_endpoint;
}
const std::string& ZmqLink::gossip_endpoint() const {
  return impl_->gossip_endpoint;
}
const std::string& ZmqLink::local_endpoint() const {
  return impl_->local_endpoint;
}
const LinkStats& ZmqLink::stats() const {
  return impl_->stats;
}

}  // namespace vouch::transport
