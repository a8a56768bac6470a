// What the processes of the convergence benchmark share, beyond the phases.
// SPDX-License-Identifier: MIT
#pragma once

#include "bench/stage.hpp"

namespace vouch::bench {

inline constexpr std::size_t samples_max = 4096;

enum class Phase : std::uint32_t { start, wait, answer, paced, ingest, stop };

struct Board : SharedBoard<Phase> {
  std::array<std::atomic<std::int64_t>, samples_max> sent;  ///< µs; 0: not sent
  std::array<std::array<std::atomic<std::int64_t>, samples_max>, peers_max> heard;
  std::array<std::atomic<std::int64_t>, samples_max> answered;  ///< µs a waiting caller waited
  std::array<std::atomic<std::uint64_t>, peers_max> events;     ///< accepted in the phase
  std::array<std::atomic<std::uint64_t>, peers_max> gossip_bytes;
  std::array<std::atomic<std::uint64_t>, peers_max> cpu_us;
  std::array<std::atomic<std::int64_t>, peers_max> busy_us;  ///< from first submit to last attested
};

}  // namespace vouch::bench
