// SPDX-License-Identifier: MIT
#include "vouch/schemas/proof.hpp"

#include <algorithm>

#include "vouch/schemas/byte_io.hpp"

namespace vouch {
namespace {

struct Row {
  ProofKind kind;
  std::string_view name, deed;
  bool bodies;
};
constexpr std::array rows{
    Row{ProofKind::fork, "fork", "signed two histories", false},
    Row{ProofKind::session, "session", "opened one session twice", true},
    Row{ProofKind::attestation, "attestation", "attested two heads of one point", true},
    Row{ProofKind::vote, "vote", "said two things in one phase of a view", false}};

const Row* find(ProofKind kind) {
  const auto row = std::ranges::find(rows, kind, &Row::kind);
  return row == rows.end() ? nullptr : &*row;
}

void write_part(ByteWriter& out, const ProofPart& part) {
  out.raw(part.header);
  out.raw(part.signature.view());
  out.raw(part.rest);
}

ByteWriter begin(ProofKind kind) {
  ByteWriter out;
  out.u8(wire_version);
  out.u8(static_cast<std::uint8_t>(FrameKind::proof));
  out.u8(static_cast<std::uint8_t>(kind));
  return out;
}

void write_vote(ByteWriter& out, const SignedStatement& vote) {
  write_statement(out, vote.statement);
  write_path(out, vote.path);
  out.raw(vote.signature.view());
}

SignedStatement read_vote(ByteReader& in, const PeerId& voter) {
  SignedStatement vote;
  vote.voter = voter;
  vote.statement = read_statement(in);
  vote.path = read_path(in);
  vote.signature = in.fixed<Signature>();
  return vote;
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

std::string_view deed_of(ProofKind kind) {
  const Row* row = find(kind);
  return row == nullptr ? "" : row->deed;
}

bool carries_bodies(ProofKind kind) {
  const Row* row = find(kind);
  return row != nullptr && row->bodies;
}

bool is_proof(ByteView frame) {
  return frame.size() > 1 && frame[1] == static_cast<std::uint8_t>(FrameKind::proof);
}

Bytes encode_proof(ProofKind kind, const ProofPart& one, const ProofPart& other) {
  ByteWriter out = begin(kind);
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
  if (find(proof.kind) == nullptr || proof.kind == ProofKind::vote) {
    return fail(Errc::malformed, "unknown kind of proof");
  }
  const bool bodies = carries_bodies(proof.kind);
  proof.one = read_part(in, bodies);
  if (in.ok()) proof.other = read_part(in, bodies);
  if (!in.done()) return fail(Errc::malformed, "a proof of another length");
  return proof;
}

bool is_vote_proof(ByteView proof) {
  return is_proof(proof) && proof.size() > 2 &&
         proof[2] == static_cast<std::uint8_t>(ProofKind::vote);
}

Bytes encode_vote_proof(const VoteProof& proof) {
  ByteWriter out = begin(ProofKind::vote);
  out.raw(proof.cluster.view());
  out.raw(proof.one.voter.view());
  write_vote(out, proof.one);
  write_vote(out, proof.other);
  return out.take();
}

Result<VoteProof> decode_vote_proof(ByteView bytes) {
  if (bytes.size() > vote_proof_bytes_max) return fail(Errc::too_large, "proof");
  ByteReader in(bytes);
  if (in.u8() != wire_version || !is_vote_proof(bytes)) {
    return fail(Errc::malformed, "not a proof of two votes");
  }
  in.raw(2);
  VoteProof proof;
  proof.cluster = in.fixed<ClusterId>();
  const auto voter = in.fixed<PeerId>();
  proof.one = read_vote(in, voter);
  proof.other = read_vote(in, voter);
  if (!in.done()) return fail(Errc::malformed, "a proof of two votes of another form");
  return proof;
}

}  // namespace vouch
