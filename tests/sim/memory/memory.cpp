// SPDX-License-Identifier: MIT
#include "tests/sim/memory/memory.hpp"

#include <algorithm>
#include <cstdio>
#include <map>

#include "bench/memory_use.hpp"
#include "tests/sim/memory/host.hpp"
#include "tests/sim/signer.hpp"
#include <fmt/format.h>

#include "vouch/sync/seal.hpp"

namespace vouch::sim {
namespace {

/// The rows of a disk in a file, while it lives.
class Aside {
 public:
  explicit Aside(SimDisk& disk) : disk_(disk), file_(std::tmpfile()) {
    VOUCH_CHECK(file_ != nullptr);
    for (std::size_t t = 0; t < SimDisk::tables; ++t) {
      (void)disk.scan(static_cast<Table>(t), {}, [&](ByteView key, ByteView value) {
        put(t, key, value);
        return true;
      });
    }
    disk.erase_all();
  }
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;
  ~Aside() {
    std::rewind(file_);
    std::array<std::size_t, 3> head{};
    while (std::fread(head.data(), sizeof head, 1, file_) == 1) {
      Bytes key = take(head[1]);
      disk_.put(static_cast<Table>(head[0]), std::move(key), take(head[2]));
    }
    std::fclose(file_);
  }

 private:
  void put(std::size_t table, ByteView key, ByteView value) {
    const std::array<std::size_t, 3> head{table, key.size(), value.size()};
    VOUCH_CHECK(std::fwrite(head.data(), sizeof head, 1, file_) == 1);
    for (const ByteView bytes : {key, value}) {
      VOUCH_CHECK(std::fwrite(bytes.data(), 1, bytes.size(), file_) == bytes.size());
    }
  }
  Bytes take(std::size_t size) {
    Bytes out(size);
    VOUCH_CHECK(std::fread(out.data(), 1, size, file_) == size);
    return out;
  }

  SimDisk& disk_;
  std::FILE* file_;
};

/// At most: the last one of a round may be shorter than the others.
std::size_t streams_of(const MemorySettings& s) {
  return (s.warm_up + 2 * s.runs) / s.in_stream + (s.warm_up * 10 + 2 * s.runs) / s.round + 16;
}

class Memory {
 public:
  Memory(const MemorySettings& settings, const std::function<void(const MemoryReading&)>& read)
      : read_(read), network_(settings.seed) {
    report_.settings = settings;
    std::vector<PeerId> voters;
    for (std::size_t i = 0; i < settings.peers; ++i) {
      voters.push_back(make_signer(settings.seed, i, false)->id());
      numbers_[voters[i]] = i;
    }
    machine::MachineConfig config;
    config.cluster = sync::cluster_id("simulation");
    config.roster = membership::Roster(voters, 0);
    config.self.rule_set = validator::RuleSet{}.id();
    config.finished_kept = settings.kept;
    config.log_bytes = log_bytes;
    for (std::size_t i = 0; i < settings.peers; ++i) {
      config.self.name = fmt::format("p{}", i);
      hosts_.push_back(std::make_unique<LeanHost>(
          network_, now_, make_signer(settings.seed, i, false), config, streams_of(settings)));
    }
  }

  MemoryReport run() {
    for (std::size_t i = 0; i < hosts_.size(); ++i) hosts_[i]->start(i + 1);
    run_until(rest);
    warm_up();
    play_part();
    look();
    const double disk_before = disk_bytes();
    const double summaries_before = summary_bytes();
    for (std::size_t part = 0; part < parts && report_.ok(); ++part) {
      play_part();
      look();
    }
    const auto runs = static_cast<double>(report_.settings.runs);
    report_.disk_bytes = disk_bytes();
    report_.disk_growth = report_.disk_bytes - disk_before;
    report_.summary_bytes =
        (summary_bytes() - summaries_before) / runs / static_cast<double>(hosts_.size());
    report_.virtual_s = static_cast<double>(now_.count()) / 1e6;
    return std::move(report_);
  }

 private:
  /// What is kept of the last batches, however small, is as much as it ever will be; so is the
  /// memory for what comes at a time. And disks were laid aside once.
  void warm_up() {
    const MemorySettings& settings = report_.settings;
    play(settings.warm_up / 2, settings.round / 10);
    (void)lay_aside();
    play(settings.warm_up / 2, settings.round);
  }
  /// A reading is compared with others that came after as many runs.
  void play_part() { play(report_.settings.runs / parts, report_.settings.round); }

