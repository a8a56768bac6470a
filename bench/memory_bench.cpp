// What a peer's memory does as the number of streams that ever were grows: four peers in one
// process on loopback, with their stores on disk, judge and certify short runs; anonymous memory of
// the process is read at the start and at the end of so many of them. `--kept` more than there are
// runs shows what it does when no stream is ever let go of.
// SPDX-License-Identifier: MIT
#include "bench/figures.hpp"
#include "bench/memory_use.hpp"
#include "bench/short_run.hpp"
#include "tools/open_here.hpp"
#include <CLI/CLI.hpp>

namespace {

using namespace vouch;
using namespace vouch::bench;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t peers_count = 4;
constexpr seconds patience(60);

struct Words {
  std::size_t runs = 100'000;
  std::size_t kept = 256;
  std::size_t callers = 16;  ///< of each peer
  std::size_t log_mib = 4;   ///< small, so that logs are cut from early on
  double growth_max = 0;     ///< of memory for each 100,000 runs; 0: any
};

class Bench {
 public:
  Bench(Words words, bool json) : words_(words), figures_(json) {}

  int run() {
    if (const auto opened = open(); !opened) return give_up(opened.error());
    // Until as much is kept as ever will be, and memories of signatures are full.
    const std::size_t first = std::min(words_.runs, std::max(warm_up, 8 * words_.kept));
    if (const auto done = play(first); !done) return give_up(done.error());
    const double before = anonymous_bytes();
    figures_.say(fmt::format("{:>8} runs: {:.1f} MiB", done_.load(), before / (1 << 20)));
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t part = 0; part < parts; ++part) {
      if (const auto done = play(words_.runs / parts); !done) return give_up(done.error());
      figures_.say(
          fmt::format("{:>8} runs: {:.1f} MiB", done_.load(), anonymous_bytes() / (1 << 20)));
    }
    const double after = anonymous_bytes();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    const auto runs = static_cast<double>(words_.runs);
    figures_.add("gc.runs", runs, "");
    figures_.add("gc.anonymous_mib", after / (1 << 20), "MiB");
    figures_.add("gc.bytes_per_run", (after - before) / runs / peers_count, "B");
    figures_.add("gc.growth_per_100k_runs", (after - before) / before * 1e5 / runs, "");
    figures_.add("gc.runs_per_s", runs / took.count(), "/s");
    figures_.print();
    const double growth = figures_.value("gc.growth_per_100k_runs");
    if (words_.growth_max == 0 || growth <= words_.growth_max) return 0;
    fmt::print(stderr, "memory_bench: memory grew by {:.2f} % each 100,000 runs, above {:.2f} %\n",
               growth * 100, words_.growth_max * 100);
    return 1;
  }

 private:
  static constexpr std::size_t parts = 10;
  static constexpr std::size_t warm_up = 16'000;

  static int give_up(const Error& error) {
    fmt::print(stderr, "memory_bench: {}\n", error.text());
    return 1;
  }

  Result<void> open() {
    const auto keep = [this](std::size_t, Config& config) {
      config.finished_kept = static_cast<std::uint32_t>(words_.kept);
      config.log_bytes_kept = words_.log_mib << 20;
    };
    auto made = tools::ProcessCluster::make({peers_count, {}, keep});
    if (!made) return tl::unexpected(made.error());
    cluster_.emplace(std::move(*made));
    auto opened = tools::open_here(*cluster_);
    if (!opened) return tl::unexpected(opened.error());
    peers_ = std::move(*opened);
    return {};
  }

  /// So many runs, spread over the peers, each with its receipt.
  Result<void> play(std::size_t runs) {
    std::atomic<std::size_t> left{runs};
    std::mutex mutex;
    Result<void> outcome;
    const auto call = [&](DistributedValidator& peer, std::size_t caller) {
      for (std::size_t n = left.load(); n != 0;) {
        if (!left.compare_exchange_weak(n, n - 1)) continue;
        const std::string name = fmt::format("{}/{}", caller, ++done_);
        auto done = submit_run(peer, name);
        if (done) done = await_receipt(peer, name, patience);
        if (!done) {
          const std::lock_guard lock(mutex);
          outcome = std::move(done);
          left = 0;
        }
        n = left.load();
      }
    };
    std::vector<std::thread> callers;
    for (std::size_t i = 0; i < peers_count * words_.callers; ++i) {
      callers.emplace_back([&, i] { call(*peers_[i % peers_count], i); });
    }
    for (std::thread& caller : callers) caller.join();
    return outcome;
  }

  Words words_;
  Figures figures_;
  std::optional<tools::ProcessCluster> cluster_;
  std::vector<std::unique_ptr<DistributedValidator>> peers_;
  std::atomic<std::size_t> done_{0};
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Memory of four peers as the number of finished streams grows");
  bool quick = false, json = false, competitors = false;
  Words words;
  app.add_option("--runs", words.runs, "Streams between the two readings")
      ->check(CLI::Range(10, 100'000'000));
  app.add_option("--kept", words.kept, "finished_kept of each peer")->check(CLI::Range(0, 1 << 20));
  app.add_option("--log-mib", words.log_mib, "log_bytes_kept of each peer; 0: whole logs")
      ->check(CLI::Range(0, 1 << 20));
  app.add_option("--growth-max", words.growth_max,
                 "Fail when memory grows by more than this share each 100,000 runs")
      ->check(CLI::Range(0.0, 10.0));
  app.add_flag("--quick", quick, "1,500 runs after 1,500: under 30 s, and caches still fill");
  app.add_flag("--json", json, "Print the figures as one JSON object");
  app.add_flag("--competitors", competitors, "There is none that keeps receipts");
  app.footer(
      "Example:\n  bin/memory_bench --runs 20000\n  bin/memory_bench --runs 20000 --kept 1000000\n"
      "  bin/memory_bench --growth-max 0.01");
  CLI11_PARSE(app, argc, argv);
  if (quick) words.runs = 1500;
  return Bench(words, json).run();
}
