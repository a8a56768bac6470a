// What four peers keep in memory of runs that are over: runs come in rounds, each is certified
// and released everywhere, and memory is read in between. Nothing of a released run may stay.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace vouch::sim {

struct MemorySettings {
  std::uint64_t seed = 1;
  std::size_t peers = 4;
  std::size_t runs = 100'000;  ///< between the first and the last reading
  /// Before the first one, with a tenth of `runs`: until memories of a fixed size are full.
  std::size_t warm_up = 10'000;
  std::size_t in_stream = 10;  ///< runs of a thread, one after the other
  std::size_t round = 500;     ///< runs that come at a time; at least 10
  std::size_t kept = 0;        ///< finished_kept of each peer
};

/// Of the whole process, while everything is at rest and the disks are laid aside.
struct MemoryReading {
  std::size_t runs = 0;  ///< there ever were
  double anonymous = 0;  ///< bytes, freed ones given back before
  double live = 0;       ///< bytes that are allocated
};

struct MemoryReport {
  MemorySettings settings;
  std::vector<MemoryReading> readings;  ///< at the start, and after each tenth
  double disk_bytes = 0;                ///< of all peers at the end, without summaries
  double disk_growth = 0;               ///< of it, between the first and the last reading
  double summary_bytes = 0;             ///< on the disk of a peer, of a run that was released
  std::uint64_t steps = 0;
  double virtual_s = 0;
  std::vector<std::string> breaches;

  bool ok() const { return breaches.empty(); }
  struct Growth {
    double bytes_per_run = 0;   ///< and peer
    double share_per_100k = 0;  ///< of all, for each 100,000 runs
  };
  /// From the first reading to the last. Of `anonymous` it is off by what the allocator happens to
  /// leave between two blocks.
  Growth growth(double MemoryReading::*what) const;
};

/// `read` hears of each reading.
MemoryReport run_memory(const MemorySettings& settings,
                        const std::function<void(const MemoryReading&)>& read);

}  // namespace vouch::sim
