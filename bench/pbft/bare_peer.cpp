// SPDX-License-Identifier: MIT
#include "bench/bare.hpp"
#include "bench/figures.hpp"
#include "bench/pbft/board.hpp"

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

void measure_alone(Bare& bare, FloorBoard& board) {
  const Bytes statement(message_bytes);
  Signature signature;
  bool good = true;
  board.sign_us = median_us(signs, [&](std::size_t) { signature = bare.signer.sign(statement); });
  board.verify_us = median_us(signs, [&](std::size_t) {
    good = good && bare.signer.verify(bare.signer.id(), statement, signature);
  });
  board.write_ms =
      median_us(writes,
                [&](std::size_t i) {
                  ByteWriter key;
                  key.u64_ordered(i);
                  const std::vector<Row> rows{{Table::agreement, key.take(), Bytes(row_bytes)}};
                  good = good && bare.store->commit(rows).has_value();
                }) /
      1000;
  if (!good) board.failed = true;
}

bool answer_all(Bare& bare, std::vector<transport::Incoming>& incoming) {
  for (const auto& in : incoming) {
    if (in.via == transport::Via::request && !bare.link->reply(in.route, in.bytes)) return false;
  }
  incoming.clear();
  return true;
}

/// Asks until the other one is connected and answers.
bool round_trip(Bare& bare, const PeerId& to, std::vector<transport::Incoming>& incoming) {
  const Bytes frame(message_bytes);
  const auto until = std::chrono::steady_clock::now() + 10s;
  bool sent = bare.link->send(to, frame);
  while (incoming.empty() && std::chrono::steady_clock::now() < until) {
    bare.link->poll(20ms, incoming);
    std::erase_if(incoming, [](const auto& in) { return in.via != transport::Via::reply; });
    if (!sent) sent = bare.link->send(to, frame);
  }
  const bool answered = !incoming.empty();
  incoming.clear();
  return answered;
}

}  // namespace

int run_bare_peer(const Task& task, FloorBoard& board) {
  auto config = load_toml(task.config);
  auto bare = config ? open_bare(config->resolved()) : nullptr;
  if (!bare) {
    board.failed = true;
    return 1;
  }
  std::vector<transport::Incoming> incoming;
  if (task.index != 0) {
    while (board.phase.load() < static_cast<std::uint32_t>(Phase::stop) && !board.failed) {
      bare->link->poll(5ms, incoming);
      if (!answer_all(*bare, incoming)) board.failed = true;
    }
    return board.failed ? 1 : 0;
  }
  const PeerId other = config->roster[1].id;
  bool good = round_trip(*bare, other, incoming);
  board.round_trip_ms =
      median_us(trips, [&](std::size_t) { good = good && round_trip(*bare, other, incoming); }) /
      1000;
  measure_alone(*bare, board);
  if (!good) board.failed = true;
  board.say_through(0, Phase::one);
  board.await(Phase::stop);
  return board.failed ? 1 : 0;
}

}  // namespace vouch::bench::pbft
