// Proofs of misbehaviour as bytes: two signed batches of one writer, or two signed statements of
// one voter, that nobody honest signs both of. Self-contained: who checks one needs these bytes and
// nothing else; the checking is in lib/sync/misbehaviour.hpp. Layout, the same on the wire, in the
// store and in files:
//   version, kind of frame (3), kind of proof | twice: header 106, signature 64, rest
//   version, kind of frame (3), kind of proof | cluster 16, voter 32,
//     twice: statement, path, signature 64 (see votes.hpp)
// The rest is the body, or, where headers alone contradict each other, the BLAKE2b of the body.
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string_view>

#include "vouch/schemas/envelope.hpp"
#include "vouch/schemas/limits.hpp"
#include "vouch/schemas/votes.hpp"

namespace vouch {

enum class ProofKind : std::uint8_t {
  fork = 1,         ///< two histories: one number twice, or a successor that does not follow
  session = 2,      ///< two nonces for one session: a data folder runs twice
  attestation = 3,  ///< two heads for one (stream, height, upto)
  vote = 4,         ///< two statements of one phase for one (subject, height, view)
};

inline constexpr std::array proof_kinds{ProofKind::fork, ProofKind::session, ProofKind::attestation,
                                        ProofKind::vote};

/// Lower-case name, for people and JSON; "unknown" for a number that names no kind.
std::string_view name_of(ProofKind kind);
/// What its offender did, as in "it ..."; "" for a number that names no kind.
std::string_view deed_of(ProofKind kind);
/// The contradiction lies in the records, so that the whole batches are needed.
bool carries_bodies(ProofKind kind);

inline constexpr std::size_t proof_bytes_max = 3 + 2 * limits::frame_bytes_max;
inline constexpr std::size_t vote_proof_bytes_max = 1024;

/// One of the two batches: views into the proof.
struct ProofPart {
  ByteView header;
  Signature signature;
  ByteView rest;  ///< see carries_bodies
};
struct ProofView {
  ProofKind kind;
  ProofPart one, other;
};

/// The frame says of itself that it is a proof.
bool is_proof(ByteView frame);
Bytes encode_proof(ProofKind kind, const ProofPart& one, const ProofPart& other);
/// Of two batches. Lengths, version and kinds are checked, nothing else. Errors: malformed,
/// too_large.
Result<ProofView> decode_proof(ByteView bytes);

/// Two statements of one voter, each with its path and signature: 350 to 1,003 bytes.
struct VoteProof {
  ClusterId cluster;
  SignedStatement one, other;  ///< with the same voter
};
/// The kind that a frame of a proof names is ProofKind::vote.
bool is_vote_proof(ByteView proof);
Bytes encode_vote_proof(const VoteProof& proof);
/// Form, version and kind are checked, nothing else. Errors: malformed, too_large.
Result<VoteProof> decode_vote_proof(ByteView bytes);

}  // namespace vouch
