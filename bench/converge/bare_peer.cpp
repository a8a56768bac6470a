// The floor: the same processes, sockets, signatures and durable writes, and nothing else.
// SPDX-License-Identifier: MIT
#include "bench/bare.hpp"
#include "bench/converge/peer.hpp"
#include <fmt/format.h>

#include "vouch/config.hpp"
#include "vouch/schemas/byte_io.hpp"

namespace vouch::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto pace = 10ms;
constexpr std::size_t body_bytes = 120;  // of a batch with one attestation, about

Bytes frame_of(Bare& bare, std::uint64_t number) {
  ByteWriter body;
  body.u64(number);
  body.raw(Bytes(body_bytes));
  ByteWriter frame;
  frame.raw(bare.signer.sign(crypto::blake2b(body.bytes()).view()).view());
  frame.raw(body.bytes());
  return frame.take();
}

/// Number of a frame of `from` with a good signature; nothing otherwise.
std::optional<std::uint64_t> verified(Bare& bare, const PeerId& from, ByteView frame) {
  ByteReader in(frame);
  const auto signature = in.fixed<Signature>();
  const ByteView body = in.rest();
  if (!bare.signer.verify(from, crypto::blake2b(body).view(), signature)) return std::nullopt;
  return ByteReader(body).u64();
}

void listen(Bare& bare, const PeerTask& task, const PeerId& first, Board& board) {
  std::vector<transport::Incoming> incoming;
  while (board.phase.load() < static_cast<std::uint32_t>(Phase::stop) && !board.failed) {
    bare.link->poll(5ms, incoming);
    for (const transport::Incoming& in : incoming) {
      const auto number = verified(bare, first, in.bytes);
      if (!number || *number >= samples_max) continue;
      board.heard[task.index][*number] = clock_us();
    }
    incoming.clear();
  }
}

/// Says number 0 until all hear it, then one frame after the other.
void tell(Bare& bare, const PeerTask& task, Board& board) {
  std::vector<transport::Incoming> nothing;
  const auto all_heard = [&](std::size_t number) {
    for (std::size_t i = 1; i < task.peers; ++i) {
      if (board.heard[i][number] == 0) return false;
    }
    return true;
  };
  const auto until = Clock::now() + 20s;
  while (!all_heard(0) && Clock::now() < until) {
    bare.link->publish(frame_of(bare, 0));
    bare.link->poll(20ms, nothing);
  }
  if (!all_heard(0)) board.failed = true;
  auto due = Clock::now();
  for (std::size_t number = 1; number < task.samples && !board.failed; ++number) {
    board.sent[number] = clock_us();
    const Bytes frame = frame_of(bare, number);
    ByteWriter key;
    key.u64_ordered(number);
    const std::vector<Row> rows{{Table::batches, key.take(), frame}};
    if (!bare.store->commit(rows)) board.failed = true;
    bare.link->publish(frame);
    due += pace;
    while (Clock::now() < due) bare.link->poll(1ms, nothing);
  }
}

}  // namespace

int run_bare_peer(const PeerTask& task, Board& board) {
  auto config = load_toml(task.config);
  auto bare = config ? open_bare(config->resolved()) : nullptr;
  if (!bare) {
    fmt::print(stderr, "peer {}: cannot open bare sockets\n", task.index);
    board.failed = true;
    return 1;
  }
  const PeerId first = config->roster.front().id;
  if (task.index == 0) {
    tell(*bare, task, board);
    board.say_through(0, Phase::wait);
    board.await(Phase::stop);
  } else {
    listen(*bare, task, first, board);
  }
  return board.failed ? 1 : 0;
}

}  // namespace vouch::bench
