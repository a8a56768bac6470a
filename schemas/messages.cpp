// SPDX-License-Identifier: MIT
#include "vouch/schemas/messages.hpp"

#include <algorithm>
#include <optional>

#include "message_generated.h"
#include <flatbuffers/flatbuffers.h>

#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/limits.hpp"

namespace vouch {
namespace {

using Builder = flatbuffers::FlatBufferBuilder;
using Offset = flatbuffers::Offset<void>;

template <class List>
Bytes pack_list(const List& items) {
  ByteWriter out;
  out.leb(items.size());
  for (const auto& item : items) {
    if constexpr (std::is_same_v<typename List::value_type, std::string>) {
      out.text(item);
    } else {
      out.sized(item);
    }
  }
  return out.take();
}

template <class Item>
std::vector<Item> unpack_list(ByteReader& in) {
  std::vector<Item> items(in.count(1));
  for (Item& item : items) {
    const ByteView bytes = in.sized();
    item.assign(bytes.begin(), bytes.end());
  }
  return items;
}

Bytes pack_digests(const std::vector<Hash>& digests) {
  ByteWriter out;
  out.leb(digests.size());
  for (const Hash& digest : digests) out.raw(digest.view());
  return out.take();
}

std::vector<Hash> unpack_digests(ByteReader& in) {
  std::vector<Hash> digests(in.count(Hash::size));
  for (Hash& digest : digests) digest = in.fixed<Hash>();
  return digests;
}

Bytes pack_marks(const std::vector<Mark>& marks) {
  ByteWriter out;
  out.leb(marks.size());
  for (const Mark& mark : marks) {
    out.u32(mark.writer);
    out.leb(mark.last);
    out.u32(mark.chain);
  }
  return out.take();
}

std::vector<Mark> unpack_marks(ByteReader& in) {
  std::vector<Mark> marks(in.count(9));
  for (Mark& mark : marks) {
    mark.writer = in.u32();
    mark.last = in.leb();
    mark.chain = in.u32();
  }
  return marks;
}

Bytes pack_cells(const std::vector<Cells::Cell>& cells) {
  ByteWriter out;
  out.leb(cells.size());
  for (const auto& [key, row] : cells) {
    out.sized(key);
    out.sized(row);
  }
  return out.take();
}

std::vector<Cells::Cell> unpack_cells(ByteReader& in) {
  std::vector<Cells::Cell> cells(in.count(2));
  for (auto& [key, row] : cells) {
    key = to_bytes(in.sized());
    row = to_bytes(in.sized());
  }
  return cells;
}

wire::Digest wire_digest(const FrontierDigest& digest) {
  return wire::Digest(flatbuffers::span<const std::uint8_t, FrontierDigest::size>(
      digest.bytes.data(), FrontierDigest::size));
}

FrontierDigest digest_of(const wire::Digest& digest) {
  FrontierDigest out;
  std::copy(digest.bytes()->begin(), digest.bytes()->end(), out.bytes.begin());
  return out;
}

/// Writes each body; the order of the overloads is the order of the union.
struct BodyWriter {
  Builder& builder;

