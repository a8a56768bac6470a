// Forked peers on one machine and the board that they share: the parent calls phases, every peer
// says when it is through; times are of one monotonic clock.
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <functional>
#include <thread>
#include <vector>

#include "tools/process_cluster.hpp"
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vouch/crdt/check.hpp"

namespace vouch::bench {

inline constexpr std::size_t peers_max = 16;

/// The part of a board that every benchmark has; `Phase` begins with 0 and ends with `stop`.
template <class PhaseT>
struct SharedBoard {
  using Phase = PhaseT;
  std::atomic<std::uint32_t> phase{0};
  std::array<std::atomic<std::uint32_t>, peers_max> through;  ///< the last phase a peer has ended
  std::atomic<bool> failed{false};

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

/// One cluster of forked peers through its phases. The parent must have no threads.
template <class Board, class Task>
class Stage {
 public:
  using Phase = typename Board::Phase;
  using Play = int (*)(const Task&, Board&);

  Stage(tools::ProcessCluster& cluster, Task task, Play play) : board_(zeroed()) {
    for (std::size_t i = 0; i < task.peers; ++i) {
      task.index = i;
      task.config = cluster.peers()[i].config();
      const pid_t process = ::fork();
      if (process == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::_exit(play(task, board_));
      }
      processes_.push_back(process);
    }
  }
  ~Stage() {
    board_.failed = board_.failed || !ended_;
    for (const pid_t process : processes_) ::waitpid(process, nullptr, 0);
    ::munmap(&board_, sizeof(Board));
  }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  Board& board() { return board_; }
  /// Calls a phase and waits until `peers` of the peers are through with it; does a `turn` every
  /// few milliseconds meanwhile.
  bool run(
      Phase phase, std::size_t peers, std::chrono::seconds timeout,
      const std::function<void()>& turn = [] {}) {
    board_.phase = static_cast<std::uint32_t>(phase);
    const auto until = std::chrono::steady_clock::now() + timeout;
    for (std::size_t i = 0; i < peers; ++i) {
      while (board_.through[i].load() < static_cast<std::uint32_t>(phase)) {
        if (board_.failed || std::chrono::steady_clock::now() > until) return false;
        turn();
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      }
    }
    return true;
  }
  void end() {
    board_.phase = static_cast<std::uint32_t>(Phase::stop);
    ended_ = true;
  }
  /// Processor time of all peers so far.
  double cpu_seconds() const {
    double total = 0;
    for (const pid_t process : processes_) {
      clockid_t clock{};
      timespec used{};
      if (::clock_getcpuclockid(process, &clock) != 0) continue;
      if (::clock_gettime(clock, &used) != 0) continue;
      total += static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
    }
    return total;
  }

 private:
  /// Zeroed memory that forked processes share.
  static Board& zeroed() {
    void* memory =
        ::mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    VOUCH_CHECK(memory != MAP_FAILED);
    return *new (memory) Board{};
  }

  Board& board_;
  std::vector<pid_t> processes_;
  bool ended_ = false;
};

}  // namespace vouch::bench
