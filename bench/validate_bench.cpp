// How fast one core validates, stage by stage, beside the floor of a bare parse and a bare hash;
// how cost grows with the stream and with the state; what is allocated and what is kept.
// SPDX-License-Identifier: MIT
#include <limits>

#include "bench/cpu_time.hpp"
#include "bench/figures.hpp"
#include "bench/validate/floors.hpp"
#include "bench/validate/memory.hpp"
#include "bench/validate/official.hpp"
#include "bench/validate/stream.hpp"
#include <CLI/CLI.hpp>

#include "vouch/schemas/json_parse.hpp"
#include "vouch/validator/decoder.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace {

using namespace vouch;
using namespace vouch::bench;
using validator::Outcome;
using validator::StreamValidator;

constexpr std::size_t stream_events = 200'000;

StreamValidator fresh(validator::Mode mode = {}) {
  validator::Options options{validator::RuleSet{}, "bench"};
  options.mode = mode;
  return StreamValidator(std::move(options));
}

void feed(StreamValidator& v, std::string_view event) {
  if (v.feed(event).outcome != Outcome::accepted) {
    fmt::print(stderr, "validate_bench: an event was not accepted: {}\n", event.substr(0, 200));
    std::exit(1);
  }
}

void feed_prefix(const EventStream& stream, std::size_t events, validator::Mode mode = {}) {
  StreamValidator v = fresh(mode);
  for (std::size_t i = 0; i < events; ++i) feed(v, stream[i]);
}

std::string part_of(std::string_view type, std::size_t id, std::string_view more = {}) {
  return fmt::format(R"({{"type":"{}","messageId":"message-{:08}"{}}})", type, id, more);
}

class Bench {
 public:
  Bench(bool quick, bool json, bool competitors)
      : quick_(quick), competitors_(competitors), figures_(json) {}

  void run() {
    const EventStream stream = realistic_stream(stream_events);
    figures_.add("stream.bytes_per_event",
                 static_cast<double>(stream.bytes()) / static_cast<double>(stream.size()), "B");
    rates(stream);
    flatness();
    state_flatness();
    memory();
    if (competitors_) official(stream);
    figures_.print();
  }

 private:
  /// Seconds of the least disturbed of several rounds.
  double best(const auto& work) const {
    double least = std::numeric_limits<double>::infinity();
    for (int round = 0; round < (quick_ ? 3 : 11); ++round) {
      least = std::min(least, seconds_of(work));
    }
    return least;
  }

  void rates(const EventStream& stream) {
    const auto n = static_cast<double>(stream.size());
    const auto rate = [&](const std::string& name, const auto& work) {
      const double seconds = best(work);
      figures_.add(name, n / seconds, "1/s");
      return seconds / n * 1e9;
    };
    const auto stage = [&](const std::string& name, double ns) {
      figures_.add("stage." + name + "_ns", ns, "ns");
    };
    const auto all = [&](const auto& each) {
      for (std::size_t i = 0; i < stream.size(); ++i) each(stream[i]);
    };
    const std::string text = padded(stream);
    rate("floor.simdjson_events_per_s", [&] { sum_ += parse_bare(stream, text, false); });
    rate("floor.parse_hash_events_per_s", [&] { sum_ += parse_bare(stream, text, true); });
    const double whole = rate("validate.events_per_s", [&] { feed_prefix(stream, stream.size()); });
    figures_.add(
        "validate.of_floor",
        figures_.value("validate.events_per_s") / figures_.value("floor.parse_hash_events_per_s"),
        "");
    rate("validate.nohash_events_per_s",
         [&] { feed_prefix(stream, stream.size(), {.unhashed = true}); });
    figures_.add("validate.nohash_of_floor",
                 figures_.value("validate.nohash_events_per_s") /
                     figures_.value("floor.simdjson_events_per_s"),
                 "");
    json::Parser parser;
    const auto decode_all = [&](validator::Mode mode) {
      return best([&] {
               validator::Decoder decoder{validator::RuleSet{}, mode};
               all([&](std::string_view event) { sum_ += decoder.decode(event).digest.bytes[0]; });
             }) /
             n * 1e9;
    };
    const double parsed =
        best([&] { all([&](std::string_view event) { sum_ += parser.read(event) ? 1 : 0; }); }) /
        n * 1e9;
    const double judged = decode_all({.unhashed = true});
    const double decoded = decode_all({});
    stage("parse", parsed);
    stage("structure", judged - parsed);
    stage("canonical_and_digest", decoded - judged);
    stage("sequence_and_chain", whole - decoded);
  }

