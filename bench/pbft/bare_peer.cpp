// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>

#include "bench/bare.hpp"
#include "bench/pbft/board.hpp"

#include "vouch/crdt/check.hpp"
#include "vouch/schemas/byte_io.hpp"

namespace vouch::bench::pbft {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t signs = 2000, writes = 200, trips = 1000;
constexpr std::size_t row_bytes = 700;      // of an open instance, about
constexpr std::size_t message_bytes = 300;  // with one vote, about

double median_us(std::size_t samples, const auto& work) {
  std::vector<double> took;
  for (std::size_t i = 0; i < samples; ++i) {
    const auto from = std::chrono::steady_clock::now();
    work(i);
    took.push_back(
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - from).count());
  }
  return median(std::move(took));
}

bool commit(Bare& bare, std::uint64_t number) {
  ByteWriter key;
  key.u64_ordered(number);
  const std::vector<Row> rows{{Table::agreement, key.take(), Bytes(row_bytes)}};
  return bare.store->commit(rows).has_value();
}

void measure_alone(Bare& bare, FloorBoard& board) {
  const Bytes statement(message_bytes);
  Signature signature;
  bool good = true;
  board.sign_us = median_us(signs, [&](std::size_t) { signature = bare.signer.sign(statement); });
  board.verify_us = median_us(signs, [&](std::size_t) {
    good = good && bare.signer.verify(bare.signer.id(), statement, signature);
  });
  board.write_ms = median_us(writes, [&](std::size_t i) { good = good && commit(bare, i); }) / 1000;
  if (!good) board.failed = true;
}

enum class Kind : std::uint8_t { hello, fetch, round };

/// What a frame is about; its signature follows, where it has one.
struct Said {
  Kind kind = Kind::hello;
  std::uint8_t exchange = 0;
  std::uint8_t round = 0;
  std::uint32_t course = 0;

  Bytes body() const {
    ByteWriter out;
    out.u8(static_cast<std::uint8_t>(kind));
    out.u8(exchange);
    out.u8(round);
    out.u32(course);
    Bytes bytes = out.take();
    bytes.resize(message_bytes);
    return bytes;
  }
  static Said from(ByteView frame) {
    ByteReader in(frame);
    return {static_cast<Kind>(in.u8()), in.u8(), in.u8(), in.u32()};
  }
};

/// The work is real and its order is that of a Round; nobody lies here, so nothing else is checked.
class BarePeer {
 public:
  BarePeer(const Task& task, const Config& config, Bare& bare, FloorBoard& board)
      : task_(task), bare_(bare), board_(board), own_(board.courses.size()) {
    for (const RosterEntry& peer : config.roster) roster_.push_back(peer.id);
  }

  /// Serves the others until `done`.
  void serve(const auto& done) {
    while (!done() && !board_.failed) {
      bare_.link->poll(5ms, incoming_);
      for (const transport::Incoming& in : incoming_) hear(in);
      incoming_.clear();
    }
  }
  void serve_until(Phase phase) {
    serve([&] { return board_.phase.load() >= static_cast<std::uint32_t>(phase); });
  }
  /// Until it is connected to all.
  void greet() {
    for (std::size_t peer = 0; peer < roster_.size(); ++peer) {
      if (peer != task_.index) round_trip(peer);
    }
  }
  void round_trip(std::size_t peer) {
    answers_ = 0;
    bool sent = false;
    serve([&] {
      if (!sent) sent = bare_.link->send(roster_[peer], Said{}.body());
      return answers_ > 0;
    });
  }
  /// One course after the other of each exchange.
  void lead() {
    VOUCH_CHECK(task_.exchanges.size() <= FloorBoard::exchanges_max);
    for (std::uint8_t exchange = 0; exchange < task_.exchanges.size(); ++exchange) {
      for (std::uint32_t number = 0; number < FloorBoard::courses_max; ++number) {
        Course& course = board_.courses[exchange][number];
        const std::size_t ends = task_.exchanges[exchange].by_all ? bare_peers : 1;
        course.from = clock_us();
        advance(exchange, number);
        serve([&] {
          return std::all_of(course.ended.begin(), course.ended.begin() + ends,
                             [](const auto& ended) { return ended != 0; });
        });
      }
    }
  }

 private:
  /// Of one course.
  struct Progress {
    std::size_t at = 0;  ///< the next round
    std::array<std::size_t, 8> heard{};
    bool fetching = false, fetched = false;
  };

  void require(bool good) {
    if (!good) board_.failed = true;
  }
  bool speaks(Round::By by, std::uint32_t course) const {
    const bool primary = course % bare_peers == task_.index;
    switch (by) {
      case Round::By::origin:
        return task_.index == 0;
      case Round::By::primary:
        return primary;
      case Round::By::others:
        return !primary;
      case Round::By::all:
        return true;
      case Round::By::nobody:
        return false;
    }
    return false;
  }
  bool comes_with_next(const Round& round, std::span<const Round> rounds,
                       std::uint32_t course) const {
    return round.by == Round::By::origin && rounds[1].by == Round::By::primary &&
           speaks(Round::By::primary, course);
  }
  /// The two after the primary hold other events.
  bool lacks(std::uint32_t course) const {
    const std::size_t behind = (task_.index + bare_peers - course % bare_peers) % bare_peers;
    return behind == 1 || behind == 2;
  }

