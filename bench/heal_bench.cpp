// How long peers take to be equal again after a partition: separate processes on loopback, whose
// connections run through a forwarder that parts two halves. What one pair computes for it, without
// sockets, is in sync_bench.
// SPDX-License-Identifier: MIT
#include "bench/figures.hpp"
#include "bench/heal/peer.hpp"
#include "tools/parted_links.hpp"
#include <CLI/CLI.hpp>

namespace {

using namespace vouch;
using namespace vouch::bench;

struct Options {
  std::size_t peers = 4;
  std::size_t updates = 10'000;
  std::uint32_t seconds = 60;
  std::size_t rounds = 5;
  bool quick = false, json = false;
};

struct Healed {
  double wall_ms = 0;  ///< from the moment the links are back until all states are equal
  double cpu_ms = 0;   ///< of all peers together
  double bytes = 0;    ///< over all links
};

using HealStage = Stage<HealBoard, HealTask>;

class Bench {
 public:
  explicit Bench(const Options& options) : options_(options), figures_(options.json) {}

  int run() {
    figures_.say(fmt::format("{} peers, two halves apart for {} s, {} updates on each side",
                             options_.peers, options_.seconds, options_.updates));
    if (!measure(tools::Parted::refused, "heal") ||
        !measure(tools::Parted::silent, "heal.silent")) {
      fmt::print(stderr, "heal_bench: the peers did not become equal\n");
      return 1;
    }
    figures_.print();
    return 0;
  }

 private:
  bool measure(tools::Parted how, const std::string& name) {
    std::vector<Healed> rounds;
    for (std::size_t n = 0; n < options_.rounds; ++n) {
      const auto healed = heal(how);
      if (!healed) return false;
      figures_.say(fmt::format("{}: {:.0f} ms", name, healed->wall_ms));
      rounds.push_back(*healed);
    }
    const auto of = [&](double Healed::*part) {
      std::vector<double> out;
      for (const Healed& one : rounds) out.push_back(one.*part);
      return out;
    };
    const double cores = std::thread::hardware_concurrency();
    figures_.add(name + ".wall_ms", median(of(&Healed::wall_ms)), "ms");
    figures_.add(name + ".wall_max_ms", quantile(of(&Healed::wall_ms), 1), "ms");
    figures_.add(name + ".cpu_ms", median(of(&Healed::cpu_ms)), "ms");
    figures_.add(name + ".floor_ms", median(of(&Healed::cpu_ms)) / cores, "ms");
    figures_.add(name + ".bytes", median(of(&Healed::bytes)), "B");
    return true;
  }

  std::optional<Healed> heal(tools::Parted how) {
    tools::PartedLinks links;
    bool routed = true;
    auto made =
        tools::ProcessCluster::make({options_.peers, {}, [&](std::size_t i, Config& config) {
                                       config.validators = 1;
                                       routed = links.route(i, config) && routed;
                                     }});
    if (!made || !routed) return std::nullopt;
    HealTask task;
    task.peers = options_.peers;
    task.updates = options_.updates / (options_.peers / 2);
    HealStage stage(*made, task, run_healing_peer);
    HealBoard& board = stage.board();
    links.start();
    if (!stage.run(HealPhase::meet, options_.peers, std::chrono::seconds(30))) return std::nullopt;
    std::vector<std::size_t> island;
    for (std::size_t i = 0; i < options_.peers / 2; ++i) island.push_back(i);
    links.part(island, how);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(options_.seconds);
    if (!stage.run(HealPhase::write, options_.peers, std::chrono::seconds(60))) return std::nullopt;
    const std::uint64_t of_half = task.updates * (options_.peers / 2 - 1);
    if (!await([&] { return board.heard_by(options_.peers, of_half); })) return std::nullopt;
    std::this_thread::sleep_until(until);
    Healed healed;
    const double cpu = stage.cpu_seconds();
    const std::uint64_t bytes = links.carried();
    board.phase = static_cast<std::uint32_t>(HealPhase::heal);
    const std::int64_t from = clock_us();
    links.heal();
    const std::uint64_t all = task.updates * (options_.peers - 1);
    if (!await([&] { return board.heard_by(options_.peers, all); })) return std::nullopt;
    healed.cpu_ms = (stage.cpu_seconds() - cpu) * 1000;
    healed.bytes = static_cast<double>(links.carried() - bytes);
    if (!await([&] { return board.equal(options_.peers); })) return std::nullopt;
    // Where the first hashes were equal the states were so from the last update on.
    const bool at_once = board.hashed == options_.peers;
    healed.wall_ms = static_cast<double>((at_once ? board.last_heard() : clock_us()) - from) / 1000;
    stage.end();
    return healed;
  }

  /// False when it takes too long.
  static bool await(const std::function<bool()>& condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }

  const Options& options_;
  Figures figures_;
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"How long peers take to be equal again after a partition.", "heal_bench"};
  app.add_option("--peers", options.peers, "Number of peers, even")
      ->check(CLI::Range(std::size_t{2}, peers_max))
      ->capture_default_str();
  app.add_option("--updates", options.updates, "Updates on each side")->capture_default_str();
  app.add_option("--seconds", options.seconds, "How long they are apart")->capture_default_str();
  app.add_option("--rounds", options.rounds, "Partitions of each kind")->capture_default_str();
  app.add_flag("--quick", options.quick, "Under 30 seconds: one partition of 8 s of each kind");
  app.add_flag("--json", options.json, "Print the figures as one JSON object");
  CLI11_PARSE(app, argc, argv);
  if (options.quick) {
    options.seconds = 8;
    options.rounds = 1;
  }
  return Bench(options).run();
}