  /// Cost per event for streams of growing length, slowest over fastest.
  void flatness() {
    const std::size_t longest = 1'000'000;
    const EventStream stream = realistic_stream(longest);
    spread("validate.flatness", {1'000, 10'000, 100'000, longest}, [&](std::size_t events) {
      const std::size_t repeats = 100'000 / std::min<std::size_t>(events, 100'000);
      const double seconds = best([&] {
        for (std::size_t i = 0; i < repeats; ++i) feed_prefix(stream, events);
      });
      return seconds / static_cast<double>(repeats * events);
    });
  }

  /// Cost per patch for documents of growing size, slowest over fastest; behind some that are not
  /// timed, in which large objects are indexed.
  void state_flatness() {
    for (const bool keyed : {false, true}) {
      const std::string name = keyed ? "state_delta.keyed_flatness" : "state_delta.flatness";
      spread(name, {10, 1'000, 100'000}, [&](std::size_t items) {
        const std::size_t warm = 200, deltas = 2'000;
        const EventStream stream = state_stream(items, warm + deltas, keyed);
        return best_after(stream, 2 + warm) / static_cast<double>(deltas);
      });
    }
  }

  void spread(const std::string& name, std::initializer_list<std::size_t> sizes, const auto& cost) {
    double least = std::numeric_limits<double>::infinity(), most = 0;
    for (const std::size_t size : sizes) {
      const double seconds = cost(size);
      figures_.say(fmt::format("{} at {}: {:.0f} ns", name, size, seconds * 1e9));
      least = std::min(least, seconds);
      most = std::max(most, seconds);
    }
    figures_.add(name, most / least, "");
  }

  /// Seconds for the events behind the first `skip` ones.
  double best_after(const EventStream& stream, std::size_t skip) const {
    double least = std::numeric_limits<double>::infinity();
    for (int round = 0; round < (quick_ ? 3 : 7); ++round) {
      StreamValidator v = fresh();
      for (std::size_t i = 0; i < skip; ++i) feed(v, stream[i]);
      least = std::min(least, seconds_of([&] {
                         for (std::size_t i = skip; i < stream.size(); ++i) feed(v, stream[i]);
                       }));
    }
    return least;
  }

  void memory() {
    const std::size_t items = 10'000;
    StreamValidator v = fresh();
    feed(v, R"({"type":"RUN_STARTED","threadId":"t","runId":"r"})");
    const auto grown = [&](std::int64_t before) {
      return static_cast<double>(live_bytes() - before) / static_cast<double>(items);
    };
    std::int64_t before = live_bytes();
    for (std::size_t i = 0; i < items; ++i) {
      feed(v, part_of("TEXT_MESSAGE_START", i));
      feed(v, part_of("TEXT_MESSAGE_CONTENT", i, R"(,"delta":"some text")"));
      feed(v, part_of("TEXT_MESSAGE_END", i));
    }
    figures_.add("validate.bytes_per_finished_item", grown(before), "B");
    before = live_bytes();
    for (std::size_t i = 0; i < items; ++i) feed(v, part_of("TEXT_MESSAGE_START", items + i));
    figures_.add("validate.bytes_per_open_item", grown(before), "B");
    allocations_of_deltas(v, items);
  }

  void allocations_of_deltas(StreamValidator& v, std::size_t open_id) {
    const std::string event =
        part_of("TEXT_MESSAGE_CONTENT", open_id,
                fmt::format(R"(,"delta":"{}\n","timestamp":1760000000000)", std::string(120, 'x')));
    const std::size_t warm = 100'000, counted = 100'000;
    for (std::size_t i = 0; i < warm; ++i) feed(v, event);
    const std::uint64_t before = allocations();
    for (std::size_t i = 0; i < counted; ++i) feed(v, event);
    figures_.add("validate.allocs_per_event",
                 static_cast<double>(allocations() - before) / static_cast<double>(counted), "");
  }

  void official(const EventStream& stream) {
    const auto rate = official_events_per_second(stream);
    if (!rate) {
      figures_.say("official: not measured; it needs node, npm and @ag-ui/client 1.0.0");
      return;
    }
    figures_.add("official.events_per_s", *rate, "1/s");
    figures_.add("validate.times_official", figures_.value("validate.events_per_s") / *rate, "");
  }

  bool quick_, competitors_;
  Figures figures_;
  std::uint64_t sum_ = 0;  ///< of results, so that nothing is left out
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"How fast one core validates a realistic stream of 200,000 events."};
  bool quick = false, json = false, competitors = false;
  app.add_flag("--quick", quick, "fewer rounds: under 30 s");
  app.add_flag("--json", json, "one JSON object on standard output");
  app.add_flag("--competitors", competitors, "also the official client (needs node and npm)");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  Bench(quick, json, competitors).run();
}