  void hear(const transport::Incoming& in) {
    if (in.via != transport::Via::request && in.via != transport::Via::reply) return;
    const Said said = Said::from(in.bytes);
    if (in.via == transport::Via::reply) {
      ++answers_;
      if (said.kind != Kind::fetch) return;
      own_[said.exchange][said.course].fetched = true;
    } else if (said.kind != Kind::round) {
      require(bare_.link->reply(in.route, in.bytes));
      return;
    } else {
      const ByteView frame(in.bytes);
      const auto signature = Signature::from(frame.subspan(message_bytes));
      if (signature) {
        require(bare_.signer.verify(*in.from, frame.first(message_bytes), *signature));
      }
      Progress& own = own_[said.exchange][said.course];
      ++own.heard[said.round];
      own.heard[0] = std::max<std::size_t>(own.heard[0], 1);  // what follows from it tells of it
    }
    advance(said.exchange, said.course);
  }

  void advance(std::uint8_t exchange, std::uint32_t course) {
    const std::span<const Round> rounds = task_.exchanges[exchange].rounds;
    Progress& own = own_[exchange][course];
    if (own.at == rounds.size()) return;
    for (; own.at < rounds.size(); ++own.at) {
      const Round& round = rounds[own.at];
      if (own.at > 0 && own.heard[own.at - 1] < round.after) return;
      const bool speaker = speaks(round.by, course);
      if (speaker && round.fetches && lacks(course) && !own.fetched) {
        if (!own.fetching) ask_primary(exchange, course);
        own.fetching = true;
        return;
      }
      if (round.writes && (speaker || round.by == Round::By::nobody)) write();
      if (!speaker) continue;
      if (!comes_with_next(round, rounds, course))
        say(round, {Kind::round, exchange, static_cast<std::uint8_t>(own.at), course});
      ++own.heard[own.at];
    }
    board_.courses[exchange][course].ended[task_.index] = clock_us();
  }
  void ask_primary(std::uint8_t exchange, std::uint32_t course) {
    const Said question{Kind::fetch, exchange, 0, course};
    require(bare_.link->send(roster_[course % bare_peers], question.body()));
  }
  void write() { require(commit(bare_, writes_++)); }
  void say(const Round& round, const Said& said) {
    Bytes frame = said.body();
    if (round.is_signed) {
      const Signature signature = bare_.signer.sign(frame);
      frame.insert(frame.end(), signature.bytes.begin(), signature.bytes.end());
    }
    for (std::size_t peer = 0; peer < roster_.size(); ++peer) {
      if (peer != task_.index) require(bare_.link->send(roster_[peer], frame));
    }
  }

  const Task& task_;
  Bare& bare_;
  FloorBoard& board_;
  std::vector<PeerId> roster_;
  std::vector<std::array<Progress, FloorBoard::courses_max>> own_;
  std::vector<transport::Incoming> incoming_;
  std::size_t answers_ = 0;
  std::uint64_t writes_ = writes;
};

}  // namespace

int run_bare_peer(const Task& task, FloorBoard& board) {
  auto config = load_toml(task.config);
  auto bare = config ? open_bare(config->resolved()) : nullptr;
  if (!bare) {
    board.failed = true;
    return 1;
  }
  BarePeer peer(task, *config, *bare, board);
  peer.greet();
  board.say_through(task.index, Phase::start);
  peer.serve_until(Phase::one);
  if (task.index == 0) {
    measure_alone(*bare, board);
    board.round_trip_ms = median_us(trips, [&](std::size_t) { peer.round_trip(1); }) / 1000;
    peer.lead();
    board.say_through(0, Phase::one);
  }
  peer.serve_until(Phase::stop);
  return board.failed ? 1 : 0;
}

void report_machine(const FloorBoard& board, Medium medium, Figures& figures) {
  figures.add("floor.sign_us", board.sign_us, "us");
  figures.add("floor.verify_us", board.verify_us, "us");
  figures.add(medium == Medium::disk ? "floor.durable_write_ms" : "floor.memory_write_ms",
              board.write_ms, "ms");
  figures.add("floor.round_trip_ms", board.round_trip_ms, "ms");
}

double floor_ms(const Task& task, const FloorBoard& board, std::size_t exchange) {
  std::vector<double> samples;
  for (const Course& course : board.courses[exchange]) {
    std::int64_t ended = course.ended[0];
    if (task.exchanges[exchange].by_all) {
      for (const auto& one : course.ended) ended = std::max(ended, one.load());
    }
    samples.push_back(static_cast<double>(ended - course.from) / 1000);
  }
  return median(std::move(samples));
}

}  // namespace vouch::bench::pbft
