// SPDX-License-Identifier: MIT
#include "bench/converge/peer.hpp"

#include "bench/converge/events.hpp"
#include "bench/real_peer.hpp"
#include <fmt/format.h>
#include <sys/resource.h>

#include "vouch/distributed_validator.hpp"
#include "vouch/membership/roster.hpp"
#include "vouch/schemas/json_parse.hpp"

namespace vouch::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr const char* waited_stream = "waited";
constexpr std::size_t paced_streams = 16;
constexpr auto paced_gap = 20ms;  // 50 events a second
constexpr std::size_t ingest_streams = 8;

std::uint64_t cpu_us() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto us = [](const timeval& t) {
    return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(t.tv_usec);
  };
  return us(usage.ru_utime) + us(usage.ru_stime);
}

std::uint64_t gossip_bytes(DistributedValidator& peer) {
  const auto dump = peer.dump({"traffic"});
  const auto value = dump ? json::parse(*dump) : std::nullopt;
  const json::Value* traffic = value ? value->find("traffic") : nullptr;
  const json::Value* bytes = traffic == nullptr ? nullptr : traffic->find("gossip_bytes_sent");
  if (bytes == nullptr) return 0;
  if (const auto* n = bytes->get<std::int64_t>()) return static_cast<std::uint64_t>(*n);
  return 0;
}

struct Talker {
  DistributedValidator& peer;
  Stream stream;
  std::string thread;
  std::uint64_t next = 0;

  Talker(DistributedValidator& p, const std::string& name)
      : peer(p), stream(p.stream(name)), thread(name) {}
  bool submit(SubmitOptions options = {}) {
    const auto taken = stream.submit(text_event(thread, next), options);
    if (taken) ++next;
    return taken.has_value();
  }
};

class Runner {
 public:
  Runner(const PeerTask& task, Board& board) : task_(task), board_(board) {}

  int run() {
    auto config = load_toml(task_.config);
    if (!config) return give_up(board_, task_.index, "config: " + config.error().front().text());
    first_ = config->roster.front().id;
    quorum_ = membership::quorum(config->roster.size());
    peer_ = start_peer(*config, task_.index, board_, [this](const Notice& n) { hear(n); });
    if (!peer_) return 1;
    board_.say_through(task_.index, Phase::start);
    for (const Phase phase : {Phase::wait, Phase::answer, Phase::paced, Phase::ingest}) {
      if (!board_.await(phase)) return 1;
      play(phase);
      board_.say_through(task_.index, phase);
    }
    board_.await(Phase::stop);
    peer_->stop();
    return board_.failed ? 1 : 0;
  }

 private:
  /// When the attestation of the first peer reached us, verified and joined.
  void hear(const Notice& notice) {
    const auto* attested = std::get_if<Attested>(&notice);
    if (attested == nullptr || attested->voter != first_ || attested->stream != waited_stream) {
      return;
    }
    const std::int64_t at = clock_us();
    auto& heard = board_.heard[task_.index];
    for (; heard_ <= attested->upto && heard_ < samples_max; ++heard_) heard[heard_] = at;
  }

  void play(Phase phase) {
    switch (phase) {
      case Phase::wait:
        return wait_for_others();
      case Phase::answer:
        return wait_for_answers();
      case Phase::paced:
        return talk();
      case Phase::ingest:
        return ingest();
      case Phase::start:
      case Phase::stop:
        return;
    }
  }

  /// The waiting caller: an event every 50 ms, each to be told at once.
  void wait_for_others() {
    if (task_.index != 0) return;
    Talker talker(*peer_, waited_stream);
    auto due = Clock::now();
    while (talker.next < task_.samples && !board_.failed) {
      board_.sent[talker.next] = clock_us();
      SubmitOptions options;
      options.attest_now = true;
      if (!talker.submit(options)) board_.failed = true;
      due += waiting_pace;
      std::this_thread::sleep_until(due);
    }
  }

  /// The same caller, who now waits until a quorum answers.
  void wait_for_answers() {
    if (task_.index != 0) return;
    Talker talker(*peer_, "answered");
    const std::size_t samples = std::max<std::size_t>(task_.samples / 4, 20);
    auto due = Clock::now();
    while (talker.next < samples && !board_.failed) {
      const std::uint64_t index = talker.next;
      const std::int64_t from = clock_us();
      if (!talker.submit()) board_.failed = true;
      const auto standing = talker.stream.wait(index, quorum_, 5s);
      if (standing && standing->agree.size() >= quorum_) {
        board_.answered[index] = clock_us() - from;
      }
      due += waiting_pace;
      std::this_thread::sleep_until(due);
    }
  }

  /// Sixteen language models at their own pace, nobody waiting.
  void talk() {
    std::vector<Talker> talkers;
    for (std::size_t i = task_.index; i < paced_streams; i += task_.peers) {
      talkers.emplace_back(*peer_, fmt::format("paced-{}", i));
    }
    const std::uint64_t before = gossip_bytes(*peer_);
    const auto until = Clock::now() + task_.paced;
    auto due = Clock::now();
    while (Clock::now() < until) {
      for (Talker& talker : talkers) board_.events[task_.index] += talker.submit() ? 1 : 0;
      due += paced_gap;
      std::this_thread::sleep_until(due);
    }
    board_.gossip_bytes[task_.index] = gossip_bytes(*peer_) - before;
  }

  /// Everybody as fast as back-pressure lets them, until a quorum has attested every event.
  void ingest() {
    if (task_.ingest == 0s) return;
    board_.events[task_.index] = 0;
    std::vector<Talker> talkers;
    for (std::size_t i = 0; i < ingest_streams; ++i) {
      talkers.emplace_back(*peer_, fmt::format("ingest-{}-{}", task_.index, i));
    }
    const std::uint64_t cpu_before = cpu_us();
    const std::int64_t from = clock_us();
    const auto until = Clock::now() + task_.ingest;
    while (Clock::now() < until) {
      for (Talker& talker : talkers) {
        if (talker.submit()) {
          ++board_.events[task_.index];
        } else {
          std::this_thread::sleep_for(1ms);
        }
      }
    }
    for (Talker& talker : talkers) {
      const auto standing = talker.stream.wait(talker.next - 1, quorum_, 60s);
      if (!standing || standing->agree.size() < quorum_) {
        give_up(board_, task_.index, fmt::format("{} was not attested by a quorum", talker.thread));
      }
    }
    board_.busy_us[task_.index] = clock_us() - from;
    board_.cpu_us[task_.index] = cpu_us() - cpu_before;
  }

  const PeerTask& task_;
  Board& board_;
  PeerId first_;
  std::size_t quorum_ = 0;
  std::uint64_t heard_ = 0;
  std::unique_ptr<DistributedValidator> peer_;
};

}  // namespace

int run_peer(const PeerTask& task, Board& board) {
  return Runner(task, board).run();
}

}  // namespace vouch::bench
