// vouch-sim: runs seeds of the simulator and says how to run a failing one again.
// SPDX-License-Identifier: MIT
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "tests/sim/dispute/dispute.hpp"
#include "tests/sim/run.hpp"
#include "tests/sim/scale/print.hpp"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "vouch/crdt/check.hpp"
#include "vouch/schemas/limits.hpp"

namespace vouch::sim {
namespace {

struct Options {
  std::uint64_t first = 1, last = 1;
  std::optional<std::size_t> peers_given;
  std::size_t peers = 4;
  ScaleSettings scale;
  std::string profile = "default";
  std::string only;
  bool only_given = false;
  std::size_t jobs = std::max(1U, std::thread::hardware_concurrency());
  bool json = false;
  bool fail_fast = false;
  std::optional<std::size_t> splits;
  std::int64_t until_ms = 0;  ///< how long faults come; 0 = as usual
};

/// Real signatures cost fifty times more: one seed in so many has them.
constexpr std::uint64_t real_signatures_in = 64;

thread_local std::uint64_t running_seed = 0;

std::string replay(const Options& options, const Report& failed, VirtualTime troubled) {
  const std::string splits = options.splits ? fmt::format(" --splits {}", *options.splits) : "";
  return fmt::format("vouch-sim --seed {} --peers {} --only '{}' --until {}{}", failed.seed,
                     options.peers, failed.faults, troubled.count() / 1000, splits);
}

RunSettings settings_of(const Options& options, std::uint64_t seed) {
  RunSettings settings;
  settings.world.seed = seed;
  settings.world.peers = options.peers;
  settings.world.real_signatures = seed % real_signatures_in == 0;
  settings.plan =
      *(options.only_given ? plan_of(seed, options.only) : draw_plan(seed, options.profile));
  settings.plan.splits = options.splits.value_or(settings.plan.splits);
  if (options.until_ms != 0) settings.troubled = std::chrono::milliseconds(options.until_ms);
  return settings;
}

/// Leaves out one fault after the other as long as the seed still fails, then lets them come for a
/// shorter and shorter time: what happens until then stays the same.
Report shrink(const Options& options, Report failed, VirtualTime& troubled) {
  for (std::size_t i = 0; i < faults_count; ++i) {
    RunSettings settings = settings_of(options, failed.seed);
    Plan plan = *plan_of(failed.seed, failed.faults);
    if (plan.faults.erase(static_cast<Fault>(i)) == 0) continue;
    settings.plan = *plan_of(failed.seed, plan.text());
    settings.plan.splits = options.splits.value_or(settings.plan.splits);
    Report again = run(settings);
    if (!again.ok()) failed = std::move(again);
  }
  RunSettings settings = settings_of(options, failed.seed);
  settings.plan = *plan_of(failed.seed, failed.faults);
  settings.plan.splits = options.splits.value_or(settings.plan.splits);
  troubled = settings.troubled;
  for (VirtualTime step = troubled / 2; step >= std::chrono::milliseconds(50); step /= 2) {
    settings.troubled = std::chrono::floor<std::chrono::milliseconds>(troubled - step);
    Report again = run(settings);
    if (again.ok()) continue;
    failed = std::move(again);
    troubled = settings.troubled;
  }
  return failed;
}

/// Profiles whose seeds are disputes alone: the agreement against liars, without the rest.
bool disputes(const Options& options) {
  return !options.only_given && (options.profile == "byzantine" || options.profile == "twins" ||
                                 options.profile == "epochs");
}

Report dispute(const Options& options, std::uint64_t seed) {
  const DisputeReport found = run_dispute(draw_dispute(seed, options.profile, options.peers));
  Report out;
  out.seed = seed;
  out.faults = found.what;
  out.trace_hash = found.trace_hash;
  out.steps = found.steps;
  out.virtual_time = VirtualTime(found.virtual_us);
  out.calm = VirtualTime(std::max<std::int64_t>(found.calm_us, 0));
  out.breaches = found.breaches;
  return out;
}

struct Sum {
  std::uint64_t seeds = 0, failed = 0, steps = 0, crashes = 0, released = 0, settled = 0;
  std::uint64_t forgotten = 0, resumed = 0;
  VirtualTime virtual_time{}, calm_max{};
  std::uint64_t trace_hash = 0;  ///< of one seed; of several, combined whatever their order
};

void print_failure(const Options& options, const Report& failed) {
  if (disputes(options)) {
    fmt::print(stderr, "seed {} fails: {}\n", failed.seed, failed.faults);
    for (const std::string& breach : failed.breaches) fmt::print(stderr, "  {}\n", breach);
    fmt::print(stderr, "  replay: vouch-sim --seed {} --peers {} --profile {}\n", failed.seed,
               options.peers, options.profile);
    return;
  }
  VirtualTime troubled{};
  const Report small = shrink(options, failed, troubled);
  fmt::print(stderr, "seed {} fails\n", failed.seed);
  for (const std::string& breach : small.breaches) fmt::print(stderr, "  {}\n", breach);
  fmt::print(stderr, "  faults, {}:\n", small.faults);
  for (const std::string& act : small.story) fmt::print(stderr, "    {}\n", act);
  fmt::print(stderr, "  replay: {}\n", replay(options, small, troubled));
}

Sum run_all(const Options& options) {
  Sum sum;
  std::mutex mutex;
  std::atomic<std::uint64_t> next{options.first};
  const auto work = [&] {
    for (std::uint64_t seed = next++; seed <= options.last; seed = next++) {
      running_seed = seed;
      const Report report =
          disputes(options) ? dispute(options, seed) : run(settings_of(options, seed));
      if (!report.ok() && options.fail_fast) next = options.last + 1;
      if (!report.ok() && !options.fail_fast) print_failure(options, report);
      const std::lock_guard lock(mutex);
      ++sum.seeds;
      sum.failed += report.ok() ? 0 : 1;
      sum.steps += report.steps;
      sum.crashes += report.crashes;
      sum.released += report.released;
      sum.settled += report.settled;
      sum.forgotten += report.forgotten;
      sum.resumed += report.resumed;
      sum.virtual_time += report.virtual_time;
      sum.calm_max = std::max(sum.calm_max, report.calm);
      sum.trace_hash ^= report.trace_hash;
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < options.jobs; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  return sum;
}

void print_sum(const Options& options, const Sum& sum, double wall) {
  const double virtual_s = static_cast<double>(sum.virtual_time.count()) / 1e6;
  const double speedup = virtual_s / wall;
  const double rate = static_cast<double>(sum.steps) / wall;
  if (options.json) {
    fmt::print(R"({{"ok":{},"seeds":{},"failed":{},"trace_hash":"{:016x}","steps":{},"crashes":{},)"
               R"("released":{},"settled":{},"forgotten":{},"resumed":{},)"
               R"("virtual_s":{:.1f},"wall_s":{:.3f},"calm_max_s":{:.1f},)"
               R"("sim.speedup":{:.0f},"sim.steps_per_s":{:.0f}}})"
               "\n",
               sum.failed == 0, sum.seeds, sum.failed, sum.trace_hash, sum.steps, sum.crashes,
               sum.released, sum.settled, sum.forgotten, sum.resumed, virtual_s, wall,
               static_cast<double>(sum.calm_max.count()) / 1e6, speedup, rate);
    return;
  }
  fmt::print("{} seeds, {} failed; {} steps, {} crashes, {:.0f} s of virtual time in {:.1f} s\n",
             sum.seeds, sum.failed, sum.steps, sum.crashes, virtual_s, wall);
  fmt::print("{:.0f} times real time, {:.0f} steps/s; trace {:016x}\n", speedup, rate,
             sum.trace_hash);
}

void say_seed(const char* condition, const char* file, int line) {
  fmt::print(stderr, "seed {}: broken invariant: {} ({}:{})\n  replay: vouch-sim --seed {}\n",
             running_seed, condition, file, line, running_seed);
  std::abort();
}

std::vector<std::string> all_profiles() {
  std::vector<std::string> out = profiles();
  out.insert(out.end(), {"byzantine", "twins", "epochs", "scale"});
  return out;
}

/// One large cluster a seed, one after the other: each fills the memory.
int scale(const Options& options) {
  bool ok = true;
  for (std::uint64_t seed = options.first; seed <= options.last; ++seed) {
    running_seed = seed;
    ScaleSettings settings = options.scale;
    settings.seed = seed;
    settings.peers = options.peers_given.value_or(settings.peers);
    settings.voters = std::min(settings.voters, settings.peers);
    const auto start = std::chrono::steady_clock::now();
    const ScaleReport report = run_scale(settings);
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    print_scale(report, wall.count(), options.json);
    ok = ok && report.ok();
  }
  return ok ? 0 : 1;
}

int main_of(int argc, char** argv) {
  Options options;
  CLI::App app{"Runs peers in virtual time against faulty networks, disks and clocks"};
  std::optional<std::uint64_t> seed;
  std::string seeds;
  app.add_option("--seed", seed, "Run this seed alone");
  app.add_option("--seeds", seeds, "Run the seeds A..B");
  app.add_option("--peers", options.peers_given, "Voters, by default 4; profile scale: all peers")
      ->check(CLI::Range(1, 4096));
  app.add_option("--profile", options.profile, "Which faults are drawn")
      ->check(CLI::IsMember(all_profiles()))
      ->capture_default_str();
  const auto* only = app.add_option("--only", options.only, "Exactly these faults, by name");
  app.add_option("--jobs", options.jobs, "Threads; by default the number of cores");
  app.add_option("--until", options.until_ms, "Faults come for so many ms of virtual time");
  app.add_option("--splits", options.splits, "So many streams have several clients, in any seed")
      ->check(CLI::Range(0, 8));
  app.add_option("--voters", options.scale.voters, "Profile scale: so many of the peers vote")
      ->check(CLI::Range(1, 127))
      ->capture_default_str();
  app.add_option("--fan-out", options.scale.fan_out, "Profile scale: subscribers of a relay")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--rounds", options.scale.rounds, "Profile scale: rounds of five streams")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_flag("--fail-fast", options.fail_fast, "Stop at the first seed that fails");
  app.add_flag("--json", options.json, "One line of JSON");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 2;
  }
  options.only_given = only->count() > 0;
  if (seed) options.first = options.last = *seed;
  if (!seeds.empty() &&
      std::sscanf(seeds.c_str(), "%lu..%lu", &options.first, &options.last) != 2) {
    fmt::print(stderr, "--seeds takes A..B\n");
    return 2;
  }
  if (options.only_given && !plan_of(1, options.only)) {
    fmt::print(stderr, "{}\n", plan_of(1, options.only).error().text());
    return 2;
  }
  crash_hook = say_seed;
  if (options.profile == "scale" && !options.only_given) return scale(options);
  options.peers = options.peers_given.value_or(options.peers);
  if (options.peers > limits::voters_max) {
    fmt::print(stderr, "--peers takes at most {} but with --profile scale\n", limits::voters_max);
    return 2;
  }
  options.jobs = std::min<std::size_t>(options.jobs, options.last - options.first + 1);
  const auto start = std::chrono::steady_clock::now();
  const Sum sum = run_all(options);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  print_sum(options, sum, wall.count());
  return sum.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace vouch::sim

int main(int argc, char** argv) {
  return vouch::sim::main_of(argc, argv);
}
