// What it costs to make two replicas equal: bytes, round trips and processor time of the shipping
// code for d missing of 10^6 records, and after a partition. Both ends and their messages are real;
// the link between them is a function call and the logs are in memory, so neither network nor disk
// is in the figures.
// SPDX-License-Identifier: MIT
#include "bench/cpu_time.hpp"
#include "bench/figures.hpp"
#include "bench/sync/site.hpp"
#include <CLI/CLI.hpp>

namespace {

using namespace vouch;
using namespace vouch::bench;

constexpr std::size_t records_max = 64;  // of one batch

struct Cost {
  std::size_t bytes = 0;             ///< of all frames, both directions
  std::size_t rounds = 0;            ///< a question and its answer
  double asking = 0, answering = 0;  ///< seconds of the core
};

std::size_t size_of(const std::vector<Bytes>& frames) {
  std::size_t sum = 0;
  for (const Bytes& frame : frames) sum += frame.size();
  return sum;
}

/// Asks until nothing is left to ask.
Cost synchronise(Site& asker, Site& other) {
  Cost cost;
  while (true) {
    std::vector<Bytes> question, answer;
    cost.asking += seconds_of([&] { question = asker.ask(); });
    if (question.empty()) return cost;
    cost.bytes += size_of(question);
    cost.answering += seconds_of([&] { answer = other.answer(std::move(question)); });
    if (answer.empty()) continue;
    cost.bytes += size_of(answer);
    cost.asking += seconds_of([&] { asker.hear(std::move(answer)); });
    ++cost.rounds;
  }
}

class Bench {
 public:
  Bench(bool quick, bool json, std::size_t voters)
      : quick_(quick), voters_(voters), figures_(json) {}

  int run() {
    missing();
    heal();
    figures_.print();
    return equal_ ? 0 : 1;
  }

 private:
  /// Batches of all voters in turn; the bytes of their frames.
  static std::size_t write(Voters& voters, std::size_t records, Site& to) {
    std::size_t bytes = 0;
    for (std::size_t done = 0, turn = 0; done < records; ++turn) {
      const std::size_t count = std::min(records_max, records - done);
      const Bytes frame = voters.write(turn % voters.size(), count);
      bytes += frame.size();
      to.take(frame);
      done += count;
    }
    return bytes;
  }

  void compare(const Site& one, const Site& other) {
    if (one.replica().frontier_digest() == other.replica().frontier_digest()) return;
    fmt::print(stderr, "sync_bench: the replicas differ in the end\n");
    equal_ = false;
  }

  void missing() {
    Voters voters(voters_);
    Site full(voters, 0);
    write(voters, 1'000'000, full);
    Site behind(voters, 1, full);
    synchronise(behind, full);  // the first question of a start is never a check
    figures_.say(fmt::format("{} voters, 10^6 records of distinct streams in batches of {}",
                             voters_, records_max));
    for (const std::size_t d : {0U, 10U, 1'000U, 10'000U}) {
      std::vector<double> asking, answering;
      Cost cost;
      std::size_t payload = 0;
      for (int round = 0; round < (quick_ ? 3 : 9); ++round) {
        payload = write(voters, d, full);
        if (d == 0) {
          behind.pass_time();
        } else {
          behind.wake();
        }
        cost = synchronise(behind, full);
        asking.push_back(cost.asking);
        answering.push_back(cost.answering);
      }
      compare(full, behind);
      report(d, payload, cost, 1000 * median(asking), 1000 * median(answering));
    }
  }

  void report(std::size_t d, std::size_t payload, const Cost& cost, double asking,
              double answering) {
    const std::string name = d == 0 ? "sync.equal" : fmt::format("sync.d{}", d);
    const auto bytes = static_cast<double>(cost.bytes), least = static_cast<double>(payload);
    figures_.add(name + "_bytes", bytes, "B");
    figures_.add(name + "_rounds", static_cast<double>(cost.rounds), "");
    figures_.add(name + "_cpu_ms", asking + answering, "ms");
    figures_.add(name + "_answer_cpu_ms", answering, "ms");
    if (d == 0) return;
    figures_.add(name + "_bytes_ratio", bytes / least, "ratio");
    figures_.add(name + "_bytes_beyond", bytes - 1.05 * least, "B");
    figures_.say(fmt::format("{} missing: {} bytes in batches, {} on the link, {} round trips", d,
                             payload, cost.bytes, cost.rounds));
  }

  /// 16 voters were apart, 8 and 8, and each wrote 10,000 records. When the links are back each
  /// asks one of the others: what one such pair does is what every peer does, on its own core.
  void heal() {
    Voters voters(16);
    Site left(voters, 0), right(voters, 1);
    const std::size_t each = 10'000;
    std::size_t payload = 0;
    for (std::size_t voter = 0; voter < voters.size(); ++voter) {
      for (std::size_t done = 0; done < each; done += records_max) {
        const Bytes frame = voters.write(voter, std::min(records_max, each - done));
        payload += frame.size();
        (voter % 2 == 0 ? left : right).take(frame);
      }
    }
    const Cost to_left = synchronise(left, right);
    const Cost to_right = synchronise(right, left);
    compare(left, right);
    const double left_ms = 1000 * (to_left.asking + to_right.answering);
    const double right_ms = 1000 * (to_right.asking + to_left.answering);
    figures_.add("heal.ms", std::max(left_ms, right_ms), "ms");
    figures_.add("heal.rounds", static_cast<double>(std::max(to_left.rounds, to_right.rounds)), "");
    figures_.add("heal.bytes_ratio",
                 static_cast<double>(to_left.bytes + to_right.bytes) / static_cast<double>(payload),
                 "ratio");
    figures_.say("heal.ms: processor time of one of 16 peers, from its first question on");
  }

  bool quick_;
  std::size_t voters_;
  Figures figures_;
  bool equal_ = true;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"What it costs to make two replicas equal.", "sync_bench"};
  bool quick = false, json = false;
  std::size_t voters = 4;
  app.add_flag("--quick", quick, "fewer rounds: under 30 s");
  app.add_flag("--json", json, "one JSON object on standard output");
  app.add_option("--voters", voters, "whose logs the replicas hold")->check(CLI::Range(2, 127));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return Bench(quick, json, voters).run();
}