  /// So many runs, in rounds; then everything comes to rest.
  void play(std::size_t runs, std::size_t round) {
    const std::size_t in_stream = report_.settings.in_stream;
    for (const std::size_t end = opened_ + runs; opened_ < end && report_.ok();) {
      const std::size_t upto = std::min(end, opened_ + round);
      while (opened_ < upto) {
        const std::size_t more = std::min(in_stream, upto - opened_);
        hosts_[streams_ % hosts_.size()]->submit(fmt::format("s{:08}", streams_), more);
        opened_ += more;
        ++streams_;
      }
      settle();
    }
    run_until(now_ + rest);
  }

  /// Until every peer has released all runs but those that some peer keeps.
  void settle() {
    const VirtualTime bound = now_ + patience;
    while (!released()) {
      if (now_ >= bound) {
        report_.breaches.push_back(fmt::format("of {} runs not all are released", opened_));
        return;
      }
      run_until(now_ + step_time);
    }
  }

  bool released() const {
    const std::size_t kept = 2 * hosts_.size() * report_.settings.kept;
    return std::ranges::all_of(hosts_, [&](const auto& host) {
      return host->machine().counters().released + kept >= streams_;
    });
  }

  void run_until(VirtualTime end) {
    for (;;) {
      VirtualTime next = end;
      if (const auto frame = network_.next_delivery()) next = std::min(next, *frame);
      for (const auto& host : hosts_) {
        if (const auto turn = host->next_turn()) next = std::min(next, *turn);
      }
      if (next >= end) break;
      now_ = std::max(now_, next);
      step();
    }
    now_ = end;
  }

  /// What has arrived, and what is due.
  void step() {
    ++report_.steps;
    arrived_.clear();
    network_.deliver_until(now_, arrived_);
    for (transport::MemoryDelivery& delivery : arrived_) {
      hosts_[numbers_.at(delivery.to)]->receive(std::move(delivery));
    }
    for (const auto& host : hosts_) {
      if (const auto turn = host->next_turn(); turn && *turn <= now_) host->turn();
    }
  }

  std::vector<std::unique_ptr<Aside>> lay_aside() {
    arrived_ = {};
    std::vector<std::unique_ptr<Aside>> out;
    for (const auto& host : hosts_) out.push_back(std::make_unique<Aside>(host->disk().rows()));
    return out;
  }

  void look() {
    const auto aside = lay_aside();
    report_.readings.push_back({opened_, bench::anonymous_bytes(), bench::live_bytes()});
    read_(report_.readings.back());
  }

  double disk_bytes() const {
    double out = 0;
    for (const auto& host : hosts_) {
      for (std::size_t t = 0; t < SimDisk::tables; ++t) {
        (void)host->disk().scan(static_cast<Table>(t), {}, [&](ByteView key, ByteView value) {
          out += static_cast<double>(key.size() + value.size());
          return true;
        });
      }
    }
    return out;
  }
  double summary_bytes() const {
    double out = 0;
    for (const auto& host : hosts_) out += static_cast<double>(host->disk().summary_bytes());
    return out;
  }

  static constexpr std::size_t parts = 10;
  /// Small, so that logs are cut from early on.
  static constexpr std::size_t log_bytes = 256U << 10;
  static constexpr VirtualTime step_time = std::chrono::milliseconds(100);
  static constexpr VirtualTime rest = std::chrono::seconds(3);
  static constexpr VirtualTime patience = std::chrono::seconds(60);

  const std::function<void(const MemoryReading&)>& read_;
  MemoryReport report_;
  VirtualTime now_{};
  transport::MemoryNetwork network_;
  std::map<PeerId, std::size_t> numbers_;
  std::vector<std::unique_ptr<LeanHost>> hosts_;
  std::vector<transport::MemoryDelivery> arrived_;
  std::size_t opened_ = 0, streams_ = 0;
};

}  // namespace

MemoryReport::Growth MemoryReport::growth(double MemoryReading::*what) const {
  if (readings.size() < 2) return {};
  const double before = readings.front().*what;
  const double per_run = (readings.back().*what - before) / static_cast<double>(settings.runs);
  return {per_run / static_cast<double>(settings.peers), per_run / before * 1e5};
}

MemoryReport run_memory(const MemorySettings& settings,
                        const std::function<void(const MemoryReading&)>& read) {
  return Memory(settings, read).run();
}

}  // namespace vouch::sim
