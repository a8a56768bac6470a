// How fast peers agree, what gossip costs, and how much they take in: separate processes on
// loopback, beside the floor of bare processes that do the same signs, writes and hops.
// SPDX-License-Identifier: MIT
#include "bench/converge/competitor.hpp"
#include "bench/converge/peer.hpp"
#include "bench/disk_probe.hpp"
#include "bench/figures.hpp"
#include "tools/process_cluster.hpp"
#include <CLI/CLI.hpp>

#include "vouch/membership/roster.hpp"

namespace {

using namespace vouch;
using namespace vouch::bench;

struct Options {
  std::size_t peers = 4;
  bool quick = false, json = false, competitors = false;
};

using ConvergeStage = Stage<Board, PeerTask>;

/// Milliseconds until the last of the other peers heard; the first second is warm-up.
std::vector<double> convergence_ms(const Board& board, const PeerTask& task) {
  constexpr std::size_t warm_up = 20;
  std::vector<double> out;
  for (std::size_t n = warm_up; n < task.samples; ++n) {
    std::int64_t last = 0;
    bool all = board.sent[n] != 0;
    for (std::size_t i = 1; i < task.peers; ++i) {
      all = all && board.heard[i][n] != 0;
      last = std::max(last, board.heard[i][n].load());
    }
    if (all) out.push_back(static_cast<double>(last - board.sent[n]) / 1000);
  }
  return out;
}

double sum(const auto& figures) {
  double total = 0;
  for (const auto& figure : figures) total += static_cast<double>(figure.load());
  return total;
}

class Bench {
 public:
  explicit Bench(const Options& options) : options_(options), figures_(options.json) {
    task_.peers = options.peers;
    task_.samples = options.quick ? 100 : 1200;
    task_.paced = std::chrono::seconds(options.quick ? 4 : 30);
    task_.ingest = std::chrono::seconds(0);
    name_ = fmt::format("converge{}", options.peers);
  }

  int run() {
    if (!floor() || !converge() || (options_.peers == 4 && !ingest())) {
      fmt::print(stderr, "converge_bench: the peers did not get through\n");
      return 1;
    }
    if (options_.competitors) competitor();
    figures_.print();
    return 0;
  }

 private:
  Result<tools::ProcessCluster> cluster(std::uint32_t validators) const {
    return tools::ProcessCluster::make(
        {options_.peers, {}, [validators](std::size_t, Config& c) { c.validators = validators; }});
  }

  bool floor() {
    figures_.say("bare processes: sign, durable write, publish, verify");
    auto made = cluster(0);
    if (!made) return false;
    ConvergeStage stage(*made, task_, run_bare_peer);
    if (!stage.run(Phase::wait, 1, std::chrono::seconds(60))) return false;
    stage.end();
    const auto samples = convergence_ms(stage.board(), task_);
    figures_.add(fmt::format("floor.{}_p50_ms", name_), quantile(samples, 0.5), "ms");
    figures_.add(fmt::format("floor.{}_p99_ms", name_), quantile(samples, 0.99), "ms");
    return !samples.empty();
  }

  bool converge() {
    figures_.say(fmt::format("{} peers, a waiting caller, {} events at 20 a second", options_.peers,
                             task_.samples));
    auto made = cluster(0);
    if (!made) return false;
    ConvergeStage stage(*made, task_, run_peer);
    const std::chrono::seconds patience(120);
    if (!stage.run(Phase::start, options_.peers, patience)) return false;
    DiskProbe disk(made->folder(), waiting_pace);
    const auto turn = [&] { disk.turn(); };
    if (!stage.run(Phase::wait, options_.peers, patience, turn)) return false;
    report_waits(stage.board());
    report_disk(disk.took());
    if (!stage.run(Phase::answer, options_.peers, patience)) return false;
    report_answers(stage.board());
    figures_.say("16 streams at 50 events a second each, nobody waiting");
    if (!stage.run(Phase::paced, options_.peers, patience)) return false;
    const Board& board = stage.board();
    const double events = sum(board.events);
    figures_.add("gossip.bytes_per_event", sum(board.gossip_bytes) / events, "bytes");
    figures_.add("gossip.events", events, "events");
    const bool ended = stage.run(Phase::ingest, options_.peers, patience);
    stage.end();
    return ended;
  }

