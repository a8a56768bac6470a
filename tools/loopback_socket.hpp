// TCP sockets of 127.0.0.1, and ports that nobody else is given while they are held.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace vouch::tools {

/// Owns one non-blocking socket, which children do not inherit. Not thread-safe.
class LoopbackSocket {
 public:
  explicit LoopbackSocket(int fd) : fd_(fd) {}
  LoopbackSocket(LoopbackSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  LoopbackSocket& operator=(LoopbackSocket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~LoopbackSocket();

  /// fd() is -1 when the system has no more.
  static LoopbackSocket make();
  /// Holds a free port without listening: another socket may be bound to its number and listen
  /// there, but the system gives it to nobody who asks for any port, nor to one who connects.
  /// Nothing when none is free.
  static std::optional<LoopbackSocket> reserve();

  /// 0 is any free port.
  bool bind(int port) const;
  /// Begins; poll for writing tells the end.
  void connect(int port) const;
  int fd() const { return fd_; }
  /// 0 before it is bound.
  int port() const;
  /// As in a config: tcp://127.0.0.1:PORT.
  std::string endpoint() const;

 private:
  int fd_;
};

}  // namespace vouch::tools
