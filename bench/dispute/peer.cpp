// SPDX-License-Identifier: MIT
#include <charconv>

#include "bench/dispute/board.hpp"
#include "bench/real_peer.hpp"
#include "bench/short_run.hpp"

namespace vouch::bench::dispute {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto patience = 10s;
constexpr std::size_t callers_each = 64;
constexpr std::size_t one_in = 100;  // runs is disputed, where some are
constexpr std::int64_t notice_us = 3000;
constexpr std::uint64_t altered_index = 2;
constexpr std::string_view prefix = "dispute/";

std::string story(const std::string& thread, std::uint64_t index, bool altered) {
  std::string event = event_of_run(thread, index);
  if (altered && index == altered_index) event.replace(event.find("says"), 4, "said");
  return event;
}

class Runner {
 public:
  Runner(const Task& task, Board& board) : task_(task), board_(board) {}

  int run() {
    const auto config = load_toml(task_.config);
    if (!config) return give_up(board_, task_.index, config.error().front().text());
    peer_ = start_peer(*config, task_.index, board_, [this](const Notice& n) { hear(n); });
    if (!peer_) return 1;
    // The first decision opens what is opened lazily, and counts nowhere.
    const auto first = peer_->propose(fmt::format("warm-up/{}", task_.index), "approve", 20s);
    if (!first) return give_up(board_, task_.index, first.error().text());
    std::thread teller([this] { tell(); });
    board_.say_through(task_.index, Phase::start);
    task_.turns > 0 ? play_load() : play_alone();
    board_.await(Phase::stop);
    teller.join();
    peer_->stop();
    return board_.failed ? 1 : 0;
  }

 private:
  static std::string name_of(std::size_t number) { return fmt::format("{}{}", prefix, number); }
  Dispute* dispute_of(std::string_view stream) const {
    if (!stream.starts_with(prefix)) return nullptr;
    std::size_t number = disputes_max;
    std::from_chars(stream.data() + prefix.size(), stream.data() + stream.size(), number);
    return number < disputes_max ? &board_.disputes[number] : nullptr;
  }

  void hear(const Notice& notice) {
    if (const auto* disputed = std::get_if<Disputed>(&notice)) {
      std::int64_t nothing = 0;
      Dispute* dispute = dispute_of(disputed->stream);
      if (dispute != nullptr) dispute->seen.compare_exchange_strong(nothing, clock_us());
    } else if (const auto* certified = std::get_if<Certified>(&notice)) {
      Dispute* dispute = dispute_of(certified->name);
      if (dispute == nullptr || certified->null || certified->size <= altered_index) return;
      std::int64_t nothing = 0;
      if (dispute->certified[task_.index].compare_exchange_strong(nothing, clock_us())) {
        dispute->view = std::max(dispute->view.load(), certified->view);
      }
    }
  }

  /// The producer of disputed streams, as far as this peer hears it.
  void tell() {
    for (std::size_t next = 0; next < disputes_max;) {
      if (board_.failed || board_.phase.load() == static_cast<std::uint32_t>(Phase::stop)) return;
      const Dispute& dispute = board_.disputes[next];
      if (dispute.true_peers == 0) {
        std::this_thread::sleep_for(500us);
        continue;
      }
      std::this_thread::sleep_for(std::chrono::microseconds(dispute.told - clock_us()));
      const std::size_t place = (task_.index + peers - dispute.first) % peers;
      hand_in(name_of(next), place >= dispute.true_peers);
      ++next;
    }
  }

  /// Ends early where the other story was there first.
  void hand_in(const std::string& name, bool altered) {
    Stream stream = peer_->stream(name);
    for (std::uint64_t i = 0; i < run_events;) {
      SubmitOptions at;
      at.index = i;
      const auto taken = stream.submit(story(name, i, altered), at);
      if (taken) {
        ++i;
      } else if (taken.error().code == Errc::busy) {
        std::this_thread::sleep_for(1ms);
      } else {
        if (taken.error().code != Errc::out_of_order) {
          give_up(board_, task_.index, taken.error().text());
        }
        return;
      }
    }
  }

  /// Until `living` peers have the certificate of one more dispute; false after 10 s.
  bool settle(std::size_t true_peers, std::size_t living) {
    const std::size_t number = board_.count++;
    if (number >= disputes_max) return false;
    Dispute& dispute = board_.disputes[number];
    dispute.first = task_.index;
    dispute.told = clock_us() + notice_us;
    dispute.true_peers = true_peers;
    const auto until = Clock::now() + patience;
    const auto everywhere = [&] {
      for (std::size_t i = 0; i < living; ++i) {
        if (dispute.certified[i] == 0) return false;
      }
      return true;
    };
    while (!everywhere()) {
      if (Clock::now() > until || board_.failed) return false;
      std::this_thread::sleep_for(1ms);
    }
    return true;
  }

  /// One dispute after the other, of which the first peer is told the truth.
  void play_alone() {
    for (const Phase phase : {Phase::outvoted, Phase::split, Phase::crashed}) {
      if (!board_.await(phase)) return;
      if (phase == Phase::crashed && task_.index + 1 == peers) {
        board_.say_through(task_.index, phase);
        ::_exit(0);
      }
      const std::size_t living = phase == Phase::crashed ? peers - 1 : peers;
      const std::size_t true_peers = phase == Phase::outvoted ? 3 : 2;
      for (std::size_t n = 0; task_.index == 0 && n < task_.disputes; ++n) {
        board_.late += settle(true_peers, living) ? 0 : 1;
        std::this_thread::sleep_for(50ms);  // until who was outvoted is done with its repair
      }
      board_.say_through(task_.index, phase);
    }
  }

  void play_load() {
    if (!board_.await(Phase::load)) return;
    load_from_ = Clock::now();
    const std::uint64_t before = view_changes(*peer_);
    std::vector<std::thread> callers;
    for (std::size_t i = 0; i < callers_each; ++i) callers.emplace_back([=, this] { call(i); });
    std::this_thread::sleep_until(load_from_ + 2 * task_.time);
    board_.plain_view_changes += view_changes(*peer_) - before;
    for (std::thread& caller : callers) caller.join();
    board_.say_through(task_.index, Phase::load);
  }
  std::size_t turn() const {
    return static_cast<std::size_t>((Clock::now() - load_from_) / task_.time);
  }

  void call(std::size_t caller) {
    for (std::size_t n = 0; turn() < task_.turns && !board_.failed; ++n) {
      if (is_troubled(turn()) && asked_++ % one_in == one_in / 2) {
        count(settle(2, peers));
        continue;
      }
      const std::string name = fmt::format("run/{}/{}/{}", task_.index, caller, n);
      auto done = submit_run(*peer_, name);
      if (done) done = await_receipt(*peer_, name, patience);
      if (!done && done.error().code != Errc::timed_out) {
        give_up(board_, task_.index, done.error().text());
        return;
      }
      count(done.has_value());
    }
  }

  void count(bool certified) {
    if (!certified) {
      ++board_.late;
    } else if (const std::size_t at = turn(); at < task_.turns) {
      ++board_.runs[at];
    }
  }

  const Task& task_;
  Board& board_;
  std::atomic<std::size_t> asked_{0};
  Clock::time_point load_from_;
  std::unique_ptr<DistributedValidator> peer_;
};

}  // namespace

int run_peer(const Task& task, Board& board) {
  return Runner(task, board).run();
}

}  // namespace vouch::bench::dispute
