// SPDX-License-Identifier: MIT
#include "bench/heal/peer.hpp"

#include <fmt/format.h>

#include "vouch/distributed_validator.hpp"

namespace vouch::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t updates_at_once = 250;

std::uint64_t begin_of(const Hash& hash) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < sizeof out; ++i) out = out << 8 | hash.bytes[i];
  return out;
}

class Runner {
 public:
  Runner(const HealTask& task, HealBoard& board) : task_(task), board_(board) {}

  int run() {
    auto config = load_toml(task_.config);
    if (!config) return give_up("config: " + config.error().front().text());
    auto opened = DistributedValidator::open(*config);
    if (!opened) return give_up(opened.error().text());
    peer_ = std::move(*opened);
    self_ = config->roster[task_.index].id;
    peer_->subscribe([this](const Notice& notice) { hear(notice); });
    if (auto started = peer_->start(); !started) return give_up(started.error().text());
    if (!board_.await(HealPhase::meet)) return 1;
    while (!writes()) std::this_thread::sleep_for(10ms);
    board_.say_through(task_.index, HealPhase::meet);
    if (!board_.await(HealPhase::write)) return 1;
    if (!write()) return give_up("an update was not taken");
    board_.say_through(task_.index, HealPhase::write);
    if (!board_.await(HealPhase::heal)) return 1;
    show_state();
    peer_->stop();
    return board_.failed ? 1 : 0;
  }

 private:
  int give_up(const std::string& why) {
    fmt::print(stderr, "peer {}: {}\n", task_.index, why);
    board_.failed = true;
    return 1;
  }

  /// A start asks a quorum what it holds of the own log before it goes on with it.
  bool writes() const {
    const auto status = peer_->status();
    return status && status->voters_heard + 1 == task_.peers && status->records > 0;
  }

  /// Every stream is attested once, by the peer that it was submitted to.
  void hear(const Notice& notice) {
    const auto* attested = std::get_if<Attested>(&notice);
    if (attested == nullptr || attested->voter == self_) return;
    ++board_.heard[task_.index];
    board_.last_heard_us[task_.index] = clock_us();
  }

  /// Streams of one event, as many at once as a busy second brings.
  bool write() {
    for (std::size_t n = 0; n < task_.updates; ++n) {
      const std::string name = fmt::format("p{}/{}", task_.index, n);
      const auto taken = peer_->stream(name).submit(
          fmt::format(R"({{"type":"RUN_STARTED","threadId":"{}","runId":"r1"}})", name));
      if (!taken) return false;
      if (n % updates_at_once == 0) std::this_thread::sleep_for(50ms);
    }
    return true;
  }

  /// Hashing takes longer than much of what is measured: nobody begins while others still hear.
  void show_state() {
    const auto over = [this] {
      return board_.failed || board_.phase >= static_cast<std::uint32_t>(HealPhase::stop);
    };
    const std::uint64_t all = task_.updates * (task_.peers - 1);
    while (!over()) {
      std::this_thread::sleep_for(1ms);
      if (!board_.heard_by(task_.peers, all) || board_.equal(task_.peers)) continue;
      board_.state[task_.index] = begin_of(peer_->status()->state);
      ++board_.hashed;
    }
  }

  const HealTask& task_;
  HealBoard& board_;
  PeerId self_;
  std::unique_ptr<DistributedValidator> peer_;
};

}  // namespace

int run_healing_peer(const HealTask& task, HealBoard& board) {
  return Runner(task, board).run();
}

}  // namespace vouch::bench
