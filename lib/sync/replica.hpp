// What a peer holds of everybody's logs: the joined state, the frontier, and the pen for its own
// log. State changes here and nowhere else, by one funnel: absorb. Batches of a writer are taken
// strictly in order; what comes early is refused as a gap and pulled. Of a peer that is proven to
// misbehave nothing is taken, and nothing kept but the proof. Of a stream that all voters have
// finished nothing is taken and nothing kept. Absent: when to pull, whom to ask (puller.hpp).
// SPDX-License-Identifier: MIT
#pragma once

#include <set>
#include <span>

#include "vouch/base/outbox.hpp"
#include "vouch/base/released.hpp"
#include "vouch/base/signer.hpp"
#include "vouch/membership/rosters.hpp"
#include "vouch/schemas/envelope.hpp"
#include "vouch/state/state.hpp"
#include "vouch/state/state_sum.hpp"
#include "vouch/sync/own_history.hpp"
#include "vouch/sync/reconciler.hpp"
#include "vouch/sync/released_row.hpp"
#include "vouch/sync/state_transfer.hpp"

namespace vouch::sync {

/// Refusals and oddities since the start; every refused frame counts in exactly one.
struct ReplicaCounters {
  std::uint64_t batches = 0;  ///< accepted from others
  std::uint64_t records = 0;  ///< in them
  std::uint64_t duplicates = 0;
  std::uint64_t gaps = 0;
  std::uint64_t malformed = 0;
  std::uint64_t wrong_cluster = 0;
  std::uint64_t unknown_writer = 0;
  std::uint64_t unknown_epoch = 0;  ///< its roster is not known here yet; the batch is pulled again
  std::uint64_t bad_signature = 0;
  std::uint64_t forks = 0;  ///< equal number, different batch: the writer signed two histories
  std::uint64_t proven_writer = 0;  ///< of peers that are proven to misbehave
  std::uint64_t proofs = 0;         ///< accepted, the own ones counted
  std::uint64_t bad_proofs = 0;     ///< that prove nothing
  // Records that were left out of the state, their batches accepted:
  std::uint64_t bad_ballots = 0;       ///< the signature over the votes is wrong
  std::uint64_t misplaced_votes = 0;   ///< of a later view, another phase or another incarnation
  std::uint64_t bad_certificates = 0;  ///< they do not convince under the roster of their epoch
};

enum class Accepted : std::uint8_t { news, duplicate, gap, refused, forked };

/// What a batch brought to the agreement, its signatures checked: votes of view 0, and certificates
/// that say what was not known before.
struct Absorbed {
  std::vector<SignedStatement> votes;
  std::vector<Certificate> certificates;
  std::vector<SubjectId> finished_proposals;
};

/// What the state let go of. Who has the certificate of a stream adds it to the row.
struct ReleasedSubject {
  SubjectId subject;
  ReleasedRow row;
};

struct Receipt {
  Accepted result = Accepted::refused;
  Writer writer;           ///< of the batch, once its header was read
  Absorbed absorbed = {};  ///< of news
};

struct ReplicaConfig {
  ClusterId cluster;
  std::set<PeerId> known;        ///< keys whose batches are taken, beside those of voters
  membership::Roster roster;     ///< the first one
  bool publishes = true;         ///< own batches; else they are there for who pulls them
  bool relays = false;           ///< batches of others are published again when they were news
  Released* released = nullptr;  ///< must outlive the replica; without it nothing is let go of
  /// Certificates are checked against them, and those in logs are added. Must outlive the replica,
  /// which keeps its own without.
  membership::Rosters* rosters = nullptr;
};

class Replica {
 public:
  /// `signer` must outlive the replica. `state` and `frontier` are what the store held.
  Replica(ReplicaConfig config, const Signer& signer, state::State state, FrontierMap frontier);

  /// Takes up (or opens) the log of `incarnation`; everything written from now on goes there.
  void write_as(std::uint32_t incarnation);
  const Writer& self() const { return self_; }
  /// Forgets an own log, which others hold with another content: it is pulled again like a
  /// stranger's. Attestations stay; write them again under the next incarnation.
  void disown(const Writer& log, Outbox& out);
  /// The highest incarnation of this peer that any held batch names; 0 when none.
  std::uint32_t highest_own_incarnation() const;

