// SPDX-License-Identifier: MIT
#include "tools/loopback_socket.hpp"
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace vouch::tools {
namespace {

/// Without SO_REUSEADDR, as the system looks for a port when any will do.
bool is_free(int port) {
  const LoopbackSocket other(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return ::bind(other.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

TEST(LoopbackSocket, AReservedPortIsItsHoldersAlone) {
  auto port = LoopbackSocket::reserve();
  ASSERT_TRUE(port);
  EXPECT_EQ(port->endpoint(), "tcp://127.0.0.1:" + std::to_string(port->port()));
  for (int times = 0; times < 2; ++times) {
    const LoopbackSocket listener = LoopbackSocket::make();
    ASSERT_TRUE(listener.bind(port->port()));
    ASSERT_EQ(::listen(listener.fd(), 1), 0);
    EXPECT_FALSE(is_free(port->port()));
  }
  EXPECT_FALSE(is_free(port->port())) << "nobody listens, and it is still held";
  const int number = port->port();
  port.reset();
  EXPECT_TRUE(is_free(number));
}

}  // namespace
}  // namespace vouch::tools
