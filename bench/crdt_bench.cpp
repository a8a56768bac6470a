// What merging costs: records joined with and without signature, beside the floor of a plain array;
// single adds to small and large sets; bytes on the wire and in memory.
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <limits>

#include "bench/cpu_time.hpp"
#include "bench/crdt/records.hpp"
#include "bench/crdt/rivals.hpp"
#include "bench/figures.hpp"
#include "bench/validate/memory.hpp"
#include <CLI/CLI.hpp>

#include "vouch/crdt/causal_sets.hpp"

namespace {

using namespace vouch;
using namespace vouch::bench;
using Set = crdt::Causal<crdt::AwSet<std::uint64_t>>;
using TextMap = crdt::GMap<std::string, crdt::LwwRegister<std::uint32_t>>;

constexpr std::uint32_t keys = 100'000;

class Bench {
 public:
  Bench(bool quick, bool json, bool competitors)
      : rounds_(quick ? 3 : 11), competitors_(competitors), figures_(json) {}

  void run() {
    joins();
    signed_joins();
    set_adds();
    bytes();
    memory();
    single_updates();
    if (competitors_) rivals();
    figures_.add("check.sum", static_cast<double>(sum_ % 1000), "");
    figures_.print();
  }

 private:
  /// Records a second in the least disturbed round; `round` gives the seconds it took.
  double best_rate(std::size_t records, const auto& round) const {
    double least = std::numeric_limits<double>::infinity();
    for (int i = 0; i < rounds_; ++i) least = std::min(least, round());
    return static_cast<double>(records) / least;
  }

  /// Deltas of 8,192 records, the number that 64 KiB hold, into 10^5 keys.
  void joins() {
    const Updates updates(64, 8192, keys);
    const Registers full = full_map(keys);
    figures_.add("crdt.joins_per_s",
                 best_rate(updates.records(),
                           [&] {
                             Registers state = full;
                             const double seconds = seconds_of([&] {
                               for (const Registers& delta : updates.deltas()) state.join(delta);
                             });
                             sum_ += state.entries().back().second.value();
                             return seconds;
                           }),
                 "records/s");
    figures_.add("floor.bare_joins_per_s",
                 best_rate(updates.records(),
                           [&] {
                             std::vector<BareRecord> array(keys);
                             return seconds_of([&] {
                               for (const auto& delta : updates.bare())
                                 sum_ += join_bare(array, delta);
                             });
                           }),
                 "records/s");
  }

  void signed_joins() {
    const Updates updates(64, 7400, keys);
    const SignedBatches batches(updates.deltas());
    figures_.add(
        "crdt.batch_bytes",
        static_cast<double>(batches.bytes()) / static_cast<double>(batches.frames().size()), "B");
    const Registers full = full_map(keys);
    figures_.add("crdt.verified_joins_per_s",
                 best_rate(updates.records(),
                           [&] {
                             Registers state = full;
                             bool all = true;
                             const double seconds = seconds_of([&] {
                               for (const Bytes& frame : batches.frames())
                                 all &= batches.verify_and_join(frame, state);
                             });
                             if (!all) {
                               fmt::print(stderr, "crdt_bench: a batch was refused\n");
                               std::exit(1);
                             }
                             return seconds;
                           }),
                 "records/s");
  }