  /// Own records: sealed into as many batches as needed, absorbed, persisted synced, then
  /// published, if they are at all. A ballot stays whole: at most bundle_statements_max
  /// statements.
  void write(const Records& records, Outbox& out);
  /// A batch or a proof from anywhere. News are absorbed and persisted; the raw frame of a batch is
  /// kept for those who pull.
  Receipt receive(ByteView frame, Outbox& out);
  /// Two batches of one writer: if they contradict each other, the writer is proven.
  void weigh(ByteView frame, ByteView other, Outbox& out);
  /// Two statements of one voter, their signatures checked: if they contradict each other, the
  /// voter is proven.
  void accuse(const SignedStatement& one, const SignedStatement& other, Outbox& out);
  /// Asks for the batches behind every contradiction that the state holds; votes that contradict
  /// each other prove their voter at once.
  void look_for_contradictions(Outbox& out);
  bool proven(const PeerId& peer) const { return state_.proven(peer); }
  /// Lets go of every stream and proposal that is finished by all voters but those proven to
  /// misbehave. After a change of the roster some may be that nobody told of.
  void look_for_finished(Outbox& out) { release_finished(state_, out); }
  /// The signatures in the votes and certificates of these cells are right. O(votes).
  bool convinces(const state::State& cells) const;
  /// Takes over what some leaves of the state hold elsewhere, of the same logs. A stream of which
  /// nothing is left there was let go of. O(state). Returns how many cells changed.
  std::size_t replace(const AgreedLeaves& agreed, Outbox& out);
  /// Takes over what was made of logs that are not read here. O(taken), and O(runs) where streams
  /// are let go of.
  void take_over(const TakenState& taken, Outbox& out);
  /// What was let go of since the last call.
  std::vector<ReleasedSubject> take_released() { return std::exchange(released_, {}); }

  const state::State& state() const { return state_; }
  const FrontierMap& frontier() const { return frontier_; }
  /// Digest of the frontier; recomputed only after a change.
  const Hash& frontier_digest() const;
  /// What checks and heartbeats carry of it.
  FrontierDigest short_digest() const;
  /// Equal at equal frontiers.
  StateDigest state_digest() const { return sum_.digest(); }
  const state::StateSum& state_sum() const { return sum_; }
  std::uint64_t own_last() const;
  /// So much of a log was read here, or its writer is proven.
  bool has_read(const LogEnd& end) const;
  /// Which of these were not, by number.
  std::vector<std::uint16_t> unread(const std::vector<LogEnd>& ends) const;
  std::uint32_t newest_epoch() const { return rosters().newest().epoch(); }
  SubjectId subject_of(std::string_view stream) const;
  /// The own batches since the start, and what was held when each was written.
  const OwnHistory& history() const { return history_; }
  const ReplicaCounters& counters() const { return counters_; }

  /// Of a batch whose form is right.
  static BatchHeader header_of(ByteView batch);
  static Bytes batch_key(const Writer& writer, std::uint64_t first);
  /// What the keys of all batches of a writer start with.
  static Bytes log_prefix(const Writer& writer);
  /// Reads a row of Table::frontier; Errc::malformed when it is none of ours.
  static Result<void> restore_frontier(ByteView key, ByteView row, FrontierMap& frontier);

 private:
  membership::Rosters& rosters() { return config_.rosters ? *config_.rosters : own_rosters_; }
  const membership::Rosters& rosters() const {
    return config_.rosters ? *config_.rosters : own_rosters_;
  }
  bool takes_from(const PeerId& peer) const {
    return config_.known.contains(peer) || rosters().contains(peer);
  }
  struct Over {
    std::set<std::string, std::less<>> streams;
    std::set<SubjectId> proposals;
    bool empty() const { return streams.empty() && proposals.empty(); }
  };
  void write_one(const Records& records, ByteView body, Outbox& out);
  Absorbed absorb(const BatchHeader& header, const Records& records, Outbox& out);
  void take_in(state::State news, Outbox& out);
  static void tell_attested(const state::State& news, Outbox& out);
  void leave_out_released(state::State& news) const;
  bool finished_by_all(const state::FinishedCells& cells) const;
  /// Of those that somebody has finished in `touched`.
  void release_finished(const state::State& touched, Outbox& out);
  void let_go(const Over& over, Outbox& out);
  void let_go(const SubjectId& proposal, state::State& gone);
  void let_go_as_told(const TakenState& taken, Outbox& out);
  Over gone_in(const AgreedLeaves& agreed) const;
  void disown_votes(const Writer& log, Outbox& out);
  std::vector<SignedStatement> votes_of(const Writer& writer, const Ballot& ballot);
  std::uint32_t logged_epoch() const;
  std::vector<Certificate> convincing(std::uint32_t epoch,
                                      const std::vector<Certificate>& certificates);
  void find_contradictions(const state::State& touched, Outbox& out) const;
  void find_double_votes(std::span<const SignedStatement> votes, Outbox& out);
  Receipt receive_proof(ByteView raw, Outbox& out);
  void convict(const PeerId& offender, Bytes proof, Outbox& out);
  void forget(const PeerId& offender, Outbox& out);
  void advance(const Writer& writer, std::uint64_t last, const Hash& chain, Outbox& out);
  Receipt place(const FrameView& frame, const BatchHeader& header, ByteView raw, Outbox& out);

  ReplicaConfig config_;
  membership::Rosters own_rosters_;
  const Signer& signer_;
  Writer self_;
  state::State state_;
  state::StateSum sum_;  ///< of state_
  FrontierMap frontier_;
  OwnHistory history_;
  mutable Hash digest_;
  mutable bool digest_stale_ = true;
  ReplicaCounters counters_;
  std::vector<ReleasedSubject> released_;
};

}  // namespace vouch::sync
