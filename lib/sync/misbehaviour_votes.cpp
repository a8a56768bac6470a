// The one rule of contradicting votes: a voter says one thing in each phase of a view.
// SPDX-License-Identifier: MIT
#include <tuple>

#include <fmt/format.h>

#include "vouch/base/bundle.hpp"
#include "vouch/sync/misbehaviour.hpp"

namespace vouch::sync {
namespace {

/// What a voter may fill once. Its epoch is among it: votes under another roster decide nothing
/// here, and an incarnation that was given up is not held against the next one.
auto place_of(const Statement& s) {
  return std::tie(s.phase, s.subject, s.height, s.view, s.epoch, s.incarnation);
}

bool contradict(const SignedStatement& one, const SignedStatement& other) {
  // A proposal is no vote: its proposer may forget it.
  return one.voter == other.voter && one.statement.phase != Phase::propose &&
         place_of(one.statement) == place_of(other.statement) && one.statement != other.statement;
}

std::string text_of(const std::optional<Value>& value) {
  if (!value) return "nothing";
  return fmt::format("{} entries with head {}", value->size, value->head.short_hex());
}

std::string text_of(const Statement& s) {
  std::string out = text_of(s.value);
  if (s.lock) out += fmt::format(", locked in view {} on {}", s.lock->view, text_of(s.lock->value));
  if (s.basis != Hash{}) out += fmt::format(", from view-changes {}", s.basis.short_hex());
  return out;
}

std::string text_of(const VoteProof& proof) {
  const Statement& s = proof.one.statement;
  return fmt::format(
      "{} in view {} of height {} of subject {}, as incarnation {}: for {}, and for {}",
      name_of(s.phase), s.view, s.height, s.subject.short_hex(), s.incarnation, text_of(s),
      text_of(proof.other.statement));
}

}  // namespace

std::optional<Bytes> prove(const ClusterId& cluster, const SignedStatement& one,
                           const SignedStatement& other) {
  if (!contradict(one, other)) return std::nullopt;
  const bool rising = one.statement < other.statement;
  return encode_vote_proof({cluster, rising ? one : other, rising ? other : one});
}

Result<Offence> verify_vote_proof(ByteView bytes, const SignatureCheck& is_signed) {
  const auto proof = decode_vote_proof(bytes);
  if (!proof) return tl::unexpected(proof.error());
  // In one order only: a pair of votes has one proof.
  if (!contradict(proof->one, proof->other) || proof->other.statement < proof->one.statement) {
    return fail(Errc::malformed,
                "the two votes do not contradict each other, or are in the wrong "
                "order");
  }
  for (const SignedStatement* vote : {&proof->one, &proof->other}) {
    const Hash root = bundle_root(proof->cluster, vote->statement, vote->path);
    if (!is_signed(vote->voter, bundle_statement(root), vote->signature)) {
      return fail(Errc::bad_signature, "a vote in the proof is not signed by its voter");
    }
  }
  const Writer writer{proof->one.voter, proof->one.statement.incarnation};
  return Offence{proof->cluster, writer, ProofKind::vote, text_of(*proof)};
}

}  // namespace vouch::sync
