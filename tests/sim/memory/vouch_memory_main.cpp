// vouch-memory: one simulated cluster that sees very many runs. Fails where a run that is over
// leaves something in memory. A program of its own, for glibc tells what is allocated: vouch-sim
// has another allocator (docs/decisions/0058).
// SPDX-License-Identifier: MIT
#include <chrono>

#include "tests/sim/memory/print.hpp"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "vouch/schemas/limits.hpp"

namespace vouch::sim {
namespace {

int main_of(int argc, char** argv) {
  MemorySettings settings;
  double growth_max = 0;  // per 100,000 runs; 0: any
  bool json = false;
  CLI::App app{"Runs peers in virtual time and reads what memory they take"};
  app.footer("Example: vouch-memory --runs 100000 --growth-max 0.01");
  app.add_option("--seed", settings.seed, "Of the network's delays")->capture_default_str();
  app.add_option("--peers", settings.peers, "Voters")
      ->check(CLI::Range(std::size_t{1}, limits::voters_max))
      ->capture_default_str();
  app.add_option("--runs", settings.runs, "Runs between the two readings")
      ->check(CLI::Range(10, 100'000'000))
      ->capture_default_str();
  app.add_option("--warm-up", settings.warm_up, "Runs before the first one")
      ->check(CLI::Range(0, 100'000'000))
      ->capture_default_str();
  app.add_option("--kept", settings.kept, "finished_kept of each peer")
      ->check(CLI::Range(0, 1 << 20))
      ->capture_default_str();
  app.add_option("--in-stream", settings.in_stream, "Runs of a thread")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--growth-max", growth_max,
                 "Fail when what is allocated grows by more than this share each 100,000 runs")
      ->check(CLI::Range(0.0, 10.0));
  app.add_flag("--json", json, "One line of JSON");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 2;
  }
  const auto start = std::chrono::steady_clock::now();
  const auto say = [json](const MemoryReading& reading) {
    std::FILE* to = json ? stderr : stdout;
    fmt::print(to, "{:>8} runs: {:.3f} MiB, {:.3f} MiB of it live\n", reading.runs,
               reading.anonymous / (1 << 20), reading.live / (1 << 20));
    std::fflush(to);
  };
  const MemoryReport report = run_memory(settings, say);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  print_memory(report, wall.count(), json);
  if (!report.ok()) return 1;
  const double growth = report.growth(&MemoryReading::live).share_per_100k;
  if (growth_max == 0 || growth <= growth_max) return 0;
  fmt::print(stderr,
             "vouch-memory: allocated memory grew by {:.2f} % each 100,000 runs, above {:.2f} %\n",
             growth * 100, growth_max * 100);
  return 1;
}

}  // namespace
}  // namespace vouch::sim

int main(int argc, char** argv) {
  return vouch::sim::main_of(argc, argv);
}
