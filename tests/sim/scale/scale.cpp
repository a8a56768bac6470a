// SPDX-License-Identifier: MIT
#include "tests/sim/scale/scale.hpp"

#include <algorithm>

#include "bench/figures.hpp"
#include "tests/sim/scale/crowd.hpp"
#include <fmt/format.h>

#include "vouch/state/cells.hpp"

namespace vouch::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr VirtualTime look_every = milliseconds(10);
constexpr VirtualTime round_every = seconds(2);
constexpr VirtualTime patience = seconds(60);
constexpr std::size_t streams_in_round = 5;

Times times_of(const std::vector<double>& samples) {
  return {bench::quantile(samples, 0.5), bench::quantile(samples, 0.99),
          bench::quantile(samples, 1)};
}

Spread spread_of(const std::vector<double>& samples) {
  return {bench::quantile(samples, 0.5), bench::quantile(samples, 1)};
}

class Scale {
 public:
  explicit Scale(const ScaleSettings& settings)
      : crowd_(settings.seed, plan_tree(settings.peers, settings.voters, settings.fan_out),
               settings.voters) {
    report_.settings = settings;
    for (const Place& place : crowd_.places()) {
      report_.hops = std::max(report_.hops, place.depth + 1);
    }
  }

  ScaleReport run() {
    crowd_.start();
    settle({}, "the start");
    crowd_.run_until(crowd_.now() + round_every);
    const VirtualTime begin = crowd_.now();
    const Stored before = stored();
    crowd_.measure();
    for (std::size_t round = 0; round < report_.settings.rounds && report_.ok(); ++round) {
      play(round);
    }
    report_.measured_s = in_ms(crowd_.now() - begin) / 1000;
    report_.to_equal = times_of(rounds_);
    compare(before);
    return std::move(report_);
  }

 private:
  struct Stored {
    double batches = 0, bytes = 0;
  };

  /// Batches of all voters as one of them has them on its disk.
  Stored stored() {
    Stored out;
    const auto add = [&out](ByteView, ByteView frame) {
      out.batches += 1;
      out.bytes += static_cast<double>(frame.size());
      return true;
    };
    if (!crowd_.peer(0).disk().scan(Table::batches, {}, add)) breach("a disk cannot be read");
    return out;
  }

  void breach(std::string what) { report_.breaches.push_back(std::move(what)); }

  void play(std::size_t round) {
    const VirtualTime begin = crowd_.now();
    std::vector<std::string> streams;
    for (std::size_t i = 0; i < streams_in_round; ++i) {
      streams.push_back(fmt::format("s{}/{}", round, i));
      crowd_.submit((round * streams_in_round + i) % crowd_.voters(), streams.back());
    }
    if (settle(streams, fmt::format("round {}", round))) {
      rounds_.push_back(in_ms(crowd_.now() - begin));
      for (const std::string& stream : streams) {
        report_.certificates += crowd_.machine(0).agreement().certified(stream).height;
      }
    }
    crowd_.run_until(std::max(crowd_.now(), begin + round_every));
  }

  /// Until all hold all, and these streams are certified up to their ends.
  bool settle(const std::vector<std::string>& streams, const std::string& what) {
    const VirtualTime bound = crowd_.now() + patience;
    while (!written() || !crowd_.equal() || !certified(streams)) {
      if (crowd_.now() >= bound) {
        breach(what + " does not converge");
        return false;
      }
      crowd_.run_until(crowd_.now() + look_every);
    }
    return true;
  }

  /// All voters have begun their logs.
  bool written() const {
    for (std::size_t i = 0; i < crowd_.voters(); ++i) {
      if (!crowd_.machine(i).writing()) return false;
    }
    return true;
  }

  bool certified(const std::vector<std::string>& streams) const {
    return std::ranges::all_of(streams, [this](const std::string& stream) {
      const std::uint64_t size = length_of(report_.settings.seed, stream) + 1;
      for (std::size_t i = 0; i < crowd_.size(); ++i) {
        if (crowd_.machine(i).agreement().certified(stream).value.size != size) return false;
      }
      return true;
    });
  }

