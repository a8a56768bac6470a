// Splitting and joining. The assembler's bounds hold after every call whatever a sender does.
// SPDX-License-Identifier: MIT
#include "vouch/transport/parts.hpp"

#include <algorithm>

#include "vouch/crdt/check.hpp"
#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/envelope.hpp"

namespace vouch::transport {
namespace {

static_assert(wire_version < 16);
constexpr std::uint8_t kind_whole = wire_version << 4U | 1U;
constexpr std::uint8_t kind_part = wire_version << 4U | 2U;

std::optional<Bytes> nothing_yet() {
  return std::nullopt;
}

}  // namespace

std::vector<Bytes> PartSplitter::split(Bytes message) {
  std::vector<Bytes> parts;
  if (message.size() <= limits::part_bytes) {
    message.push_back(kind_whole);
    parts.push_back(std::move(message));
    return parts;
  }
  const std::size_t count = (message.size() + limits::part_bytes - 1) / limits::part_bytes;
  VOUCH_CHECK(count <= UINT16_MAX);
  parts.reserve(count);
  for (std::size_t index = 0; index < count; ++index) {
    const std::size_t from = index * limits::part_bytes;
    const std::size_t size = std::min(limits::part_bytes, message.size() - from);
    Bytes buffer;
    buffer.reserve(size + part_trailer_bytes);
    ByteWriter out(std::move(buffer));
    out.raw(ByteView(message).subspan(from, size));
    out.u32(next_);
    out.u16(static_cast<std::uint16_t>(index));
    out.u16(static_cast<std::uint16_t>(count));
    out.u8(kind_part);
    parts.push_back(out.take());
  }
  ++next_;
  return parts;
}

PartAssembler::PartAssembler(std::size_t sender_bytes_max)
    : sender_bytes_max_(sender_bytes_max),
      total_bytes_max_(std::max(sender_bytes_max, total_bytes_max)) {}

Result<void> PartAssembler::check(const Trailer& trailer, std::size_t bytes) const {
  if (trailer.count < 2 || trailer.index >= trailer.count) {
    return fail(Errc::malformed, "part number");
  }
  // All parts but the last are full: small ones would cost us more to keep than their sender to
  // send.
  const bool last = trailer.index + 1 == trailer.count;
  if (bytes == 0 || bytes > limits::part_bytes || (!last && bytes != limits::part_bytes)) {
    return fail(Errc::malformed, "part length");
  }
  const std::size_t least = (trailer.count - std::size_t{1}) * limits::part_bytes;
  if (least >= sender_bytes_max_ || (last && least + bytes > sender_bytes_max_)) {
    return fail(Errc::too_large, "message of " + std::to_string(trailer.count) + " parts");
  }
  return {};
}

void PartAssembler::drop_oldest(Sender& sender) {
  const std::size_t bytes = sender.messages.front().bytes;
  sender.messages.erase(sender.messages.begin());
  sender.bytes -= bytes;
  held_bytes_ -= bytes;
  ++dropped_;
}

void PartAssembler::forget_quietest(const Sender* except) {
  auto quietest = senders_.end();
  for (auto it = senders_.begin(); it != senders_.end(); ++it) {
    if (&it->second == except) continue;
    if (quietest == senders_.end() || it->second.touched < quietest->second.touched) quietest = it;
  }
  if (quietest == senders_.end()) return;
  dropped_ += quietest->second.messages.size();
  held_bytes_ -= quietest->second.bytes;
  senders_.erase(quietest);
}

PartAssembler::Senders::iterator PartAssembler::sender_of(std::string_view name) {
  auto found = senders_.find(name);
  if (found == senders_.end()) {
    if (senders_.size() >= senders_max) forget_quietest(nullptr);
    found = senders_.emplace(std::string(name), Sender{}).first;
  }
  found->second.touched = ++steps_;
  return found;
}

PartAssembler::Unfinished& PartAssembler::message_of(Sender& sender, const Trailer& trailer) {
  const auto same = [&trailer](const Unfinished& message) {
    return message.number == trailer.number;
  };
  const auto found = std::find_if(sender.messages.begin(), sender.messages.end(), same);
  if (found != sender.messages.end()) return *found;
  if (sender.messages.size() >= messages_max) drop_oldest(sender);
  sender.messages.push_back({trailer.number, trailer.count, {}, 0});
  return sender.messages.back();
}

void PartAssembler::trim(Sender& sender) {
  while (sender.bytes > sender_bytes_max_) drop_oldest(sender);
  while (held_bytes_ > total_bytes_max_) forget_quietest(&sender);
}

Bytes PartAssembler::finish(Senders::iterator sender, std::uint32_t number) {
  auto& messages = sender->second.messages;
  const auto done = std::find_if(messages.begin(), messages.end(), [number](const auto& message) {
    return message.number == number;
  });
  Bytes whole;
  whole.reserve(done->bytes);
  for (const auto& [index, piece] : done->parts) {
    whole.insert(whole.end(), piece.begin(), piece.end());
  }
  sender->second.bytes -= done->bytes;
  held_bytes_ -= done->bytes;
  messages.erase(done);
  if (messages.empty()) senders_.erase(sender);
  return whole;
}

Result<std::optional<Bytes>> PartAssembler::add(std::string_view name, Bytes part) {
  const std::uint8_t kind = part.empty() ? 0 : part.back();
  if (kind == kind_whole && part.size() - whole_trailer_bytes <= limits::part_bytes) {
    part.pop_back();
    return std::optional<Bytes>(std::move(part));
  }
  if (kind != kind_part || part.size() < part_trailer_bytes) {
    return fail(Errc::malformed, "part kind");
  }
  const std::size_t size = part.size() - part_trailer_bytes;
  ByteReader in(ByteView(part).subspan(size));
  const Trailer trailer{in.u32(), in.u16(), in.u16()};
  if (auto checked = check(trailer, size); !checked) return tl::unexpected(checked.error());
  const auto sender = sender_of(name);
  Unfinished& message = message_of(sender->second, trailer);
  if (message.count != trailer.count) return fail(Errc::malformed, "part count");
  if (message.parts.contains(trailer.index)) return nothing_yet();
  part.resize(size);
  message.parts.emplace(trailer.index, std::move(part));
  message.bytes += size;
  sender->second.bytes += size;
  held_bytes_ += size;
  if (message.parts.size() == message.count) {
    return std::optional<Bytes>(finish(sender, trailer.number));
  }
  trim(sender->second);
  return nothing_yet();
}

}  // namespace vouch::transport
