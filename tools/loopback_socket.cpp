// SPDX-License-Identifier: MIT
#include "tools/loopback_socket.hpp"

#include <cstdint>

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace vouch::tools {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

}  // namespace

LoopbackSocket::~LoopbackSocket() {
  if (fd_ >= 0) ::close(fd_);
}

LoopbackSocket LoopbackSocket::make() {
  LoopbackSocket made(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int one = 1;
  ::setsockopt(made.fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return made;
}

std::optional<LoopbackSocket> LoopbackSocket::reserve() {
  LoopbackSocket made = make();
  if (!made.bind(0)) return std::nullopt;
  return made;
}

bool LoopbackSocket::bind(int port) const {
  const int one = 1;
  ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  const sockaddr_in address = loopback(port);
  return ::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

void LoopbackSocket::connect(int port) const {
  const sockaddr_in address = loopback(port);
  [[maybe_unused]] const int begun =
      ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

int LoopbackSocket::port() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

std::string LoopbackSocket::endpoint() const {
  return fmt::format("tcp://127.0.0.1:{}", port());
}

}  // namespace vouch::tools
