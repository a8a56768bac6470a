// Whatever the number of threads and lanes, and in whatever order events arrive inside the window,
// verdicts and heads are those of a stream that was fed in order.
// SPDX-License-Identifier: MIT
#include <mutex>
#include <random>
#include <thread>

#include "tests/validator/corpus.hpp"
#include <gtest/gtest.h>

#include "vouch/driver/lanes.hpp"

namespace vouch::driver::order_test {
namespace {

using ingest::Answer;
using validator::StreamValidator;
using validator::Verdict;
using Units = std::vector<std::string>;

struct Judged {
  std::vector<Verdict> verdicts;
  Hash head;        ///< of all events
  Verdict closing;  ///< of the close mark
  Hash last;        ///< with it
};

std::string name_of(std::size_t stream) {
  return "stream-" + std::to_string(stream);
}

Judged in_order(const Units& units, std::size_t stream) {
  StreamValidator v({.rules = {}, .stream = name_of(stream)});
  Judged out;
  for (const std::string& unit : units) out.verdicts.push_back(v.feed(unit));
  out.head = v.chain().head();
  out.closing = v.close();
  out.last = v.chain().head();
  return out;
}

/// 0 to size - 1 in an order in which nothing comes `window` places too early.
std::vector<std::size_t> shuffled(std::size_t size, std::size_t window, std::mt19937& random) {
  std::vector<std::size_t> open, out;
  for (std::size_t next = 0; out.size() < size;) {
    while (next < size && open.size() < window &&
           next < (open.empty() ? next : open.front()) + window) {
      open.push_back(next++);
    }
    const std::size_t at = random() % open.size();
    out.push_back(open[at]);
    open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
  }
  return out;
}

struct Event {
  std::size_t stream, index;
};

/// The events of all streams, each stream shuffled, dealt to threads at random.
std::vector<std::vector<Event>> deal(const std::vector<Units>& streams, std::size_t threads,
                                     std::size_t window, std::mt19937& random) {
  std::vector<std::vector<Event>> hands(threads);
  std::vector<std::vector<std::size_t>> orders;
  for (const Units& units : streams) orders.push_back(shuffled(units.size(), window, random));
  // Stream by stream in short turns, so that the streams are interleaved.
  for (bool more = true; more;) {
    more = false;
    for (std::size_t s = 0; s < orders.size(); ++s) {
      const std::size_t turn = std::min<std::size_t>(orders[s].size(), 1 + random() % 5);
      for (std::size_t i = 0; i < turn; ++i) {
        hands[random() % threads].push_back({s, orders[s][i]});
      }
      orders[s].erase(orders[s].begin(), orders[s].begin() + static_cast<std::ptrdiff_t>(turn));
      more |= !orders[s].empty();
    }
  }
  return hands;
}

class Round {
 public:
  Round(const std::vector<Units>& streams, std::size_t lanes, std::size_t window)
      : streams_(streams),
        lanes_(lanes, {}, {.window_events_max = window}, 1U << 30, [] {}),
        verdicts_(streams.size()) {
    for (std::size_t s = 0; s < streams.size(); ++s) verdicts_[s].resize(streams[s].size());
  }

  /// On the caller's thread. What is too early, because another thread is behind, waits its turn.
  void play(std::vector<Event> hand) {
    while (!hand.empty()) {
      std::vector<Event> early;
      for (const Event& event : hand) {
        if (!submit(event)) early.push_back(event);
      }
      if (early.size() == hand.size()) std::this_thread::yield();
      hand = std::move(early);
    }
  }

  void check(std::size_t stream, const Judged& expected) {
    for (std::size_t i = 0; i < expected.verdicts.size(); ++i) {
      ASSERT_TRUE(verdicts_[stream][i]) << name_of(stream) << ' ' << i;
      ASSERT_EQ(*verdicts_[stream][i], expected.verdicts[i]) << name_of(stream) << ' ' << i;
    }
    ASSERT_EQ(lanes_.tip(name_of(stream))->head, expected.head);
    ASSERT_EQ(lanes_.close(name_of(stream)).value(), expected.closing);
    ASSERT_EQ(lanes_.tip(name_of(stream))->head, expected.last);
  }

 private:
  bool submit(const Event& event) {
    const std::string& unit = streams_[event.stream][event.index];
    const auto answer = lanes_.submit(name_of(event.stream), unit, event.index, false);
    if (!answer) {
      EXPECT_EQ(answer.error().code, Errc::out_of_order) << answer.error().text();
      return false;
    }
    EXPECT_NE(answer->answer, Answer::duplicate);
    {
      const std::lock_guard lock(mutex_);
      for (const Verdict& verdict : answer->verdicts) {
        auto& place = verdicts_[event.stream].at(static_cast<std::size_t>(verdict.index));
        EXPECT_FALSE(place) << "judged twice";
        place = verdict;
      }
    }
    const auto again = lanes_.submit(name_of(event.stream), unit, event.index, false);
    EXPECT_TRUE(again && again->answer == Answer::duplicate);
    return true;
  }

  const std::vector<Units>& streams_;
  Lanes lanes_;
  std::mutex mutex_;
  std::vector<std::vector<std::optional<Verdict>>> verdicts_;
};

TEST(Order, NeitherThreadsNorArrivalInsideTheWindowShowInVerdictsAndHeads) {
  const std::vector<Units> streams = validator::all_streams();
  std::vector<Judged> expected;
  for (std::size_t s = 0; s < streams.size(); ++s) expected.push_back(in_order(streams[s], s));
  std::uint32_t seed = 1;
  for (const std::size_t threads : {1, 2, 3, 8}) {
    for (const std::size_t window : {2, 16, 256}) {
      SCOPED_TRACE("threads " + std::to_string(threads) + " window " + std::to_string(window));
      std::mt19937 random(seed++);
      Round round(streams, 1 + seed % 4, window);
      auto hands = deal(streams, threads, window, random);
      std::vector<std::thread> workers;
      for (auto& hand : hands) workers.emplace_back([&] { round.play(std::move(hand)); });
      for (std::thread& worker : workers) worker.join();
      for (std::size_t s = 0; s < streams.size(); ++s) round.check(s, expected[s]);
    }
  }
}

}  // namespace
}  // namespace vouch::driver::order_test
