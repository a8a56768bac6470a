// The process of one peer in the benchmark of healing, and what it shares with the others.
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "bench/stage.hpp"

namespace vouch::bench {

enum class HealPhase : std::uint32_t { start, meet, write, heal, stop };

struct HealBoard : SharedBoard<HealPhase> {
  std::array<std::atomic<std::uint64_t>, peers_max> heard;  ///< updates of others
  std::array<std::atomic<std::int64_t>, peers_max> last_heard_us;
  std::array<std::atomic<std::uint64_t>, peers_max> state;  ///< begin of the hash; 0: not known
  std::atomic<std::uint64_t> hashed;                        ///< states, of all peers

  /// Each has heard that many.
  bool heard_by(std::size_t peers, std::uint64_t updates) const {
    for (std::size_t i = 0; i < peers; ++i) {
      if (heard[i] < updates) return false;
    }
    return true;
  }
  std::int64_t last_heard() const {
    std::int64_t last = 0;
    for (const auto& one : last_heard_us) last = std::max(last, one.load());
    return last;
  }
  bool equal(std::size_t peers) const {
    bool all = state[0] != 0;
    for (std::size_t i = 1; i < peers; ++i) all = all && state[i] == state[0];
    return all;
  }
};

struct HealTask {
  std::size_t index = 0;
  std::filesystem::path config;
  std::size_t peers = 4;
  std::size_t updates = 5'000;  ///< of each peer
};

/// Runs all phases that the board calls; the exit code of the process.
int run_healing_peer(const HealTask& task, HealBoard& board);

}  // namespace vouch::bench