  /// Single adds, each a delta that is made and joined, while the set grows by a fifth.
  double adds_per_s(std::size_t elements, int repeats) {
    std::mt19937_64 random(11);
    Set full;
    for (std::size_t i = 0; i < elements; ++i) full.join(full->add(full.next(1), random()));
    const std::size_t adds = elements / 5;
    return best_rate(adds * static_cast<std::size_t>(repeats), [&] {
      double seconds = 0;
      for (int repeat = 0; repeat < repeats; ++repeat) {
        std::vector<std::uint64_t> fresh(adds);
        for (std::uint64_t& element : fresh) element = random();
        Set set = full;
        seconds += seconds_of([&] {
          for (const std::uint64_t element : fresh) set.join(set->add(set.next(2), element));
        });
        sum_ += set->size();
      }
      return seconds;
    });
  }
  void set_adds() {
    const double small = adds_per_s(1'000, 200), large = adds_per_s(1'000'000, 1);
    figures_.add("crdt.orset_add_1k_per_s", small, "adds/s");
    figures_.add("crdt.orset_add_1m_per_s", large, "adds/s");
    figures_.add("crdt.orset_add_ratio", large / small, "");
  }

  /// Batches of 64 updates over 10^4 keys; header, chain hash and signature included.
  void bytes() {
    const Updates updates(1000, 64, 10'000);
    const SignedBatches batches(updates.deltas());
    figures_.add("crdt.bytes_per_update",
                 static_cast<double>(batches.bytes()) / static_cast<double>(updates.records()),
                 "B");
  }

  /// What a million changes in random order leave on the heap, as a share of what is live: key,
  /// stamp and value of a register; element and dot of a set.
  void memory() {
    std::mt19937_64 random(13);
    {
      const std::int64_t before = live_bytes();
      crdt::GMap<std::uint64_t, crdt::LwwRegister<std::uint64_t>> map;
      for (std::uint64_t stamp = 1; stamp <= 1'000'000; ++stamp) {
        const std::uint64_t key = random() % keys * 0x9e3779b97f4a7c15;
        map.join_at(key, {stamp, random()});
      }
      figures_.add("crdt.memory_ratio", ratio(live_bytes() - before, map.size() * 24), "");
    }
    const std::int64_t before = live_bytes();
    Set set;
    for (int i = 0; i < 1'000'000; ++i) {
      const std::uint64_t element = random() % keys;
      set.join((random() & 1) != 0 ? set->add(set.next(1), element) : set->remove(element));
    }
    figures_.add("crdt.orset_memory_ratio", ratio(live_bytes() - before, set->size() * 24), "");
  }
  static double ratio(std::int64_t held, std::size_t live) {
    return static_cast<double>(held) / static_cast<double>(live);
  }

  /// As the competitors do it: each set of a map with text keys a message, taken in one by one.
  void single_updates() {
    std::mt19937_64 random(17);
    TextMap writer;
    std::vector<Bytes> messages;
    std::size_t bytes = 0;
    for (std::uint64_t stamp = 1; stamp <= 100'000; ++stamp) {
      const std::string key = fmt::format("k{}", random() % rival_keys);
      const TextMap delta = writer.put(key, {stamp, static_cast<std::uint32_t>(random())});
      writer.join(delta);
      messages.push_back(crdt::encode(delta));
      bytes += messages.back().size();
    }
    figures_.add("crdt.single_updates_per_s",
                 best_rate(messages.size(),
                           [&] {
                             TextMap reader;
                             const double seconds = seconds_of([&] {
                               for (const Bytes& message : messages)
                                 reader.join(*crdt::decode<TextMap>(message));
                             });
                             sum_ += reader.size();
                             return seconds;
                           }),
                 "updates/s");
    figures_.add("crdt.single_update_bytes", ratio(static_cast<std::int64_t>(bytes), 100'000), "B");
    figures_.add("crdt.document_bytes", static_cast<double>(crdt::encode(writer).size()), "B");
  }

  void rivals() {
    const auto found = rival_figures(100'000, rival_keys);
    if (!found || found->empty()) {
      figures_.say("competitors: skipped, as node, npm or the registry is not there");
      return;
    }
    for (const RivalFigures& rival : *found) {
      figures_.add(rival.name + ".single_updates_per_s", rival.updates_per_s, "updates/s");
      figures_.add(rival.name + ".single_update_bytes", rival.bytes_per_update, "B");
      figures_.add(rival.name + ".document_bytes", rival.document_bytes, "B");
    }
  }

  static constexpr std::size_t rival_keys = 1000;
  int rounds_;
  bool competitors_;
  Figures figures_;
  std::uint64_t sum_ = 0;  ///< of results, so that nothing is left out
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"What merging of replicated values costs on one core."};
  bool quick = false, json = false, competitors = false;
  app.add_flag("--quick", quick, "fewer rounds: under 30 s");
  app.add_flag("--json", json, "one JSON object on standard output");
  app.add_flag("--competitors", competitors,
               "also yjs, loro-crdt and automerge (needs node and npm)");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  Bench(quick, json, competitors).run();
}
