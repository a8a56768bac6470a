// The process of one peer in the convergence benchmark: an agent that links the library.
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "bench/converge/board.hpp"

namespace vouch::bench {

inline constexpr std::chrono::milliseconds waiting_pace{50};  ///< of the waiting caller

struct PeerTask {
  std::size_t index = 0;
  std::filesystem::path config;
  std::size_t peers = 4;
  std::size_t samples = 200;       ///< of the waiting caller, at 20 a second
  std::chrono::seconds paced{10};  ///< how long the language models talk
  std::chrono::seconds ingest{5};  ///< how long everybody submits at full speed; 0 = not at all
};

/// Runs all phases that the board calls; the exit code of the process.
int run_peer(const PeerTask& task, Board& board);

/// The same hops without a protocol: sign, write durably, publish; verify on the other side.
int run_bare_peer(const PeerTask& task, Board& board);

}  // namespace vouch::bench
