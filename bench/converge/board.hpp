// What the processes of the convergence benchmark share: a board of atomics in shared memory.
// The parent calls phases, every peer says when it is through; times are of one monotonic clock.
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

#include <sys/mman.h>

#include "vouch/crdt/check.hpp"

namespace vouch::bench {

inline constexpr std::size_t peers_max = 16;
inline constexpr std::size_t samples_max = 4096;

enum class Phase : std::uint32_t { start, wait, answer, paced, ingest, stop };

struct Board {
  std::atomic<std::uint32_t> phase{0};
  std::array<std::atomic<std::uint32_t>, peers_max> through;  ///< the last phase a peer has ended
  std::array<std::atomic<std::int64_t>, samples_max> sent;    ///< µs; 0: not sent
  std::array<std::array<std::atomic<std::int64_t>, samples_max>, peers_max> heard;
  std::array<std::atomic<std::int64_t>, samples_max> answered;  ///< µs a waiting caller waited
  std::array<std::atomic<std::uint64_t>, peers_max> events;     ///< accepted in the phase
  std::array<std::atomic<std::uint64_t>, peers_max> gossip_bytes;
  std::array<std::atomic<std::uint64_t>, peers_max> cpu_us;
  std::array<std::atomic<std::int64_t>, peers_max> busy_us;  ///< from first submit to last attested
  std::atomic<bool> failed{false};

  /// Zeroed memory that forked processes share.
  static Board& make() {
    void* memory =
        ::mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    VOUCH_CHECK(memory != MAP_FAILED);
    return *new (memory) Board{};
  }

  /// For a peer: waits until the parent calls `wanted`; false when the benchmark has failed.
  bool await(Phase wanted) const {
    while (phase.load() < static_cast<std::uint32_t>(wanted)) {
      if (failed) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return !failed;
  }
  void say_through(std::size_t peer, Phase ended) {
    through[peer] = static_cast<std::uint32_t>(ended);
  }
};

/// Microseconds of the monotonic clock; comparable between processes of one machine.
inline std::int64_t clock_us() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
}

}  // namespace vouch::bench
