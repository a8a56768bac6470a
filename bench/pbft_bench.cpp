// How long one decision of the agreement takes and how many a cluster makes: four peers as separate
// processes on loopback, beside the floor of four processes that do nothing but what one decision
// takes in signs, checks, writes and messages; and how many undisputed short runs get their
// receipt. Once with every write on disk, once with the same store in memory (tmpfs).
// SPDX-License-Identifier: MIT
#include "bench/figures.hpp"
#include "bench/pbft/board.hpp"
#include "bench/pbft/raft_node.hpp"
#include <CLI/CLI.hpp>
#include <stdlib.h>

namespace {

using namespace vouch;
using namespace vouch::bench;
using namespace vouch::bench::pbft;

constexpr std::size_t peers = 4;
constexpr std::size_t raft_nodes = 3;
constexpr std::chrono::seconds patience(120);

class Bench {
 public:
  Bench(bool quick, bool json, bool competitors, const std::vector<std::string>& only)
      : competitors_(competitors), figures_(json) {
    task_.load = std::chrono::milliseconds(quick ? 2000 : 12000);
    if (only.empty()) return;
    task_.loads = 0;
    for (std::size_t at = 0; at < loads.size(); ++at) {
      if (std::ranges::find(only, loads[at].name) != only.end()) task_.loads |= 1U << at;
    }
  }
  bool knows_loads() const { return task_.loads != 0; }

  int run() {
    for (const Medium medium : {Medium::disk, Medium::memory}) {
      if (medium == Medium::memory && !std::filesystem::is_directory(memory_root)) {
        figures_.say(fmt::format("in memory: skipped, there is no {}", memory_root));
        continue;
      }
      task_.medium = medium;
      if (!task_.plays_any()) continue;
      if (!floor() || !agree()) {
        fmt::print(stderr, "pbft_bench: the peers did not get through\n");
        return 1;
      }
    }
    if (competitors_) compete();
    figures_.print();
    return 0;
  }

 private:
  static constexpr const char* memory_root = "/dev/shm";

  /// A cluster, and the folder in memory that its peers write to, if they do.
  struct Place {
    std::filesystem::path memory;
    std::optional<tools::ProcessCluster> cluster;  ///< nothing when it could not be made

    explicit Place(Medium medium) {
      if (medium == Medium::memory) {
        std::string pattern = fmt::format("{}/vouch-pbft-XXXXXX", memory_root);
        if (::mkdtemp(pattern.data()) == nullptr) return;
        memory = pattern;
      }
      const auto move_data = [this](std::size_t index, Config& config) {
        if (!memory.empty()) config.data = memory / std::to_string(index);
      };
      auto made = tools::ProcessCluster::make({peers, {}, move_data});
      if (made) cluster.emplace(std::move(*made));
    }
    ~Place() {
      std::error_code ignored;
      if (!memory.empty()) std::filesystem::remove_all(memory, ignored);
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
  };

  bool disk() const { return task_.medium == Medium::disk; }

  bool floor() {
    Place place(task_.medium);
    if (!place.cluster) return false;
    Task task = task_;
    task.exchanges = std::span(&one_decision, 1);
    Stage<FloorBoard, Task> stage(*place.cluster, task, run_bare_peer);
    if (!stage.run(pbft::Phase::start, peers, patience)) return false;
    if (!stage.run(pbft::Phase::one, 1, patience)) return false;
    stage.end();
    report_machine(stage.board(), task.medium, figures_);
    figures_.add(std::string(figure_of(loads[0], task.medium)) + "_floor_ms",
                 floor_ms(task, stage.board(), 0), "ms");
    return true;
  }

  bool agree() {
    Place place(task_.medium);
    if (!place.cluster) return false;
    Stage<Board, Task> stage(*place.cluster, task_, pbft::run_peer);
    if (!stage.run(pbft::Phase::start, peers, patience)) return false;
    for (std::size_t at = 0; at < loads.size(); ++at) {
      if (!task_.plays(at)) continue;
      const double cpu_before = stage.cpu_seconds();
      const std::int64_t from = clock_us();
      if (!stage.run(loads[at].phase, peers, patience)) return false;
      report(stage.board(), at, from, stage.cpu_seconds() - cpu_before);
      if (!stage.run(pbft::count_after(loads[at].phase), peers, patience)) return false;
      report_costs(stage.board(), at);
    }
    if (!stage.run(pbft::Phase::over, peers, patience)) return false;
    stage.end();
    if (task_.plays(0)) {
      const std::string one = figure_of(loads[0], task_.medium);
      figures_.add(one + "_floor_ratio",
                   figures_.value(one + "_p50_ms") / figures_.value(one + "_floor_ms"), "ratio");
    }
    figures_.add(disk() ? "pbft.durable_view_changes" : "pbft.memory_view_changes",
                 static_cast<double>(stage.board().view_changes), "view-changes");
    return true;
  }

