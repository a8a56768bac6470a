// One connection of a submitter or dumper to a peer. Blocking with timeouts; for one thread. A
// timeout does not close it: a later call may succeed, and answers that came late are still
// delivered.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "vouch/schemas/error.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::transport {

class Client {
 public:
  /// To the tcp endpoint of the peer that owns `server`; the peer must allow our key. Returns at
  /// once, connected or not. Errors: invalid_config (`server` is no key), io (bad address).
  static Result<std::unique_ptr<Client>> connect(const crypto::SigningKey& key,
                                                 const std::string& endpoint, const PeerId& server);
  /// To a local endpoint, ipc:///path. Errors: io when there is no such socket.
  static Result<std::unique_ptr<Client>> connect_local(const std::string& endpoint);
  ~Client();

  /// Waits until the peer is connected and takes the frame. Errors: too_large, io, timed_out when
  /// the peer is not there or does not let us in: it does not say which.
  Result<void> send(ByteView frame, std::chrono::milliseconds timeout);
  Result<Bytes> receive(std::chrono::milliseconds timeout);

 private:
  struct Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vouch::transport
