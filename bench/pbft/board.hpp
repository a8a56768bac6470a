// What the processes of the benchmark of the agreement share, beyond the phases.
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "bench/figures.hpp"
#include "bench/pbft/exchange.hpp"
#include "bench/stage.hpp"

namespace vouch::bench::pbft {

inline constexpr std::size_t samples_max = 1U << 18;

enum class Phase : std::uint32_t {
  start = 1,
  one,
  one_counted,
  o1x16,
  o1x16_counted,
  o1x64,
  o1x64_counted,
  o4x16,
  o4x16_counted,
  o4x64,
  o4x64_counted,
  receipts,
  receipts_counted,
  over,  ///< peers say how often they left a view
  stop
};
/// After a load, outside of what is timed: peers say what it has cost.
constexpr Phase count_after(Phase load) {
  return static_cast<Phase>(static_cast<std::uint32_t>(load) + 1);
}

/// Where a peer keeps what it writes before it speaks.
enum class Medium : std::uint8_t { disk, memory };

/// What is asked for: the decision of a proposal, or the receipt of a short run that nobody
/// disputes (ten events, submitted and closed by the origin).
enum class Work : std::uint8_t { proposal, run };

struct Load {
  Phase phase;
  const char* name;
  Work work;
  std::size_t origins;
  std::size_t in_flight;  ///< that each origin has open at once
  const char* on_disk;    ///< its figures there; nothing when it only runs in memory
  const char* in_memory;
};
inline constexpr std::array<Load, 6> loads{
    {{Phase::one, "one", Work::proposal, 1, 1, "pbft.one", "pbft.memory_one"},
     {Phase::o1x16, "o1x16", Work::proposal, 1, 16, nullptr, "pbft.o1x16"},
     {Phase::o1x64, "o1x64", Work::proposal, 1, 64, nullptr, "pbft.o1x64"},
     {Phase::o4x16, "o4x16", Work::proposal, 4, 16, nullptr, "pbft.o4x16"},
     {Phase::o4x64, "o4x64", Work::proposal, 4, 64, "pbft.durable", "pbft.o4x64"},
     {Phase::receipts, "receipts", Work::run, 4, 64, "receipts.runs", nullptr}}};

/// What the figures of a load are called; nothing when it does not run there.
constexpr const char* figure_of(const Load& load, Medium medium) {
  return medium == Medium::disk ? load.on_disk : load.in_memory;
}

/// What decisions cost that has a counter, and what the peers' dumps call it.
struct Cost {
  const char* figure;
  const char* unit;
  std::array<const char*, 2> counters;  ///< whose sum it is; the second may be empty
};
inline constexpr std::array<Cost, 4> costs{
    {{"_messages", "messages", {"direct_frames_sent", "gossip_frames_sent"}},
     {"_bytes", "bytes", {"direct_bytes_sent", "gossip_bytes_sent"}},
     {"_signs", "signatures", {"signatures_made", ""}},
     {"_verifies", "signatures", {"signatures_checked", ""}}}};

struct Board : SharedBoard<Phase> {
  /// By load and decision: µs from asking to the answer; 0 = none.
  std::array<std::array<std::atomic<std::int64_t>, samples_max>, loads.size()> waited;
  std::array<std::atomic<std::size_t>, loads.size()> decided;
  std::array<std::atomic<std::size_t>, loads.size()> timed_out;  ///< undecided after 10 s
  std::array<std::atomic<std::int64_t>, loads.size()> ended;     ///< clock_us() of the last one
  std::atomic<std::uint64_t> view_changes{0};                    ///< of all peers in all loads
  /// Of all peers, by load.
  std::array<std::array<std::atomic<std::uint64_t>, costs.size()>, loads.size()> spent;
};

/// What bare peers measure: some things each alone on the machine, then exchanges one after the
/// other.
struct FloorBoard : SharedBoard<Phase> {
  static constexpr std::size_t exchanges_max = 2;
  static constexpr std::size_t courses_max = 400;
  std::atomic<double> sign_us{0}, verify_us{0}, write_ms{0}, round_trip_ms{0};
  std::array<std::array<Course, courses_max>, exchanges_max> courses;
};

struct Task {
  std::size_t index = 0;
  std::filesystem::path config;
  std::size_t peers = 4;
  std::chrono::milliseconds load{2000};  ///< how long each load lasts
  Medium medium = Medium::disk;
  std::uint32_t loads = ~0U;                 ///< bit i: those that are played, of these
  std::span<const Exchange> exchanges = {};  ///< of bare peers

  bool plays(std::size_t at) const {
    return (loads >> at & 1U) != 0 && figure_of(pbft::loads[at], medium) != nullptr;
  }
  bool plays_any() const {
    for (std::size_t at = 0; at < pbft::loads.size(); ++at) {
      if (plays(at)) return true;
    }
    return false;
  }
};

/// A peer that proposes when it is an origin of the load that the board calls.
int run_peer(const Task& task, Board& board);

/// One of four bare peers. The first one measures signs, verifies, writes and round trips, then
/// all take part in the exchanges of the task.
int run_bare_peer(const Task& task, FloorBoard& board);
/// The figures of what was measured alone.
void report_machine(const FloorBoard& board, Medium medium, Figures& figures);
/// Median of how long the exchange took that stands there in the task.
double floor_ms(const Task& task, const FloorBoard& board, std::size_t exchange);

}  // namespace vouch::bench::pbft