  Offset operator()(const Pull& m) const {
    return wire::CreatePull(builder, m.salt, builder.CreateVector(pack_marks(m.marks))).Union();
  }
  Offset operator()(const Pulled& m) const {
    const auto batches = builder.CreateVector(pack_list(m.batches));
    return wire::CreatePulled(builder, batches, m.incarnation, m.more).Union();
  }
  Offset operator()(const Push& m) const {
    const auto stream = builder.CreateString(m.stream);
    const auto events = builder.CreateVector(pack_list(m.events));
    const auto signature = builder.CreateVector(m.signature.bytes.data(), m.signature.bytes.size());
    return wire::CreatePush(builder, stream, m.first, events, m.closes, signature, m.attest)
        .Union();
  }
  Offset operator()(const Pushed& m) const {
    return wire::CreatePushed(builder, builder.CreateString(m.stream), m.next, m.conflict).Union();
  }
  Offset operator()(const Agree& m) const {
    return wire::CreateAgree(builder, builder.CreateVector(m.words)).Union();
  }
  Offset operator()(const Check& m) const {
    const wire::Digest digest = wire_digest(m.frontier);
    return wire::CreateCheck(builder, &digest).Union();
  }
  Offset operator()(const AskLeaves&) const { return wire::CreateAskLeaves(builder).Union(); }
  Offset operator()(const Leaves& m) const {
    const wire::Digest digest = wire_digest(m.frontier);
    return wire::CreateLeaves(builder, &digest, builder.CreateVector(m.sums)).Union();
  }
  Offset operator()(const AskCells& m) const {
    return wire::CreateAskCells(builder, builder.CreateVector(m.leaves)).Union();
  }
  Offset operator()(const Cells& m) const {
    const wire::Digest digest = wire_digest(m.frontier);
    const auto leaves = builder.CreateVector(m.leaves);
    const auto cells = builder.CreateVector(pack_cells(m.cells));
    return wire::CreateCells(builder, &digest, leaves, cells).Union();
  }
  Offset operator()(const Open& m) const {
    return wire::CreateOpen(builder, builder.CreateString(m.stream)).Union();
  }
  Offset operator()(const Opened& m) const {
    return wire::CreateOpened(builder, m.next, m.closed).Union();
  }
  Offset operator()(const Submit& m) const {
    const auto stream = builder.CreateString(m.stream);
    const auto events = builder.CreateVector(pack_list(m.events));
    return wire::CreateSubmit(builder, stream, m.first.value_or(0), m.first.has_value(), events,
                              m.closes)
        .Union();
  }
  Offset operator()(const Verdicts& m) const {
    return wire::CreateVerdicts(builder, builder.CreateVector(pack_list(m.verdicts)), m.next)
        .Union();
  }
  Offset operator()(const Dump& m) const {
    return wire::CreateDump(builder, builder.CreateString(m.stream)).Union();
  }
  Offset operator()(const Dumped& m) const {
    return wire::CreateDumped(builder, builder.CreateString(m.json)).Union();
  }
  Offset operator()(const Refused& m) const {
    const auto detail = builder.CreateString(m.detail);
    return wire::CreateRefused(builder, static_cast<std::uint8_t>(m.code), detail).Union();
  }
  Offset operator()(const ChangeRoster& m) const {
    return wire::CreateChangeRoster(builder, builder.CreateVector(m.roster)).Union();
  }
  Offset operator()(const AskEvents& m) const {
    const auto stream = builder.CreateString(m.stream);
    const auto digests = builder.CreateVector(pack_digests(m.digests));
    return wire::CreateAskEvents(builder, stream, m.first, m.upto, digests).Union();
  }
  Offset operator()(const Events& m) const {
    const auto stream = builder.CreateString(m.stream);
    const auto events = builder.CreateVector(pack_list(m.events));
    return wire::CreateEvents(builder, stream, m.first, events).Union();
  }
};

ByteView view_of(const flatbuffers::Vector<std::uint8_t>* bytes) {
  return bytes == nullptr ? ByteView{} : ByteView(bytes->data(), bytes->size());
}

std::string text_of(const flatbuffers::String* text) {
  return text == nullptr ? "" : text->str();
}

/// Reads each body; a packed column that does not fit its form turns `ok` false.
struct BodyReader {
  const wire::Message& message;
  bool ok = true;

  template <class Parse>
  auto packed(const flatbuffers::Vector<std::uint8_t>* bytes, Parse parse) {
    ByteReader in(view_of(bytes));
    auto out = parse(in);
    if (!in.done()) ok = false;
    return out;
  }
  /// Of a stream; may be empty.
  std::string name(const flatbuffers::String* text) {
    std::string out = text_of(text);
    if (out.size() > limits::stream_name_bytes_max) ok = false;
    return out;
  }
  std::string stream(const flatbuffers::String* text) {
    std::string out = name(text);
    if (out.empty()) ok = false;
    return out;
  }

  MessageBody read(const wire::Pull& m) { return Pull{m.salt(), packed(m.marks(), unpack_marks)}; }
  MessageBody read(const wire::Pulled& m) {
    return Pulled{packed(m.batches(), unpack_list<Bytes>), m.incarnation(), m.more()};
  }
  MessageBody read(const wire::Push& m) {
    const auto signature = Signature::from(view_of(m.signature()));
    if (!signature) ok = false;
    return Push{stream(m.stream()),
                m.first(),
                packed(m.events(), unpack_list<std::string>),
                m.closes(),
                signature.value_or(Signature{}),
                m.attest()};
  }
  MessageBody read(const wire::Pushed& m) {
    return Pushed{stream(m.stream()), m.next(), m.conflict()};
  }
  MessageBody read(const wire::Agree& m) { return Agree{to_bytes(view_of(m.words()))}; }
  MessageBody read(const wire::Check& m) { return Check{digest_of(*m.frontier())}; }
  /// Rising numbers of leaves.
  std::vector<std::uint16_t> leaves(const flatbuffers::Vector<std::uint16_t>* numbers) {
    std::vector<std::uint16_t> out;
    if (numbers == nullptr || numbers->size() > limits::asked_leaves_max) {
      ok = false;
      return out;
    }
    out.assign(numbers->begin(), numbers->end());
    const bool rising = std::ranges::adjacent_find(out, std::greater_equal<>()) == out.end();
    if (!rising || (!out.empty() && out.back() >= limits::state_leaves)) ok = false;
    return out;
  }
  MessageBody read(const wire::AskLeaves&) { return AskLeaves{}; }
  MessageBody read(const wire::Leaves& m) {
    Leaves leaves{digest_of(*m.frontier()), {}};
    if (m.sums() == nullptr || m.sums()->size() != limits::state_leaves) {
      ok = false;
    } else {
      leaves.sums.assign(m.sums()->begin(), m.sums()->end());
    }
    return leaves;
  }
  MessageBody read(const wire::AskCells& m) { return AskCells{leaves(m.leaves())}; }
  MessageBody read(const wire::Cells& m) {
    return Cells{digest_of(*m.frontier()), leaves(m.leaves()), packed(m.cells(), unpack_cells)};
  }
  MessageBody read(const wire::Open& m) { return Open{stream(m.stream())}; }
  MessageBody read(const wire::Opened& m) { return Opened{m.next(), m.closed()}; }
  MessageBody read(const wire::Submit& m) {
    std::optional<std::uint64_t> first;
    if (m.indexed()) first = m.first();
    return Submit{stream(m.stream()), first, packed(m.events(), unpack_list<std::string>),
                  m.closes()};
  }
  MessageBody read(const wire::Verdicts& m) {
    return Verdicts{packed(m.verdicts(), unpack_list<Bytes>), m.next()};
  }
  MessageBody read(const wire::Dump& m) { return Dump{name(m.stream())}; }
  MessageBody read(const wire::Dumped& m) { return Dumped{text_of(m.json())}; }
  MessageBody read(const wire::Refused& m) {
    if (m.code() > static_cast<std::uint8_t>(Errc::storage_full)) ok = false;
    return Refused{static_cast<Errc>(m.code()), text_of(m.detail())};
  }
  MessageBody read(const wire::ChangeRoster& m) {
    ChangeRoster change{to_bytes(view_of(m.roster()))};
    if (change.roster.size() > limits::roster_bytes_max) ok = false;
    return change;
  }
  MessageBody read(const wire::AskEvents& m) {
    AskEvents ask{stream(m.stream()), m.first(), m.upto(), packed(m.digests(), unpack_digests)};
    const std::size_t known = ask.digests.size();
    if (ask.first >= ask.upto || known > limits::segment_entries_max) ok = false;
    if (known != 0 && known != ask.upto - ask.first) ok = false;
    return ask;
  }
  MessageBody read(const wire::Events& m) {
    return Events{stream(m.stream()), m.first(), packed(m.events(), unpack_list<std::string>)};
  }

