// SPDX-License-Identifier: MIT
#include "vouch/schemas/proof.hpp"

#include <algorithm>
#include <array>

#include "vouch/schemas/byte_io.hpp"

namespace vouch {
namespace {

struct Row {
  ProofKind kind;
  std::string_view name;
  bool bodies;
};
constexpr std::array rows{Row{ProofKind::fork, "fork", false},
                          Row{ProofKind::session, "session", true},
                          Row{ProofKind::attestation, "attestation", true}};

const Row* find(ProofKind kind) {
  const auto row = std::ranges::find(rows, kind, &Row::kind);
  return row == rows.end() ? nullptr : &*row;
}

void write_part(ByteWriter& out, const ProofPart& part) {
  out.raw(part.header);
  out.raw(part.signature.view());
  out.raw(part.rest);
}

ProofPart read_part(ByteReader& in, bool bodies) {
  ProofPart part;
  part.header = in.raw(batch_header_bytes);
  part.signature = in.fixed<Signature>();
  if (!in.ok()) return part;
  ByteReader start(part.header), length(part.header.last(4));
  const bool batch =
      start.u8() == wire_version && start.u8() == static_cast<std::uint8_t>(FrameKind::batch);
  const std::size_t body_bytes = length.u32();
  const std::size_t frame_bytes = batch_header_bytes + Signature::size + body_bytes;
  if (!batch || frame_bytes > limits::frame_bytes_max) in.spoil();
  part.rest = in.raw(bodies ? body_bytes : Hash::size);
  return part;
}

}  // namespace

std::string_view name_of(ProofKind kind) {
  const Row* row = find(kind);
  return row == nullptr ? "unknown" : row->name;
}

bool carries_bodies(ProofKind kind) {
  const Row* row = find(kind);
  return row != nullptr && row->bodies;
}

bool is_proof(ByteView frame) {
  return frame.size() > 1 && frame[1] == static_cast<std::uint8_t>(FrameKind::proof);
}

Bytes encode_proof(ProofKind kind, const ProofPart& one, const ProofPart& other) {
  ByteWriter out;
  out.u8(wire_version);
  out.u8(static_cast<std::uint8_t>(FrameKind::proof));
  out.u8(static_cast<std::uint8_t>(kind));
  write_part(out, one);
  write_part(out, other);
  return out.take();
}

Result<ProofView> decode_proof(ByteView bytes) {
  if (bytes.size() > proof_bytes_max) return fail(Errc::too_large, "proof");
  ByteReader in(bytes);
  const std::uint8_t version = in.u8();
  if (version != wire_version || !is_proof(bytes)) return fail(Errc::malformed, "not a proof");
  in.u8();
  ProofView proof{static_cast<ProofKind>(in.u8()), {}, {}};
  if (find(proof.kind) == nullptr) return fail(Errc::malformed, "unknown kind of proof");
  const bool bodies = carries_bodies(proof.kind);
  proof.one = read_part(in, bodies);
  if (in.ok()) proof.other = read_part(in, bodies);
  if (!in.done()) return fail(Errc::malformed, "a proof of another length");
  return proof;
}

}  // namespace vouch
