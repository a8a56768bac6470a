// SPDX-License-Identifier: MIT
#include "vouch/transport/zmq_watch.hpp"

#include <array>
#include <cstring>

#include <sys/epoll.h>
#include <unistd.h>

namespace vouch::transport {
namespace {

constexpr int ended = ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                      ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

}  // namespace

ZmqWatch::ZmqWatch() : fd_(::epoll_create1(EPOLL_CLOEXEC)) {}

ZmqWatch::~ZmqWatch() {
  while (!watched_.empty()) forget(PeerId(watched_.begin()->first));
  if (fd_ >= 0) ::close(fd_);
}

void ZmqWatch::add(zmq::context_t& context, const PeerId& peer, zmq::socket_t& socket) {
  const std::string address = "inproc://watch-" + peer.hex();
  if (zmq_socket_monitor(socket.handle(), address.c_str(),
                         ZMQ_EVENT_CONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ended) != 0) {
    throw zmq::error_t();
  }
  zmq::socket_t events(context, zmq::socket_type::pair);
  events.set(zmq::sockopt::linger, 0);
  events.set(zmq::sockopt::rcvhwm, 0);  // few come, but nobody may have to wait for us
  events.connect(address);
  const int fd = events.get(zmq::sockopt::fd);
  // The descriptor only tells of what comes after a look that found nothing.
  [[maybe_unused]] const int nothing = events.get(zmq::sockopt::events);
  auto& node = *watched_.emplace(peer, Watched{std::move(events), socket.handle()}).first;
  epoll_event interest{};
  interest.events = EPOLLIN;
  interest.data.ptr = &node;
  if (::epoll_ctl(fd_, EPOLL_CTL_ADD, fd, &interest) != 0) throw zmq::error_t();
}

void ZmqWatch::forget(const PeerId& peer) {
  const auto found = watched_.find(peer);
  if (found == watched_.end()) return;
  // Before nobody listens any more: whoever tells events to nobody waits until somebody does.
  zmq_socket_monitor(found->second.socket, nullptr, 0);
  watched_.erase(found);
}

void ZmqWatch::look(std::vector<PeerId>& opened) {
  std::array<epoll_event, 64> ready{};
  const int count = ::epoll_wait(fd_, ready.data(), static_cast<int>(ready.size()), 0);
  for (int i = 0; i < count; ++i) {
    auto& [peer, watched] = *static_cast<Node*>(ready[static_cast<std::size_t>(i)].data.ptr);
    zmq::message_t event, address;
    while (watched.events.recv(event, zmq::recv_flags::dontwait)) {
      [[maybe_unused]] const auto second = watched.events.recv(address, zmq::recv_flags::dontwait);
      std::uint16_t kind = 0;
      std::memcpy(&kind, event.data(), sizeof kind);
      watched.apart = (kind & ended) != 0;
      if (kind == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) opened.push_back(peer);
    }
  }
}

bool ZmqWatch::apart(const PeerId& peer) const {
  const auto found = watched_.find(peer);
  return found != watched_.end() && found->second.apart;
}

}  // namespace vouch::transport
