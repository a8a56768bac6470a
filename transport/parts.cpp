// SPDX-License-Identifier: MIT
#include "vouch/transport/parts.hpp"

#include <algorithm>

#include "vouch/crdt/check.hpp"
#include "vouch/schemas/byte_io.hpp"

namespace vouch::transport {
namespace {

constexpr std::uint8_t part_version = 1;

struct Header {
  std::uint32_t message;
  std::uint16_t index, count;
};

}  // namespace

std::vector<Bytes> PartSplitter::split(ByteView message) {
  const std::size_t count = std::max<std::size_t>(1, (message.size() + limits::part_bytes - 1) / limits::part_bytes);
  VOUCH_CHECK(count <= UINT16_MAX);
  std::vector<Bytes> parts;
  for (std::size_t index = 0; index < count; ++index) {
    const std::size_t from = index * limits::part_bytes;
    ByteWriter out;
    out.u8(part_version);
    out.u32(next_);
    out.u16(static_cast<std::uint16_t>(index));
    out.u16(static_cast<std::uint16_t>(count));
    out.raw(message.subspan(from, std::min(limits::part_bytes, message.size() - from)));
    parts.push_back(out.take());
  }
  ++next_;
  return parts;
}

PartAssembler::Sender& PartAssembler::sender_of(const std::string& name) {
  if (!senders_.contains(name) && senders_.size() >= senders_max) {
    const auto oldest = std::min_element(senders_.begin(), senders_.end(), [](auto& a, auto& b) {
      return a.second.touched < b.second.touched;
    });
    dropped_ += oldest->second.messages.size();
    senders_.erase(oldest);
  }
  Sender& sender = senders_[name];
  sender.touched = ++clock_;
  return sender;
}

void PartAssembler::make_room(Sender& sender, std::size_t bytes) {
  while (!sender.messages.empty() && sender.bytes + bytes > unfinished_bytes_max_) {
    sender.bytes -= sender.messages.begin()->second.bytes;
    sender.messages.erase(sender.messages.begin());
    ++dropped_;
  }
}

Result<std::optional<Bytes>> PartAssembler::add(const std::string& name, ByteView part) {
  ByteReader in(part);
  const std::uint8_t version = in.u8();
  const Header header{in.u32(), in.u16(), in.u16()};
  const ByteView bytes = in.rest();
  if (!in.ok() || version != part_version || header.index >= header.count ||
      bytes.size() > limits::part_bytes) {
    return fail(Errc::malformed, "part header");
  }
  if (header.count == 1) return std::optional<Bytes>(to_bytes(bytes));
  // All parts but the last are full: anything else is a sender that wants us to reserve for nothing.
  const bool full = bytes.size() == limits::part_bytes;
  if (bytes.empty() || (header.index + 1 < header.count && !full)) {
    return fail(Errc::malformed, "part length");
  }
  Sender& sender = sender_of(name);
  if (!sender.messages.contains(header.message)) make_room(sender, bytes.size());
  Unfinished& message = sender.messages[header.message];
  if (message.parts.empty()) message.count = header.count;
  if (message.count != header.count) return fail(Errc::malformed, "part count");
  if (!message.parts.emplace(header.index, to_bytes(bytes)).second) return std::optional<Bytes>{};
  message.bytes += bytes.size();
  sender.bytes += bytes.size();
  if (message.parts.size() == message.count) {
    Bytes whole;
    whole.reserve(message.bytes);
    for (const auto& [index, piece] : message.parts) whole.insert(whole.end(), piece.begin(), piece.end());
    sender.bytes -= message.bytes;
    sender.messages.erase(header.message);
    return std::optional<Bytes>(std::move(whole));
  }
  if (sender.bytes > unfinished_bytes_max_) make_room(sender, 0);
  return std::optional<Bytes>{};
}

}  // namespace vouch::transport
