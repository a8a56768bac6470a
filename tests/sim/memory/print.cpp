// SPDX-License-Identifier: MIT
#include "tests/sim/memory/print.hpp"

#include "bench/figures.hpp"

namespace vouch::sim {

void print_memory(const MemoryReport& r, double wall_s, bool json) {
  for (const std::string& breach : r.breaches) fmt::print(stderr, "  {}\n", breach);
  const auto runs = static_cast<double>(r.settings.runs);
  bench::Figures figures(json);
  figures.add("gc.runs", runs, "");
  figures.add("gc.live_mib", r.readings.back().live / (1 << 20), "MiB");
  figures.add("gc.anonymous_mib", r.readings.back().anonymous / (1 << 20), "MiB");
  const auto live = r.growth(&MemoryReading::live);
  figures.add("gc.live_bytes_per_run", live.bytes_per_run, "B");
  figures.add("gc.live_growth_per_100k_runs", live.share_per_100k, "");
  const auto anonymous = r.growth(&MemoryReading::anonymous);
  figures.add("gc.anonymous_growth_per_100k_runs", anonymous.share_per_100k, "");
  figures.add("gc.summary_bytes_per_run", r.summary_bytes, "B");
  figures.add("gc.disk_mib", r.disk_bytes / (1 << 20), "MiB");
  figures.add("gc.disk_bytes_per_run", r.disk_growth / runs, "B");
  figures.add("gc.runs_per_s", (runs + static_cast<double>(r.settings.warm_up)) / wall_s, "/s");
  figures.add("gc.virtual_s", r.virtual_s, "s");
  figures.print();
}

}  // namespace vouch::sim
