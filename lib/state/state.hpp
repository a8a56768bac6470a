// The replicated state of a peer: a product of maps of small lattices, joined field by field. Only
// hard records live here: they must converge, and the state hash covers them. Soft figures travel
// in heartbeats and are never joined. Invariant: of a peer that is proven to misbehave the proof is
// all there is (docs/decisions/0019): it is the top of each of its cells.
// SPDX-License-Identifier: MIT
#pragma once

#include <compare>
#include <functional>
#include <span>
#include <vector>

#include "vouch/crdt/g_map.hpp"
#include "vouch/crdt/max.hpp"
#include "vouch/crdt/top_claims.hpp"
#include "vouch/schemas/records.hpp"

namespace vouch::state {

/// Where a record stands in its writer's log: the signed batch that contains it is the evidence.
struct Evidence {
  std::uint32_t incarnation = 0;
  std::uint64_t number = 0;
  auto operator<=>(const Evidence&) const = default;
};

/// A claimed value and where it was signed. Honest writers never give one claim two values.
template <class Value>
struct Claim {
  crdt::Least<Value> value;
  crdt::Least<Evidence> evidence;

  void join(const Claim& other) {
    value.join(other.value);
    evidence.join(other.evidence);
  }
  bool leq(const Claim& other) const {
    return value.leq(other.value) && evidence.leq(other.evidence);
  }
  Claim delta_of(const Claim& local) const {
    return {value.delta_of(local.value), evidence.delta_of(local.evidence)};
  }
  bool operator==(const Claim&) const = default;
};

/// How far an attestation reaches: certificates first, then entries.
struct Reach {
  std::uint32_t height = 0;
  std::uint64_t upto = 0;
  auto operator<=>(const Reach&) const = default;
};

/// One voter's word on one stream; two heads at one reach are a proof against the voter.
using AttestationCell = crdt::TopClaims<Reach, Hash, Claim<Summary>>;
/// Highest session of one writer; two nonces prove a cloned data folder.
using SessionCell = crdt::TopClaims<std::uint64_t, std::uint64_t, Claim<std::uint64_t>>;

struct MemberClaim {
  std::uint32_t incarnation = 0;
  Member member;
  auto operator<=>(const MemberClaim&) const = default;
};
using MemberCell = crdt::Max<MemberClaim>;

using StreamCells = crdt::GMap<PeerId, AttestationCell>;

/// What makes a vote transferable.
struct VoteEvidence {
  std::uint32_t incarnation = 0;
  BundlePath path;
  Signature signature;
  auto operator<=>(const VoteEvidence&) const = default;
};
/// Where a vote stands: who enters the next epoch votes about its open instances anew.
struct VoteRank {
  std::uint32_t height = 0;
  std::uint32_t epoch = 0;
  auto operator<=>(const VoteRank&) const = default;
};
/// One voter's vote of view 0 in the highest instance; two values are a proof against the voter.
using VoteCell = crdt::TopClaims<VoteRank, Value, crdt::Least<VoteEvidence>>;
using VoterCells = crdt::GMap<PeerId, VoteCell>;
/// The highest certificate of a subject, by height; two values are an alarm: more voters lie than
/// the roster tolerates.
using CertificateCell = crdt::TopClaims<std::uint32_t, Value, crdt::Least<Bytes>>;
/// Bytes that sync::verify_proof accepts; the least by hash is kept.
struct Proof {
  Hash hash;  ///< BLAKE2b of the bytes
  Bytes bytes;
  auto operator<=>(const Proof&) const = default;
};
using Proofs = crdt::GMap<PeerId, crdt::Least<Proof>>;

/// Where a run stands. In this order the runs of a thread lie together, and those with one id.
struct RunPlace {
  std::string thread;
  std::string run;
  std::string stream;
  auto operator<=>(const RunPlace&) const = default;
};
enum class RunStatus : std::uint8_t { open = 1, ended = 2 };
/// By the peer that says so.
using RunCells = crdt::GMap<PeerId, crdt::Max<RunStatus>>;
/// The peers that have nothing more to say of a stream, or of a proposal that is decided.
using FinishedCells = crdt::GMap<PeerId, crdt::Max<bool>>;
/// What each peer last put into one of its slots; which of them stand is in shared_values.hpp.
using PutCells = crdt::GMap<PeerId, crdt::Max<Put>>;

struct State {
  crdt::GMap<std::string, StreamCells> streams;
  crdt::GMap<Writer, SessionCell> sessions;
  crdt::GMap<PeerId, MemberCell> members;
  crdt::GMap<SubjectId, VoterCells> prepares;
  crdt::GMap<SubjectId, VoterCells> commits;
  crdt::GMap<SubjectId, CertificateCell> certificates;
  crdt::GMap<RunPlace, RunCells> runs;
  crdt::GMap<std::string, FinishedCells> finished;
  crdt::GMap<std::uint16_t, PutCells> puts;  ///< by slot
  crdt::GMap<SubjectId, FinishedCells> finished_proposals;
  Proofs proofs;

  void join(const State& other);
  bool leq(const State& other) const;
  State delta_of(const State& local) const&;
  State delta_of(const State& local) &&;
  bool empty() const;
  bool operator==(const State&) const = default;

  bool proven(const PeerId& peer) const { return proofs.find(peer) != nullptr; }
  /// Holds nothing that `offenders` wrote. O(state).
  bool free_of(const Proofs& offenders) const;
  /// All but what `offenders` wrote; the proofs stay. O(state).
  State without(const Proofs& offenders) const;
};

/// The delta that a verified proof is.
State delta_from_proof(const PeerId& offender, Bytes proof);

/// What `writer` said of itself and of streams in its batch whose first record has number `first`.
/// Votes and certificates are absent: they have to be checked first.
State delta_from(const Writer& writer, std::uint64_t first, const Records& records);

/// Prepares and commits whose signatures were checked, all of view 0.
State delta_from(std::span<const SignedStatement> votes);
/// Certificates that convinced.
State delta_from(std::span<const Certificate> certificates);

/// The signed statements behind a cell of `prepares` or `commits`: one, or two that contradict.
std::vector<SignedStatement> votes_of(Phase phase, const SubjectId& subject, const PeerId& voter,
                                      const VoteCell& cell);

static_assert(crdt::DeltaLattice<State>);

}  // namespace vouch::state