  MessageBody read() {
    switch (message.body_type()) {
      case wire::Body::Pull:
        return read(*message.body_as_Pull());
      case wire::Body::Pulled:
        return read(*message.body_as_Pulled());
      case wire::Body::Push:
        return read(*message.body_as_Push());
      case wire::Body::Pushed:
        return read(*message.body_as_Pushed());
      case wire::Body::Agree:
        return read(*message.body_as_Agree());
      case wire::Body::Open:
        return read(*message.body_as_Open());
      case wire::Body::Opened:
        return read(*message.body_as_Opened());
      case wire::Body::Submit:
        return read(*message.body_as_Submit());
      case wire::Body::Verdicts:
        return read(*message.body_as_Verdicts());
      case wire::Body::Dump:
        return read(*message.body_as_Dump());
      case wire::Body::Dumped:
        return read(*message.body_as_Dumped());
      case wire::Body::Refused:
        return read(*message.body_as_Refused());
      case wire::Body::AskEvents:
        return read(*message.body_as_AskEvents());
      case wire::Body::Events:
        return read(*message.body_as_Events());
      case wire::Body::Check:
        return read(*message.body_as_Check());
      case wire::Body::ChangeRoster:
        return read(*message.body_as_ChangeRoster());
      case wire::Body::AskLeaves:
        return read(*message.body_as_AskLeaves());
      case wire::Body::Leaves:
        return read(*message.body_as_Leaves());
      case wire::Body::AskCells:
        return read(*message.body_as_AskCells());
      case wire::Body::Cells:
        return read(*message.body_as_Cells());
      case wire::Body::NONE:
        break;
    }
    ok = false;
    return Dump{};
  }
};

wire::Body tag_of(const MessageBody& body) {
  return static_cast<wire::Body>(body.index() + 1);
}

}  // namespace

void write_frontier(ByteWriter& out, const FrontierMap& frontier) {
  out.leb(frontier.size());
  for (const auto& [writer, entry] : frontier) {
    out.raw(writer.peer.view());
    out.leb(writer.incarnation);
    out.leb(entry.last);
    out.raw(entry.chain.view());
  }
}

Bytes encode_message(const Message& message) {
  Builder builder(1024);
  const Offset body = std::visit(BodyWriter{builder}, message.body);
  builder.Finish(wire::CreateMessage(builder, message.id, tag_of(message.body), body));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

Result<Message> decode_message(ByteView bytes) {
  const Bytes aligned = to_bytes(bytes);
  flatbuffers::Verifier verifier(aligned.data(), aligned.size(), limits::flatbuffer_depth_max,
                                 limits::flatbuffer_tables_max);
  if (!wire::VerifyMessageBuffer(verifier)) return fail(Errc::malformed, "no message");
  const wire::Message* message = wire::GetMessage(aligned.data());
  if (message->body() == nullptr) return fail(Errc::malformed, "message without body");
  BodyReader reader{*message};
  Message out{message->id(), reader.read()};
  if (!reader.ok) return fail(Errc::malformed, "message columns do not fit their form");
  return out;
}

}  // namespace vouch
