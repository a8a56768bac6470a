// Making and checking proofs of misbehaviour. What counts as a contradiction of batches is one
// table in misbehaviour.cpp: a kind, and a function of two batches; of votes it is one rule, in
// misbehaviour_votes.cpp. Invariant: two batches that an honest writer signs, or two statements,
// never contradict each other, also when its log was lost and it goes on under its next incarnation
// (docs/decisions/0019, 0029). Absent: what a proof does to the state (lib/state/state.hpp).
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "vouch/schemas/proof.hpp"

namespace vouch::sync {

/// Who did what, read from a proof that holds.
struct Offence {
  ClusterId cluster;
  Writer writer;
  ProofKind kind = ProofKind::fork;
  std::string what;  ///< for people; contains names that the offender chose
};

using SignatureCheck = std::function<bool(const PeerId&, ByteView, const Signature&)>;

/// What two batches of one writer prove against it; nothing when they agree, are of different
/// writers or clusters, or are no batches. Signatures are not looked at. The same two give the same
/// bytes in either order.
std::optional<Bytes> prove(ByteView frame, ByteView other);

/// What two statements of one voter prove against it, by the same rules.
std::optional<Bytes> prove(const ClusterId& cluster, const SignedStatement& one,
                           const SignedStatement& other);

/// The offence, if these bytes prove one. Takes any bytes. Two signature checks.
/// Errors: malformed, too_large, bad_signature.
Result<Offence> verify_proof(ByteView bytes, const SignatureCheck& is_signed);
/// The same of a proof of two votes alone.
Result<Offence> verify_vote_proof(ByteView bytes, const SignatureCheck& is_signed);

}  // namespace vouch::sync
