// What the processes of the benchmark of disputes share, beyond the phases: disputes, and
// that all peers hear of each at one moment.
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "bench/stage.hpp"

namespace vouch::bench::dispute {

inline constexpr std::size_t peers = 4;
inline constexpr std::size_t disputes_max = 1U << 14;

inline constexpr std::size_t turns_max = 64;

/// One dispute after the other: one of four peers differs; two do; two of three, as the fourth has
/// crashed. Or short runs without a pause, by turns without and with disputes among them.
enum class Phase : std::uint32_t { start = 1, outvoted, split, crashed, load, stop };

/// The first turn is warm-up, the next is plain.
constexpr bool is_troubled(std::size_t turn) {
  return turn > 0 && turn % 2 == 0;
}

/// A stream whose producer tells some peers one run and the others an altered one.
struct Dispute {
  std::atomic<std::size_t> true_peers{0};  ///< so many from the first on hear the true run; 0: none
  std::atomic<std::size_t> first{0};
  std::atomic<std::int64_t> told{0};  ///< when all hear it, by clock_us()
  std::atomic<std::int64_t> seen{0};  ///< when the first voter held two heads; 0: never
  std::array<std::atomic<std::int64_t>, peers> certified;  ///< when each had the certificate
  std::atomic<std::uint32_t> view{0};                      ///< of the certificate
};

struct Board : SharedBoard<Phase> {
  std::atomic<std::size_t> count{0};  ///< of disputes
  std::array<Dispute, disputes_max> disputes;
  std::array<std::atomic<std::size_t>, turns_max> runs;  ///< certified under load, by turn
  std::atomic<std::size_t> late{0};                      ///< had no certificate after 10 s
  std::atomic<std::uint64_t> plain_view_changes{0};      ///< under load, before anybody differed
};

struct Task {
  std::size_t index = 0;
  std::filesystem::path config;
  std::size_t peers = dispute::peers;
  std::size_t turns = 0;                 ///< under load; 0: the phases before it
  std::size_t disputes = 20;             ///< of each kind, one after the other
  std::chrono::milliseconds time{2000};  ///< of each turn
};

int run_peer(const Task& task, Board& board);

}  // namespace vouch::bench::dispute
