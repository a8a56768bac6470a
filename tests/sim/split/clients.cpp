// SPDX-License-Identifier: MIT
#include "tests/sim/split/clients.hpp"

#include <algorithm>

#include "tests/sim/hash.hpp"
#include <fmt/format.h>

namespace vouch::sim {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t wrong_in = 40;  ///< one event of text in so many is wrong
constexpr std::uint64_t shortest_text = 5;

}  // namespace

SplitStream draw_split(std::uint64_t seed, std::size_t number, std::size_t peers) {
  transport::SplitMix64 random((seed ^ 0x5917) + (number << 32));
  const auto any_of = [&random](int least, int most) {
    return milliseconds(
        least + static_cast<int>(random.below(static_cast<std::uint64_t>(most - least + 1))));
  };
  SplitStream out;
  out.seed = seed;
  out.name = fmt::format("s{}{}", number, split_mark);
  for (std::size_t i = 0; i < peers; ++i) out.peers.push_back(i);
  for (std::size_t i = peers; i > 1; --i) std::swap(out.peers[i - 1], out.peers[random.below(i)]);
  const std::size_t clients = random.below(3) == 0 ? 3 : 2;
  out.peers.resize(std::min(clients, peers));
  const bool alike = random.below(3) != 0;
  const std::uint64_t common = 2 + random.below(12);
  for (std::size_t i = 0; i < out.peers.size(); ++i) {
    const std::uint64_t own = 2 + random.below(12);
    out.run_lengths.push_back(alike ? common : own);
  }
  out.named = !alike || common < shortest_text || random.below(2) == 0;
  out.length = 8 + random.below(56);
  if (random.below(3) != 0) out.fork = random.below(out.length);
  out.closes = random.below(3) != 0;
  out.together = random.below(2) == 0;
  out.begin = any_of(500, 12'000);
  out.every = any_of(20, 400);
  out.stroke = 1 + random.below(8);
  return out;
}

std::string event_of(const SplitStream& stream, std::size_t client, std::uint64_t index) {
  const std::size_t by = index < stream.fork ? 0 : client;
  const std::uint64_t length = stream.run_lengths[by];
  const std::uint64_t place = index % length;
  const char mark = stream.named ? static_cast<char>('a' + by) : 'r';
  const std::string run = fmt::format("{}{}", mark, index / length);
  if (place == 0 || place + 1 == length) {
    return fmt::format(R"({{"type":"{}","threadId":"{}","runId":"{}"}})",
                       place == 0 ? "RUN_STARTED" : "RUN_FINISHED", stream.name, run);
  }
  const std::uint64_t dice = quick_hash(as_bytes(stream.name), stream.seed + index * 4 + by);
  if (length < shortest_text) {
    return fmt::format(R"({{"type":"CUSTOM","name":"mark","value":{}}})", dice % 1000);
  }
  if (place == 1) {
    return fmt::format(R"({{"type":"TEXT_MESSAGE_START","messageId":"m{}","role":"assistant"}})",
                       run);
  }
  if (place + 2 == length) {
    return fmt::format(R"({{"type":"TEXT_MESSAGE_END","messageId":"m{}"}})", run);
  }
  if (dice % wrong_in == 0) return R"({"type":"TOOL_CALL_ARGS","toolCallId":"none","delta":"x"})";
  return fmt::format(R"({{"type":"TEXT_MESSAGE_CONTENT","messageId":"m{}","delta":"{}"}})", run,
                     dice);
}

SplitClients::SplitClients(World& world, std::size_t streams) : world_(world) {
  for (std::size_t i = 0; i < streams; ++i) {
    streams_.push_back(draw_split(world.settings().seed, i, world.size()));
  }
}

void SplitClients::start() {
  for (const SplitStream& stream : streams_) {
    for (std::size_t client = 0; client < stream.peers.size(); ++client) {
      const auto count = static_cast<std::int64_t>(stream.peers.size());
      const VirtualTime later = stream.every * static_cast<std::int64_t>(client) / count;
      repeat(stream, client,
             world_.now() + stream.begin + (stream.together ? VirtualTime{} : later));
    }
  }
}

void SplitClients::repeat(const SplitStream& stream, std::size_t client, VirtualTime at) {
  world_.at(at, [this, &stream, client] {
    visit(stream, client);
    repeat(stream, client, world_.now() + stream.every);
  });
}

void SplitClients::visit(const SplitStream& stream, std::size_t client) {
  if (over_ && !stream.closes) return;
  world_.visit(stream.peers[client], [&](SimPeer& peer) { submit(stream, client, peer); });
}

void SplitClients::submit(const SplitStream& stream, std::size_t client, SimPeer& peer) {
  for (std::uint64_t i = 0; i < stream.stroke; ++i) {
    const auto [next, closed] = peer.lanes().position(stream.name);
    if (closed) return;
    if (next >= stream.length) {
      if (stream.closes) (void)peer.lanes().close(stream.name);
      return;
    }
    const std::string event = event_of(stream, client, next);
    world_.ledger().splits().submitted(stream.name, event);
    (void)peer.lanes().submit(stream.name, event, next, false);
  }
}

}  // namespace vouch::sim
