// How long a dispute takes from first sight to the certificate at every peer, beside the floor of
// four processes that do nothing but its work; what a crashed primary adds; and what disputes cost
// those who do not differ. Four peers as separate processes on loopback. A producer tells some of
// them one run and the others an altered one, at the same moment.
// SPDX-License-Identifier: MIT
#include "bench/dispute/board.hpp"
#include "bench/figures.hpp"
#include "bench/pbft/board.hpp"
#include <CLI/CLI.hpp>

namespace {

using namespace vouch;
using namespace vouch::bench;
using dispute::Board;
using dispute::Dispute;
using dispute::Phase;

constexpr std::chrono::seconds patience(120);

constexpr pbft::Exchange floors[] = {pbft::split_dispute, pbft::outvoted_dispute};

using DisputeStage = Stage<Board, dispute::Task>;

/// One dispute, as its peers saw it.
struct Course {
  double ms = 0;  ///< from the first sight to the last certificate
  std::uint32_t view = 0;
};

class Bench {
 public:
  Bench(bool quick, bool json) : clusters_(quick ? 2 : 5), figures_(json) {
    task_.disputes = quick ? 15 : 60;
    task_.time = std::chrono::milliseconds(quick ? 1200 : 3000);
    turns_ = quick ? 7 : 21;
  }

  int run() {
    bool good = floor();
    for (std::size_t i = 0; i < clusters_ && good; ++i) good = alone();
    if (good) report_alone();
    if (!good || !load()) {
      fmt::print(stderr, "dispute_bench: the peers did not get through\n");
      return 1;
    }
    figures_.print();
    return 0;
  }

 private:
  bool floor() {
    auto made = tools::ProcessCluster::make({dispute::peers, {}, {}});
    if (!made) return false;
    pbft::Task task;
    task.exchanges = floors;
    Stage<pbft::FloorBoard, pbft::Task> stage(*made, task, pbft::run_bare_peer);
    if (!stage.run(pbft::Phase::start, dispute::peers, patience)) return false;
    if (!stage.run(pbft::Phase::one, 1, patience)) return false;
    stage.end();
    pbft::report_machine(stage.board(), task.medium, figures_);
    figures_.add("dispute.floor_ms", pbft::floor_ms(task, stage.board(), 0), "ms");
    figures_.add("dispute.outvoted_floor_ms", pbft::floor_ms(task, stage.board(), 1), "ms");
    return true;
  }

  bool alone() {
    auto made = tools::ProcessCluster::make({dispute::peers, {}, {}});
    if (!made) return false;
    DisputeStage stage(*made, task_, dispute::run_peer);
    if (!stage.run(Phase::start, dispute::peers, patience)) return false;
    const std::pair<Phase, std::vector<Course>*> kinds[] = {
        {Phase::outvoted, &outvoted_}, {Phase::split, &split_}, {Phase::crashed, &crashed_}};
    std::size_t from = 0;
    for (const auto& [phase, courses] : kinds) {
      if (!stage.run(phase, dispute::peers, patience)) return false;
      const Board& board = stage.board();
      const std::size_t living = phase == Phase::crashed ? dispute::peers - 1 : dispute::peers;
      bool first = true;
      for (; from < board.count; ++from) {
        const auto course = course_of(board.disputes[from], living);
        if (!course) continue;
        courses->push_back(*course);
        if (phase == Phase::crashed && course->view > 1) {
          (first ? dead_primary_ : dead_primary_again_).push_back(course->ms);
          first = false;
        }
      }
    }
    late_ += stage.board().late;
    stage.end();
    return true;
  }

  static std::optional<Course> course_of(const Dispute& dispute, std::size_t living) {
    std::int64_t last = 0;
    for (std::size_t i = 0; i < living; ++i) {
      if (dispute.certified[i] == 0) return std::nullopt;
      last = std::max(last, dispute.certified[i].load());
    }
    if (dispute.seen == 0) return std::nullopt;
    return Course{static_cast<double>(last - dispute.seen) / 1000, dispute.view};
  }

  void report_alone() {
    report("dispute.", split_);
    report("dispute.outvoted_", outvoted_);
    std::vector<double> living_primary;
    for (const Course& course : crashed_) {
      if (course.view == 1) living_primary.push_back(course.ms);
    }
    figures_.add("dispute.one_down_p50_ms", median(living_primary), "ms");
    figures_.add("dispute.dead_primary_ms", median(dead_primary_), "ms");
    figures_.add("dispute.dead_primary_second_ms", median(dead_primary_again_), "ms");
    figures_.add("dispute.timed_out", static_cast<double>(late_), "disputes");
    figures_.say(
        fmt::format("one peer down: {} disputes had a living primary, {} were the first of their "
                    "cluster with the dead one, {} came after those",
                    living_primary.size(), dead_primary_.size(), dead_primary_again_.size()));
  }