  void report(const Board& board, std::size_t at, std::int64_t from, double cpu) {
    const std::string name = figure_of(loads[at], task_.medium);
    const std::string unit = fmt::format("{}s", unit_of(loads[at]));
    const std::vector<double> samples = waits_ms(board, at);
    const double count = std::max(1.0, static_cast<double>(board.decided[at].load()));
    figures_.add(name + "_p50_ms", quantile(samples, 0.5), "ms");
    figures_.add(name + "_p95_ms", quantile(samples, 0.95), "ms");
    figures_.add(name + "_p99_ms", quantile(samples, 0.99), "ms");
    figures_.add(name + "_max_ms", quantile(samples, 1), "ms");
    figures_.add(name + "_per_s", count / (static_cast<double>(board.ended[at] - from) / 1e6),
                 unit + "/s");
    figures_.add(name + "_timed_out", static_cast<double>(board.timed_out[at]), unit);
    figures_.add(name + "_cpu_ms", cpu * 1000 / count, fmt::format("ms/{}", unit_of(loads[at])));
    figures_.say(fmt::format(
        "{}: {} in flight from each of {} peers of 4, every write {} before its message, "
        "every statement signed (Ed25519) over CURVE: {} {}, p50 {:.2f} ms, {:.1f}/s",
        name, loads[at].in_flight, loads[at].origins, disk() ? "on disk" : "in memory", count, unit,
        figures_.value(name + "_p50_ms"), figures_.value(name + "_per_s")));
  }

  void report_costs(const Board& board, std::size_t at) {
    const std::string name = figure_of(loads[at], task_.medium);
    const double count = std::max(1.0, static_cast<double>(board.decided[at].load()));
    for (std::size_t i = 0; i < costs.size(); ++i) {
      figures_.add(name + costs[i].figure, static_cast<double>(board.spent[at][i]) / count,
                   fmt::format("{}/{}", costs[i].unit, unit_of(loads[at])));
    }
  }

  static const char* unit_of(const Load& load) {
    return load.work == Work::run ? "run" : "decision";
  }

#ifdef VOUCH_HAS_LIBRAFT
  void compete() {
    auto made = tools::ProcessCluster::make({raft_nodes, {}, {}});
    Task task = task_;
    task.medium = Medium::disk;
    task.peers = raft_nodes;
    if (!made || !raft(*made, task)) figures_.say("libraft: its nodes did not get through");
  }

  bool raft(tools::ProcessCluster& cluster, const Task& task) {
    Stage<Board, Task> stage(cluster, task, run_raft_node);
    if (!stage.run(pbft::Phase::start, raft_nodes, patience)) return false;
    for (std::size_t at = 0; at < loads.size(); ++at) {
      const Load& load = loads[at];
      if (load.on_disk == nullptr || load.work != Work::proposal) continue;
      const std::int64_t from = clock_us();
      if (!stage.run(load.phase, raft_nodes, patience)) return false;
      const Board& board = stage.board();
      const double seconds = static_cast<double>(board.ended[at] - from) / 1e6;
      const bool one = load.phase == pbft::Phase::one;
      figures_.add(one ? "libraft.one_p50_ms" : "libraft.durable_p50_ms",
                   median(waits_ms(board, at)), "ms");
      figures_.add(one ? "libraft.one_per_s" : "libraft.durable_per_s",
                   static_cast<double>(board.decided[at]) / seconds, "decisions/s");
    }
    stage.end();
    figures_.add("pbft.libraft_ratio",
                 figures_.value("pbft.durable_per_s") / figures_.value("libraft.durable_per_s"),
                 "ratio");
    figures_.say(
        "libraft: 3 nodes, every entry on two disks before its answer, unsigned, unencrypted; as "
        "many in flight at its leader as all origins have together");
    return true;
  }
#else
  void compete() { figures_.say("libraft: skipped, it was built without libraft-dev"); }
#endif

  static std::vector<double> waits_ms(const Board& board, std::size_t at) {
    std::vector<double> samples;
    for (const auto& waited : board.waited[at]) {
      if (waited != 0) samples.push_back(static_cast<double>(waited.load()) / 1000);
    }
    return samples;
  }

  bool competitors_;
  Figures figures_;
  Task task_;
};

}  // namespace

int main(int argc, char** argv) {
  bool quick = false, json = false, competitors = false;
  std::vector<std::string> only;
  CLI::App app{"Decisions and receipts of four peers in separate processes on loopback.",
               "pbft_bench"};
  app.add_flag("--quick", quick, "Under 30 seconds");
  app.add_flag("--json", json, "Print the figures as one JSON object");
  app.add_flag("--competitors", competitors, "Also measure C-Raft, if it was built with it");
  app.add_option("--only", only, "These alone, of one, o1x16, o1x64, o4x16, o4x64, receipts")
      ->delimiter(',');
  CLI11_PARSE(app, argc, argv);
  Bench bench(quick, json, competitors, only);
  if (bench.knows_loads()) return bench.run();
  fmt::print(stderr, "pbft_bench: no load is called {}\n", fmt::join(only, ", "));
  return 2;
}
