// A peer in the process of a benchmark: opened, started, and in touch with all the others.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <thread>

#include <fmt/format.h>

#include "vouch/distributed_validator.hpp"

namespace vouch::bench {

/// Ends the benchmark, and says why. The exit code.
template <class Board>
int give_up(Board& board, std::size_t index, const std::string& why) {
  fmt::print(stderr, "peer {}: {}\n", index, why);
  board.failed = true;
  return 1;
}

/// Waits until every other voter was heard; false when that takes more than 20 s.
template <class Board>
bool meet_others(DistributedValidator& peer, std::size_t peers, const Board& board) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < until && !board.failed) {
    const auto status = peer.status();
    if (status && status->voters_heard + 1 == peers) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

/// Nothing when that failed; then so has the benchmark.
template <class Board>
std::unique_ptr<DistributedValidator> start_peer(const Config& config, std::size_t index,
                                                 Board& board,
                                                 DistributedValidator::Subscriber hear = {}) {
  auto opened = DistributedValidator::open(config);
  if (!opened) {
    give_up(board, index, opened.error().text());
    return nullptr;
  }
  if (hear) (*opened)->subscribe(std::move(hear));
  if (auto started = (*opened)->start(); !started) {
    give_up(board, index, started.error().text());
    return nullptr;
  }
  if (!meet_others(**opened, config.roster.size(), board)) {
    give_up(board, index, "the peers did not find each other");
    return nullptr;
  }
  return std::move(*opened);
}

/// A number of this name in a dump, as the dumper has it; 0 when there is none.
inline std::uint64_t counted(const std::string& dump, const std::string& name) {
  const std::string key = fmt::format("\"{}\":", name);
  const std::size_t at = dump.find(key);
  return at == std::string::npos ? 0 : std::stoull(dump.substr(at + key.size(), 24));
}

/// How often this peer changed views so far.
inline std::uint64_t view_changes(const DistributedValidator& peer) {
  return counted(peer.dump({"agreement"}).value_or(""), "view_changes");
}

}  // namespace vouch::bench