  void compare(const Stored& before) {
    const std::vector<Heard> heard = crowd_.heard();
    const Stored after = stored();
    report_.certificates /= report_.measured_s;
    report_.trace_hash = crowd_.trace_hash();
    report_.steps = crowd_.steps();
    report_.attested = crowd_.flights().count();
    report_.to_voters = times_of(crowd_.flights().to_voters());
    report_.to_all = times_of(crowd_.flights().to_all());
    report_.batches = (after.batches - before.batches) / report_.measured_s;
    report_.batch_bytes = (after.bytes - before.bytes) / (after.batches - before.batches);
    for (std::size_t role = 0; role < roles_count; ++role) summarize(heard, role);
    double beats = 0, beat_bytes = 0;
    for (const Heard& one : heard) {
      beats += static_cast<double>(one.heartbeats);
      beat_bytes += static_cast<double>(one.heartbeat_bytes);
    }
    report_.heartbeat_bytes = beat_bytes / std::max(beats, 1.0);
    for (std::size_t i = 0; i < crowd_.voters(); ++i) {
      report_.asked_in_vain += crowd_.machine(i).counters().refused;
    }
    expect();
    check();
  }

  void summarize(const std::vector<Heard>& heard, std::size_t role) {
    std::vector<double> received, sent, checks, beats, batches, direct;
    const auto rate = [this](std::uint64_t count) {
      return static_cast<double>(count) / report_.measured_s;
    };
    for (std::size_t i = 0; i < heard.size(); ++i) {
      if (static_cast<std::size_t>(crowd_.places()[i].role) != role) continue;
      received.push_back(rate(heard[i].received));
      sent.push_back(rate(heard[i].sent));
      checks.push_back(rate(heard[i].checks));
      beats.push_back(rate(heard[i].heartbeat_bytes));
      batches.push_back(rate(heard[i].batch_bytes));
      direct.push_back(rate(heard[i].direct_bytes));
    }
    report_.roles[role] = {received.size(),      spread_of(received),  spread_of(sent),
                           spread_of(checks),    bench::median(beats), bench::median(batches),
                           bench::median(direct)};
  }

  void expect() {
    Expected& expected = report_.expected;
    const auto voters = static_cast<double>(crowd_.voters());
    const double beats = report_.heartbeat_bytes;
    const double batches = report_.batches * report_.batch_bytes;
    expected.batches = report_.certificates * 2 * voters;
    expected.gossip_bytes = voters * beats + batches;
    std::size_t most = 0;
    VirtualTime widest{}, within{};
    for (const Place& place : crowd_.places()) {
      if (place.role == Role::relay) most = std::max(most, place.subscribers.size());
      widest = std::max(widest, delay_between(crowd_.places()[0], place).delay_max);
      for (std::size_t i = 0; i < crowd_.voters(); ++i) {
        widest = std::max(widest, delay_between(crowd_.places()[i], place).delay_max);
      }
    }
    within = delay_between(crowd_.places()[0], crowd_.places()[0]).delay_max;
    expected.relay_sent = expected.gossip_bytes * static_cast<double>(most);
    expected.voter_sent =
        (beats + batches / voters) * static_cast<double>(crowd_.places()[0].subscribers.size());
    expected.to_all_max = in_ms(widest) + static_cast<double>(report_.hops - 1) * in_ms(within);
  }

  /// At the end all must be as one, to the last byte.
  void check() {
    const auto& first = crowd_.machine(0).replica();
    const Hash state = state::state_hash(first.state());
    for (std::size_t i = 1; i < crowd_.size(); ++i) {
      const auto& other = crowd_.machine(i).replica();
      if (other.frontier() == first.frontier() && state::state_hash(other.state()) == state)
        continue;
      breach(fmt::format("p{} differs from p0", i));
    }
    if (const std::size_t left = crowd_.flights().unfinished(); left != 0) {
      breach(fmt::format("{} attestations did not come to all peers", left));
    }
    const auto& broken = crowd_.breaches();
    report_.breaches.insert(report_.breaches.end(), broken.begin(), broken.end());
  }

  Crowd crowd_;
  ScaleReport report_;
  std::vector<double> rounds_;
};

}  // namespace

ScaleReport run_scale(const ScaleSettings& settings) {
  return Scale(settings).run();
}

}  // namespace vouch::sim