  void report(const std::string& name, const std::vector<Course>& courses) {
    std::vector<double> took;
    std::size_t by_vote = 0;
    for (const Course& course : courses) {
      took.push_back(course.ms);
      by_vote += course.view > 0 ? 1 : 0;
    }
    figures_.add(name + "p50_ms", quantile(took, 0.5), "ms");
    figures_.add(name + "p99_ms", quantile(took, 0.99), "ms");
    figures_.add(name + "floor_ratio", median(took) / figures_.value(name + "floor_ms"), "ratio");
    figures_.say(
        fmt::format("{}p50_ms: of {} disputes one after the other, {} of them by a vote "
                    "of view 1 or later",
                    name, took.size(), by_vote));
  }

  bool load() {
    auto made = tools::ProcessCluster::make({dispute::peers, {}, {}});
    if (!made) return false;
    dispute::Task task = task_;
    task.turns = turns_;
    DisputeStage stage(*made, task, dispute::run_peer);
    if (!stage.run(Phase::start, dispute::peers, patience)) return false;
    std::vector<double> cpu;  // of all peers at the end of each turn
    const std::int64_t from = clock_us();
    const auto note_cpu = [&] {
      const auto turn = static_cast<std::size_t>((clock_us() - from) / (task_.time.count() * 1000));
      if (turn > cpu.size()) cpu.push_back(stage.cpu_seconds());
    };
    if (!stage.run(Phase::load, dispute::peers, patience, note_cpu)) return false;
    const Board& board = stage.board();
    std::vector<double> plain, troubled, ratios, plain_cpu, troubled_cpu;
    for (std::size_t turn = 1; turn < turns_ && turn < cpu.size(); ++turn) {
      const bool disputes = dispute::is_troubled(turn);
      const double runs = std::max(1.0, static_cast<double>(board.runs[turn]));
      (disputes ? troubled : plain).push_back(runs * 1000 / double(task_.time.count()));
      (disputes ? troubled_cpu : plain_cpu).push_back((cpu[turn] - cpu[turn - 1]) * 1000 / runs);
      if (disputes) ratios.push_back(troubled.back() / plain.back());
    }
    stage.end();
    figures_.add("dispute.plain_runs_per_s", median(plain), "runs/s");
    figures_.add("dispute.plain_cpu_ms", median(plain_cpu), "ms/run");
    figures_.add("dispute.troubled_runs_per_s", median(troubled), "runs/s");
    figures_.add("dispute.troubled_cpu_ms", median(troubled_cpu), "ms/run");
    figures_.add("dispute.ingest_ratio", median(ratios), "ratio");
    figures_.say(
        "dispute.ingest_ratio: runs certified with 1 in 100 disputed over those with none, median "
        "of turns beside each other");
    std::vector<double> took, views;
    for (std::size_t i = 0; i < board.count; ++i) {
      const auto course = course_of(board.disputes[i], dispute::peers);
      if (!course) continue;
      took.push_back(course->ms);
      views.push_back(course->view);
    }
    figures_.add("dispute.troubled_p50_ms", median(took), "ms");
    figures_.add("dispute.troubled_view_p50", median(views), "view");
    figures_.add("dispute.troubled_view_max", quantile(views, 1), "view");
    figures_.add("dispute.ingest_timed_out", static_cast<double>(board.late), "runs");
    figures_.add("dispute.plain_view_changes", static_cast<double>(board.plain_view_changes),
                 "view-changes");
    return true;
  }

  dispute::Task task_;
  std::size_t clusters_;
  std::size_t turns_ = 0;
  Figures figures_;
  std::vector<Course> outvoted_, split_, crashed_;
  std::vector<double> dead_primary_, dead_primary_again_;
  std::size_t late_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  bool quick = false, json = false;
  CLI::App app{"Disputes of four peers in separate processes on loopback.", "dispute_bench"};
  app.add_flag("--quick", quick, "Under 30 seconds");
  app.add_flag("--json", json, "Print the figures as one JSON object");
  CLI11_PARSE(app, argc, argv);
  return Bench(quick, json).run();
}
