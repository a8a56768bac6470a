// Clients that break the rule of one submitter: they send different events of one stream to two or
// three peers at once. Each goes on from where its peer is, as after every answer that is lost.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "tests/sim/world.hpp"

namespace vouch::sim {

/// What is submitted of a stream, where and when: a function of (seed, number of the stream).
struct SplitStream {
  std::string name;
  std::vector<std::size_t> peers;          ///< of the clients, in the clients' order
  std::vector<std::uint64_t> run_lengths;  ///< of each client's runs
  bool named = false;                      ///< a client's runs have its own names
  std::uint64_t fork = 0;                  ///< events before are the same from every client
  std::uint64_t length = 0;                ///< so many events, then each client is done
  bool closes = false;                     ///< and closes the stream
  bool together = false;                   ///< all clients submit at the same moments
  VirtualTime begin{};
  VirtualTime every{};
  std::uint64_t stroke = 1;  ///< events at one moment
  std::uint64_t seed = 0;
};

/// Of `peers` peers.
SplitStream draw_split(std::uint64_t seed, std::size_t number, std::size_t peers);

/// Event `index` as this client submits it; now and then one that no rule allows.
std::string event_of(const SplitStream& stream, std::size_t client, std::uint64_t index);

class SplitClients {
 public:
  /// `world` and this must live until the world has stopped running.
  SplitClients(World& world, std::size_t streams);

  void start();
  /// Streams that are not to be closed end where they are.
  void stop() { over_ = true; }
  const std::vector<SplitStream>& streams() const { return streams_; }

 private:
  void visit(const SplitStream& stream, std::size_t client);
  void submit(const SplitStream& stream, std::size_t client, SimPeer& peer);
  void repeat(const SplitStream& stream, std::size_t client, VirtualTime at);

  World& world_;
  std::vector<SplitStream> streams_;
  bool over_ = false;
};

}  // namespace vouch::sim
