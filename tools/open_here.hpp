// The peers of a cluster opened in this process instead of in their own, for tests and benchmarks
// that call them.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "tools/process_cluster.hpp"

#include "vouch/distributed_validator.hpp"

namespace vouch::tools {

/// Opens all, then starts all: by then each knows where the others are. They must end before
/// `cluster`, which holds their folders. Errors: invalid_config, and those of opening and starting.
inline Result<std::vector<std::unique_ptr<DistributedValidator>>> open_here(
    ProcessCluster& cluster) {
  std::vector<std::unique_ptr<DistributedValidator>> peers;
  for (const ProcessPeer& peer : cluster.peers()) {
    const auto config = load_toml(peer.config());
    if (!config) return fail(Errc::invalid_config, config.error().front().text());
    auto opened = DistributedValidator::open(*config);
    if (!opened) return tl::unexpected(opened.error());
    peers.push_back(std::move(*opened));
  }
  for (const auto& peer : peers) {
    if (auto started = peer->start(); !started) return tl::unexpected(started.error());
  }
  return peers;
}

}  // namespace vouch::tools
