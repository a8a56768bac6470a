// SPDX-License-Identifier: MIT
#include "vouch/sync/misbehaviour.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "vouch/schemas/batch_codec.hpp"
#include "vouch/sync/seal.hpp"

namespace vouch::sync {
namespace {

/// A signed batch as far as a proof shows it.
struct SignedBatch {
  BatchHeader header;
  Hash hash;
  Records records;  ///< empty where the kind needs no bodies
};
using What = std::optional<std::string>;

What session_contradiction(const SignedBatch& one, const SignedBatch& other) {
  for (const Session& a : one.records.sessions) {
    for (const Session& b : other.records.sessions) {
      if (a.session != b.session || a.nonce == b.nonce) continue;
      return fmt::format("session {} of incarnation {} has nonces {:016x} and {:016x}", a.session,
                         one.header.writer.incarnation, a.nonce, b.nonce);
    }
  }
  return std::nullopt;
}

What fork_contradiction(const SignedBatch& one, const SignedBatch& other) {
  const SignedBatch& low = one.header.first <= other.header.first ? one : other;
  const SignedBatch& high = &low == &one ? other : one;
  const bool overlap = high.header.first <= low.header.last();
  const bool breaks =
      high.header.first == low.header.last() + 1 && high.header.previous != low.hash;
  if (!overlap && !breaks) return std::nullopt;
  return fmt::format(
      "records {} to {} and {} to {} of incarnation {} {}", low.header.first, low.header.last(),
      high.header.first, high.header.last(), low.header.writer.incarnation,
      overlap ? "are signed twice, with different contents" : "do not follow on each other");
}

What attestation_contradiction(const SignedBatch& one, const SignedBatch& other) {
  // Names are sorted and distinct in each batch.
  auto b = other.records.attestations.begin();
  const auto end = other.records.attestations.end();
  for (const Attestation& a : one.records.attestations) {
    b = std::find_if(b, end, [&a](const Attestation& x) { return x.stream >= a.stream; });
    if (b == end) break;
    const bool same = a.stream == b->stream && a.height == b->height && a.upto == b->upto;
    if (!same || a.head == b->head) continue;
    return fmt::format("stream {} up to {} at height {} has heads {} and {}", a.stream, a.upto,
                       a.height, a.head.short_hex(), b->head.short_hex());
  }
  return std::nullopt;
}

struct Row {
  ProofKind kind;
  What (*contradiction)(const SignedBatch&, const SignedBatch&);
};
/// What says most comes first, then what is small.
constexpr std::array proof_rows{Row{ProofKind::session, session_contradiction},
                                Row{ProofKind::fork, fork_contradiction},
                                Row{ProofKind::attestation, attestation_contradiction}};

Result<SignedBatch> read(const ProofPart& part, const Hash& body_hash, bool bodies) {
  auto header = decode_batch_header({FrameKind::batch, part.header, part.signature, {}});
  if (!header) return tl::unexpected(header.error());
  SignedBatch out{*header, crypto::blake2b(batch_statement(part.header, body_hash)), {}};
  if (!bodies) return out;
  auto records = decode_records(part.rest);
  if (!records) return tl::unexpected(records.error());
  out.records = std::move(*records);
  return out;
}

Hash body_hash_of(const ProofPart& part, bool bodies) {
  return bodies ? crypto::blake2b(part.rest) : *Hash::from(part.rest);
}

bool comparable(const SignedBatch& one, const SignedBatch& other) {
  return one.header.cluster == other.header.cluster && one.header.writer == other.header.writer &&
         one.hash != other.hash;
}

std::optional<ProofPart> part_of(ByteView raw) {
  const auto frame = split_frame(raw);
  if (!frame || frame->kind != FrameKind::batch) return std::nullopt;
  return ProofPart{frame->header, frame->signature, frame->body};
}

}  // namespace

std::optional<Bytes> prove(ByteView frame, ByteView other_frame) {
  auto one = part_of(frame), other = part_of(other_frame);
  if (!one || !other) return std::nullopt;
  const Hash one_body = crypto::blake2b(one->rest), other_body = crypto::blake2b(other->rest);
  auto a = read(*one, one_body, true), b = read(*other, other_body, true);
  if (!a || !b) {
    // A body that nobody can read: its header says enough for a fork.
    a = read(*one, one_body, false);
    b = read(*other, other_body, false);
  }
  if (!a || !b || !comparable(*a, *b)) return std::nullopt;
  const auto row = std::ranges::find_if(
      proof_rows, [&](const Row& r) { return r.contradiction(*a, *b).has_value(); });
  if (row == proof_rows.end()) return std::nullopt;
  if (!carries_bodies(row->kind)) {
    one->rest = one_body.view();
    other->rest = other_body.view();
  }
  if (b->hash < a->hash) std::swap(one, other);
  return encode_proof(row->kind, *one, *other);
}

Result<Offence> verify_proof(ByteView bytes, const SignatureCheck& is_signed) {
  if (is_vote_proof(bytes)) return verify_vote_proof(bytes, is_signed);
  const auto proof = decode_proof(bytes);
  if (!proof) return tl::unexpected(proof.error());
  const bool bodies = carries_bodies(proof->kind);
  const Hash one_body = body_hash_of(proof->one, bodies);
  const Hash other_body = body_hash_of(proof->other, bodies);
  const auto one = read(proof->one, one_body, bodies),
             other = read(proof->other, other_body, bodies);
  if (!one) return tl::unexpected(one.error());
  if (!other) return tl::unexpected(other.error());
  // In one order only: a pair of batches has one proof of a kind.
  if (!comparable(*one, *other) || other->hash < one->hash) {
    return fail(Errc::malformed, "the two batches are not of one writer, or in the wrong order");
  }
  const auto row = std::ranges::find(proof_rows, proof->kind, &Row::kind);
  const What what = row == proof_rows.end() ? std::nullopt : row->contradiction(*one, *other);
  if (!what) return fail(Errc::malformed, "the two batches do not contradict each other");
  const Writer& writer = one->header.writer;
  for (const auto& [part, body] :
       {std::pair(&proof->one, &one_body), std::pair(&proof->other, &other_body)}) {
    if (!is_signed(writer.peer, batch_statement(part->header, *body), part->signature)) {
      return fail(Errc::bad_signature, "a batch in the proof is not signed by its writer");
    }
  }
  return Offence{one->header.cluster, writer, proof->kind, *what};
}

}  // namespace vouch::sync
