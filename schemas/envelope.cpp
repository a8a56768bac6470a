// SPDX-License-Identifier: MIT
#include "vouch/schemas/envelope.hpp"

#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/limits.hpp"

namespace vouch {
namespace {

constexpr std::size_t heartbeat_header_bytes = 1 + 1 + 16 + 32 + 4 + 4;

void write_start(ByteWriter& out, FrameKind kind, const ClusterId& cluster, const Writer& writer) {
  out.u8(wire_version);
  out.u8(static_cast<std::uint8_t>(kind));
  out.raw(cluster.view());
  out.raw(writer.peer.view());
  out.u32(writer.incarnation);
}

Writer read_writer(ByteReader& in) {
  Writer writer;
  writer.peer = in.fixed<PeerId>();
  writer.incarnation = in.u32();
  return writer;
}

}  // namespace

Result<FrameView> split_frame(ByteView frame) {
  if (frame.size() > limits::frame_bytes_max) return fail(Errc::too_large, "frame");
  ByteReader start(frame);
  const std::uint8_t version = start.u8();
  const std::uint8_t kind = start.u8();
  if (!start.ok() || version != wire_version) return fail(Errc::malformed, "frame version");
  std::size_t header_bytes = 0;
  if (kind == static_cast<std::uint8_t>(FrameKind::batch)) header_bytes = batch_header_bytes;
  if (kind == static_cast<std::uint8_t>(FrameKind::heartbeat))
    header_bytes = heartbeat_header_bytes;
  if (header_bytes == 0) return fail(Errc::malformed, "frame kind");
  ByteReader in(frame);
  FrameView view{static_cast<FrameKind>(kind), in.raw(header_bytes), in.fixed<Signature>(),
                 in.rest()};
  if (!in.ok()) return fail(Errc::malformed, "frame is cut short");
  ByteReader length(view.header.last(4));
  if (length.u32() != view.body.size()) return fail(Errc::malformed, "frame length");
  return view;
}

Bytes encode_header(const BatchHeader& header, std::size_t body_bytes) {
  ByteWriter out;
  write_start(out, FrameKind::batch, header.cluster, header.writer);
  out.u64(header.first);
  out.u32(header.count);
  out.raw(header.previous.view());
  out.u32(header.epoch);
  out.u32(static_cast<std::uint32_t>(body_bytes));
  return out.take();
}

Result<BatchHeader> decode_batch_header(const FrameView& frame) {
  ByteReader in(frame.header.subspan(2));
  BatchHeader header;
  header.cluster = in.fixed<ClusterId>();
  header.writer = read_writer(in);
  header.first = in.u64();
  header.count = in.u32();
  header.previous = in.fixed<Hash>();
  header.epoch = in.u32();
  if (header.writer.incarnation == 0 || header.first == 0 || header.count == 0 ||
      header.count > limits::frame_bytes_max || header.first > UINT64_MAX - header.count) {
    return fail(Errc::malformed, "batch numbers");
  }
  return header;
}

HeartbeatParts encode_heartbeat(const Heartbeat& h) {
  ByteWriter body;
  body.leb(h.session);
  body.leb(h.number);
  body.leb(h.last);
  body.raw(h.frontier.view());
  body.raw(h.state.view());
  for (const std::uint64_t figure : {h.events, h.streams, h.backlog_bytes, h.dropped})
    body.leb(figure);
  body.leb(h.epoch);
  body.leb(h.read.size());
  for (const ReadMark& mark : h.read) {
    body.leb(mark.incarnation);
    body.leb(mark.last);
  }
  ByteWriter header;
  write_start(header, FrameKind::heartbeat, h.cluster, h.writer);
  header.u32(static_cast<std::uint32_t>(body.size()));
  return {header.take(), body.take()};
}

Result<Heartbeat> decode_heartbeat(const FrameView& frame) {
  ByteReader header(frame.header.subspan(2));
  Heartbeat h;
  h.cluster = header.fixed<ClusterId>();
  h.writer = read_writer(header);
  ByteReader body(frame.body);
  h.session = body.leb();
  h.number = body.leb();
  h.last = body.leb();
  h.frontier = body.fixed<FrontierDigest>();
  h.state = body.fixed<StateDigest>();
  for (std::uint64_t* figure : {&h.events, &h.streams, &h.backlog_bytes, &h.dropped}) {
    *figure = body.leb();
  }
  const auto u32 = [&body] {
    const std::uint64_t value = body.leb();
    if (value > UINT32_MAX) body.spoil();
    return static_cast<std::uint32_t>(value);
  };
  h.epoch = u32();
  h.read.resize(body.count(2));
  if (h.read.size() > limits::voters_max) return fail(Errc::malformed, "heartbeat body");
  for (ReadMark& mark : h.read) mark = {u32(), body.leb()};
  if (!body.done()) return fail(Errc::malformed, "heartbeat body");
  return h;
}

Bytes join_frame(ByteView header, const Signature& signature, ByteView body) {
  ByteWriter out;
  out.raw(header);
  out.raw(signature.view());
  out.raw(body);
  return out.take();
}

}  // namespace vouch