  void report_waits(const Board& board) {
    const auto samples = convergence_ms(board, task_);
    figures_.add(name_ + ".p50_ms", quantile(samples, 0.5), "ms");
    figures_.add(name_ + ".p99_ms", quantile(samples, 0.99), "ms");
    figures_.add(name_ + ".samples", static_cast<double>(samples.size()), "samples");
    figures_.add(name_ + ".floor_ratio",
                 quantile(samples, 0.5) / figures_.value(fmt::format("floor.{}_p50_ms", name_)),
                 "ratio");
  }

  void report_disk(const std::vector<double>& took) {
    figures_.add("floor.disk_p50_ms", quantile(took, 0.5), "ms");
    figures_.add("floor.disk_p99_ms", quantile(took, 0.99), "ms");
    figures_.add("floor.disk_max_ms", quantile(took, 1), "ms");
    figures_.say(
        fmt::format("{} bare writes of 4 KiB beside it: whatever they wait, the peers wait, who "
                    "write before they speak",
                    took.size()));
  }

  void report_answers(const Board& board) {
    std::vector<double> samples;
    for (const auto& waited : board.answered) {
      if (waited != 0) samples.push_back(static_cast<double>(waited.load()) / 1000);
    }
    figures_.add(name_ + ".quorum_p50_ms", quantile(samples, 0.5), "ms");
    figures_.add(name_ + ".quorum_p99_ms", quantile(samples, 0.99), "ms");
  }

  bool ingest() {
    figures_.say("everybody as fast as back-pressure lets them, every event by a quorum");
    PeerTask task = task_;
    task.samples = 1;
    task.paced = std::chrono::seconds(0);
    task.ingest = std::chrono::seconds(options_.quick ? 3 : 15);
    auto made = cluster(static_cast<std::uint32_t>(membership::quorum(options_.peers)));
    if (!made) return false;
    ConvergeStage stage(*made, task, run_peer);
    const std::chrono::seconds patience(150);
    for (const Phase phase : {Phase::start, Phase::wait, Phase::answer, Phase::paced}) {
      if (!stage.run(phase, options_.peers, patience)) return false;
    }
    if (!stage.run(Phase::ingest, options_.peers, patience)) return false;
    stage.end();
    const Board& board = stage.board();
    const double events = sum(board.events);
    std::int64_t slowest = 1;
    for (const auto& busy : board.busy_us) slowest = std::max(slowest, busy.load());
    figures_.add("ingest4.events_per_s", events / (static_cast<double>(slowest) / 1e6), "events/s");
    figures_.add("ingest4.cpu_s", sum(board.cpu_us) / 1e6, "s");
    figures_.add("ingest4.cpu_us_per_event", sum(board.cpu_us) / events, "us");
    return events > 0;
  }

  void competitor() {
    const auto samples = redis_publish_ms(options_.peers - 1, options_.quick ? 500 : 5000);
    if (!samples) {
      figures_.say("redis: " + samples.error().detail);
      return;
    }
    figures_.add("redis.publish_p50_ms", quantile(*samples, 0.5), "ms");
    figures_.add("redis.publish_p99_ms", quantile(*samples, 0.99), "ms");
  }

  const Options& options_;
  Figures figures_;
  PeerTask task_;
  std::string name_;
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Convergence, gossip cost and ingest of peers in separate processes on loopback.",
               "converge_bench"};
  app.add_option("--peers", options.peers, "Number of peers")
      ->check(CLI::Range(std::size_t{2}, peers_max))
      ->capture_default_str();
  app.add_flag("--quick", options.quick, "Under 30 seconds");
  app.add_flag("--json", options.json, "Print the figures as one JSON object");
  app.add_flag("--competitors", options.competitors, "Also measure Redis, if it is installed");
  CLI11_PARSE(app, argc, argv);
  return Bench(options).run();
}
