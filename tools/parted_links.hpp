// The connections of a cluster on loopback, carried through one thread that can part its peers and
// bring them together again: for the benchmark and the tests of partitions. Needs no privileges.
// Known limit: what stands between two sockets costs a copy and a wake-up in each direction.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "vouch/config.hpp"

namespace vouch::tools {

/// How peers that are parted find out.
enum class Parted : std::uint8_t {
  refused,  ///< connections end, new ones are refused: as when processes or hosts go
  silent,   ///< nothing comes through and nobody is told: as when packets are dropped
};

/// Thread-safe but for route(), which comes before start().
class PartedLinks {
 public:
  PartedLinks();
  ~PartedLinks();
  PartedLinks(const PartedLinks&) = delete;
  PartedLinks& operator=(const PartedLinks&) = delete;

  /// For ProcessClusterOptions::tweak: the others of the roster are reached through here. False
  /// when there are no ports.
  bool route(std::size_t index, Config& config);
  /// Carries from now on; whoever connected before waits until then. Nobody may fork afterwards
  /// without exec.
  void start();
  /// Parts the peers of `island` from all others.
  void part(const std::vector<std::size_t>& island, Parted how);
  /// Everything is open again. Connections that were silent go on if both their ends still stand.
  void heal();
  /// Bytes that came through so far, both directions.
  std::uint64_t carried() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vouch::tools
