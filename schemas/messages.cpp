// SPDX-License-Identifier: MIT
#include "vouch/schemas/messages.hpp"

#include <algorithm>
#include <optional>

#include "message_generated.h"
#include <flatbuffers/flatbuffers.h>

#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/limits.hpp"
#include "vouch/schemas/message_columns.hpp"

namespace vouch {
namespace {

using Builder = flatbuffers::FlatBufferBuilder;
using Offset = flatbuffers::Offset<void>;

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
    const auto marks = builder.CreateVector(pack_marks(m.marks));
    return wire::CreatePull(builder, m.salt, marks, m.own).Union();
  }
  Offset operator()(const Pulled& m) const {
    const auto batches = builder.CreateVector(pack_list(m.batches));
    return wire::CreatePulled(builder, batches, m.incarnation, m.more, m.behind, m.self_behind)
        .Union();
  }
  Offset operator()(const Push& m) const {
    const auto stream = builder.CreateString(m.stream);
    const auto events = builder.CreateVector(pack_list(m.events));
    const auto signature = builder.CreateVector(m.signature.bytes.data(), m.signature.bytes.size());
    ByteWriter path;
    write_path(path, m.path);
    return wire::CreatePush(builder, stream, m.first, events, m.closes, signature, m.attest,
                            builder.CreateVector(path.bytes()))
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
  Offset operator()(const AskLeaves& m) const {
    return wire::CreateAskLeaves(builder, m.salt, builder.CreateVector(pack_ends(m.read))).Union();
  }
  Offset operator()(const Leaves& m) const {
    const wire::Digest digest = wire_digest(m.frontier);
    const auto sums = builder.CreateVector(m.sums);
    return wire::CreateLeaves(builder, &digest, sums, builder.CreateVector(m.lacks)).Union();
  }
  Offset operator()(const AskCells& m) const {
    const auto leaves = builder.CreateVector(m.leaves);
    return wire::CreateAskCells(builder, leaves, builder.CreateVector(pack_ends(m.read))).Union();
  }
  Offset operator()(const Cells& m) const {
    const wire::Digest digest = wire_digest(m.frontier);
    const auto leaves = builder.CreateVector(m.leaves);
    const auto cells = builder.CreateVector(pack_cells(m.cells));
    const auto lacks = builder.CreateVector(m.lacks);
    return wire::CreateCells(builder, &digest, leaves, cells, lacks).Union();
  }
  Offset operator()(const AskEnds& m) const {
    return wire::CreateAskEnds(builder, builder.CreateVector(pack_writer(m.after)), m.epoch)
        .Union();
  }
  Offset operator()(const Ends& m) const {
    const auto rosters = builder.CreateVector(pack_list(m.rosters));
    const auto batches = builder.CreateVector(pack_list(m.batches));
    const auto upto = builder.CreateVector(pack_writer(m.upto));
    return wire::CreateEnds(builder, rosters, batches, upto).Union();
  }
  Offset operator()(const AskReleased& m) const {
    const ByteView id = m.after ? m.after->view() : ByteView{};
    const auto after = builder.CreateVector(id.data(), id.size());
    return wire::CreateAskReleased(builder, after, builder.CreateVector(pack_ends(m.read))).Union();
  }
  Offset operator()(const ReleasedSubjects& m) const {
    const auto streams = builder.CreateVector(pack_streams(m.streams));
    const auto lacks = builder.CreateVector(m.lacks);
    const auto proposals = builder.CreateVector(pack_subjects(m.proposals));
    return wire::CreateReleasedSubjects(builder, streams, m.more, lacks, proposals).Union();
  }
  Offset operator()(const AskValue& m) const {
    const ByteView id = m.proposal.view();
    return wire::CreateAskValue(builder, builder.CreateVector(id.data(), id.size())).Union();
  }
  Offset operator()(const ProposalValue& m) const {
    const auto certificate = builder.CreateVector(m.certificate);
    return wire::CreateProposalValue(builder, certificate, builder.CreateVector(m.value)).Union();
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
    const auto stream = builder.CreateString(m.stream);
    return wire::CreateDump(builder, stream, builder.CreateVector(pack_list(m.parts))).Union();
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
    if (!m.state) return wire::CreateEvents(builder, stream, m.first, events).Union();
    const auto state = builder.CreateVector(m.state->bytes);
    const auto certificate = builder.CreateVector(m.state->certificate);
    return wire::CreateEvents(builder, stream, m.first, events, m.state->size, state, certificate)
        .Union();
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

  MessageBody read(const wire::Pull& m) {
    return Pull{m.salt(), packed(m.marks(), unpack_marks), m.own()};
  }
  MessageBody read(const wire::Pulled& m) {
    return Pulled{packed(m.batches(), unpack_list<Bytes>), m.incarnation(), m.more(), m.behind(),
                  m.self_behind()};
  }
  MessageBody read(const wire::Push& m) {
    const auto signature = Signature::from(view_of(m.signature()));
    auto path = packed(m.path(), [](ByteReader& in) { return read_path(in); });
    if (!signature || path.slate) ok = false;
    return Push{stream(m.stream()), m.first(),       packed(m.events(), unpack_list<std::string>),
                m.closes(),         std::move(path), signature.value_or(Signature{}),
                m.attest()};
  }
  MessageBody read(const wire::Pushed& m) {
    return Pushed{stream(m.stream()), m.next(), m.conflict()};
  }
  MessageBody read(const wire::Agree& m) { return Agree{to_bytes(view_of(m.words()))}; }
  MessageBody read(const wire::Check& m) { return Check{digest_of(*m.frontier())}; }
  /// Rising numbers below `end`, so many at most.
  std::vector<std::uint16_t> rising(const flatbuffers::Vector<std::uint16_t>* numbers,
                                    std::size_t end, std::size_t most) {
    std::vector<std::uint16_t> out;
    if (numbers == nullptr || numbers->size() > most) {
      ok = false;
      return out;
    }
    out.assign(numbers->begin(), numbers->end());
    const bool rises = std::ranges::adjacent_find(out, std::greater_equal<>()) == out.end();
    if (!rises || (!out.empty() && out.back() >= end)) ok = false;
    return out;
  }
  std::vector<std::uint16_t> leaves(const flatbuffers::Vector<std::uint16_t>* numbers) {
    return rising(numbers, limits::state_leaves, limits::asked_leaves_max);
  }
  std::vector<std::uint16_t> lacks(const flatbuffers::Vector<std::uint16_t>* numbers) {
    return rising(numbers, limits::log_ends_max, limits::log_ends_max);
  }
  /// May be absent.
  std::vector<LogEnd> ends(const flatbuffers::Vector<std::uint8_t>* bytes) {
    if (bytes == nullptr) return {};
    auto out = packed(bytes, unpack_ends);
    if (out.size() > limits::log_ends_max) ok = false;
    return out;
  }
  MessageBody read(const wire::AskLeaves& m) { return AskLeaves{m.salt(), ends(m.read())}; }
  MessageBody read(const wire::Leaves& m) {
    Leaves leaves{digest_of(*m.frontier()), {}, lacks(m.lacks())};
    if (m.sums() == nullptr || m.sums()->size() != limits::state_leaves) {
      ok = false;
    } else {
      leaves.sums.assign(m.sums()->begin(), m.sums()->end());
    }
    return leaves;
  }
  MessageBody read(const wire::AskCells& m) { return AskCells{leaves(m.leaves()), ends(m.read())}; }
  /// Empty when there is none.
  std::optional<Writer> writer(const flatbuffers::Vector<std::uint8_t>* bytes) {
    if (view_of(bytes).empty()) return std::nullopt;
    return packed(bytes, [](ByteReader& in) {
      const auto peer = in.fixed<PeerId>();
      return Writer{peer, in.u32()};
    });
  }
  MessageBody read(const wire::AskEnds& m) { return AskEnds{writer(m.after()), m.epoch()}; }
  MessageBody read(const wire::Ends& m) {
    return Ends{packed(m.rosters(), unpack_list<Bytes>), packed(m.batches(), unpack_list<Bytes>),
                writer(m.upto())};
  }
  MessageBody read(const wire::AskReleased& m) {
    const ByteView after = view_of(m.after());
    AskReleased ask{SubjectId::from(after), ends(m.read())};
    if (!ask.after && !after.empty()) ok = false;
    return ask;
  }
  MessageBody read(const wire::ReleasedSubjects& m) {
    ReleasedSubjects told{packed(m.streams(), unpack_streams), m.more(), lacks(m.lacks()),
                          packed(m.proposals(), unpack_subjects)};
    for (const auto& stream : told.streams) {
      if (stream.name.empty() || stream.name.size() > limits::stream_name_bytes_max) ok = false;
    }
    return told;
  }
  MessageBody read(const wire::AskValue& m) {
    const auto proposal = SubjectId::from(view_of(m.proposal()));
    if (!proposal) ok = false;
    return AskValue{proposal.value_or(SubjectId{})};
  }
  MessageBody read(const wire::ProposalValue& m) {
    return ProposalValue{to_bytes(view_of(m.certificate())), to_bytes(view_of(m.value()))};
  }
  MessageBody read(const wire::Cells& m) {
    return Cells{digest_of(*m.frontier()), leaves(m.leaves()), packed(m.cells(), unpack_cells),
                 lacks(m.lacks())};
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
  MessageBody read(const wire::Dump& m) {
    Dump dump{name(m.stream())};
    if (m.parts() != nullptr) dump.parts = packed(m.parts(), unpack_list<std::string>);
    return dump;
  }
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
    Events out{stream(m.stream()), m.first(), packed(m.events(), unpack_list<std::string>)};
    if (m.state_size() == 0) return out;
    out.state = EventsState{m.state_size(), to_bytes(view_of(m.state())),
                            to_bytes(view_of(m.certificate()))};
    if (!out.events.empty() || out.state->size <= out.first) ok = false;
    return out;
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
      case wire::Body::AskEnds:
        return read(*message.body_as_AskEnds());
      case wire::Body::Ends:
        return read(*message.body_as_Ends());
      case wire::Body::AskReleased:
        return read(*message.body_as_AskReleased());
      case wire::Body::ReleasedSubjects:
        return read(*message.body_as_ReleasedSubjects());
      case wire::Body::AskValue:
        return read(*message.body_as_AskValue());
      case wire::Body::ProposalValue:
        return read(*message.body_as_ProposalValue());
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
