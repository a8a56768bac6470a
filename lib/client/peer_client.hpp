// Talks to a running peer as a submitter or dumper: over its local socket, or over TCP with a key
// that is on its allow-list. One request at a time; not thread-safe.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vouch/ingest/stream_table.hpp"
#include "vouch/schemas/error.hpp"
#include "vouch/schemas/messages.hpp"

namespace vouch::client {

/// Where a peer is: a local socket, or host, port and the key that must answer there.
struct Endpoint {
  std::string address;         ///< ipc:///path or tcp://host:port
  std::optional<PeerId> peer;  ///< for tcp
  bool local() const { return !peer.has_value(); }

  /// Reads ipc:///path, a plain path to a socket, tcp://KEY@host:port (KEY: 64 hex digits), or
  /// tcp://host:port when `key_file` lies beside a vouch.toml whose roster names that address.
  static Result<Endpoint> parse(const std::string& text, const std::filesystem::path& key_file);
};

struct Taken {
  std::vector<ingest::Submitted> answers;  ///< one per event that was taken, in order
  std::uint64_t next = 0;                  ///< the index after them
};

class PeerClient {
 public:
  /// `key_file` is needed for tcp. Errors say what to do.
  static Result<std::unique_ptr<PeerClient>> connect(const Endpoint& endpoint,
                                                     const std::filesystem::path& key_file,
                                                     std::chrono::milliseconds timeout);
  ~PeerClient();

  Result<Opened> open(const std::string& stream);
  /// Errc::busy means: try again in a moment.
  Result<Taken> submit(const Submit& submit);
  Result<std::string> dump(Dump wanted = {});
  /// Where the voters stand (observe/rosters.hpp), after proposing the roster of these bytes, if
  /// there are any. Over a local socket alone.
  Result<std::string> rosters(const Bytes& proposed = {});

 private:
  struct Impl;
  explicit PeerClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vouch::client
