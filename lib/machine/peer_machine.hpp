// The whole peer as one pure value: it is stepped with (now, input) and appends what it wants done
// to an Outbox. Doors: events of our streams, frames and messages from peers, the tick. It reads no
// clock, owns no thread, touches no socket and no disk; the driver and the simulator run this very
// code.
// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>

#include "vouch/base/remembering_signer.hpp"
#include "vouch/consensus/agreement.hpp"
#include "vouch/ingest/attestor.hpp"
#include "vouch/machine/arrival_queue.hpp"
#include "vouch/machine/own_chains.hpp"
#include "vouch/machine/read_logs.hpp"
#include "vouch/machine/still.hpp"
#include "vouch/machine/value_seeker.hpp"
#include "vouch/membership/rosters.hpp"
#include "vouch/sync/mode.hpp"
#include "vouch/sync/payload_rows.hpp"
#include "vouch/sync/puller.hpp"
#include "vouch/sync/pusher.hpp"
#include "vouch/sync/reconciler.hpp"
#include "vouch/sync/refolder.hpp"
#include "vouch/sync/replica.hpp"

namespace vouch::machine {

struct MachineConfig {
  ClusterId cluster;
  membership::Roster roster;  ///< the first one, unless the store knows of another
  /// Filled in: what `roster` was, when the store begins with another one.
  std::optional<membership::Roster> listed = std::nullopt;
  Member self;  ///< how this peer describes itself; session is filled in
  /// Ids of its pure custom rules, those that a later rule set may name with them.
  std::set<std::string> custom_rules = {};
  /// Streams that are over and stay in the state, and so many proposals that are decided; those
  /// before are finished, the oldest first.
  std::size_t finished_kept = 4096;
  std::size_t validators = 0;  ///< per stream, this peer included; 0 = one more than a quorum
  sync::Mode sync = sync::Mode::automatic;
  /// Of each log the newest batches are kept, and those that a quorum has not read; 0 = all.
  std::size_t log_bytes = 64U << 20;
  std::vector<PeerId> sources;  ///< whom it asks for batches; only for a peer without a vote
  std::set<PeerId> observers;   ///< keys without a vote that may ask for batches here
  /// Batches and heartbeats that were news are published again, for those who subscribe here and
  /// not to their writers. Nobody subscribes to whom it relays to, so nothing goes back.
  bool relays = false;
  Duration attest_interval{std::chrono::seconds(1)};
  Duration heartbeat_interval{std::chrono::seconds(1)};
  Duration join_wait{std::chrono::seconds(1)};  ///< see PeerMachine::join
  sync::PullTimes pulls;
  sync::PushLimits pushes;
  sync::RefoldLimits refolds;
  consensus::Timing agreement;
};

/// The last words of the own logs. Others may not have them yet when a log is given up.
struct FinishedLately {
  std::deque<std::string> streams;
  std::deque<SubjectId> proposals;
};

/// What the store held at the start.
struct Restored {
  state::State state;
  FrontierMap frontier;
  std::optional<std::uint32_t> incarnation;  ///< of the own log; nothing when there is none
  std::vector<sync::StreamRow> streams;
  std::vector<std::pair<Bytes, Bytes>> agreement;  ///< rows of Table::agreement
  FinishedLately finished;
  std::vector<Row> repairs;                          ///< to be written at the start
  std::map<std::string, std::uint64_t> forgettable;  ///< see PeerMachine::forget_events
};

/// Another voter that was heard in this life.
struct Neighbour {
  std::optional<Heartbeat> last;
  Instant beat;   ///< when `last` came
  Instant heard;  ///< the newest heartbeat, or message on its own authenticated connection
  std::uint64_t differing = 0;  ///< heartbeats in a row with our frontier and another state
  /// From so many on it is a fault: who gives up its log while nobody else has it yet differs for
  /// a moment.
  static constexpr std::uint64_t differing_min = 3;
};

struct MachineCounters {
  std::uint64_t heartbeats = 0;
  std::uint64_t bad_heartbeats = 0;
  std::uint64_t bad_pushes = 0;  ///< signature did not fit the events
  std::uint64_t refused = 0;     ///< messages of a kind or sender that may not be
  std::uint64_t disputes = 0;
  std::uint64_t reincarnations = 0;
  std::uint64_t contradictions = 0;  ///< pairs of votes that no honest voter casts both of
  std::uint64_t released = 0;        ///< streams that the state let go of
  std::uint64_t released_proposals = 0;
  std::uint64_t repaired = 0;   ///< cells that were put right, as others hold them
  std::uint64_t transfers = 0;  ///< states that were taken over, their logs being gone
  std::uint64_t forgotten = 0;  ///< events that a certified state stands for now
};

class PeerMachine {
 public:
  /// `signer`, `streams` and `released` must outlive the machine.
  PeerMachine(MachineConfig config, const Signer& signer, ingest::Streams& streams,
              Released& released, Restored restored);

  /// `nonce` is random and new for every start.
  void start(Instant now, std::uint64_t nonce, Outbox& out);
  /// Says goodbye: the own member entry becomes `left`.
  void stop(Outbox& out);

  void on_progress(Instant now, const std::vector<ingest::Progress>& news, Outbox& out);
  void on_gossip(Instant now, ByteView frame, Outbox& out);
  /// Our connection to another peer stands, for the first time or again.
  void on_open(Instant now, const PeerId& peer) { puller_.on_open(now, peer); }
  /// A request of another peer; `route` is where the answer goes.
  void on_request(Instant now, const PeerId& from, const std::string& route, const Message& message,
                  Outbox& out);
  void on_reply(Instant now, const PeerId& from, const Message& message, Outbox& out);
  /// What the store gave for a LoadEvidence.
  void on_evidence(ByteView one, ByteView other, Outbox& out);
  /// `state`: what stands for events that are gone, when they are to be judged again.
  void on_payload(Instant now, const LoadPayload& wanted, const std::vector<ingest::Item>& items,
                  const std::optional<sync::StateRow>& state, Outbox& out);
  /// What others hold of a stream is to be judged by our own rules.
  void refold(Instant now, sync::Fold fold, Outbox& out);
  /// A certificate that a voter lacks, from the store.
  void on_certificate(const LoadCertificate& wanted, ByteView row, Outbox& out);
  /// A page of a handover that a voter, or this one, lacks, from the store.
  void on_page(const LoadPage& wanted, ByteView row, Outbox& out);
  /// Asks for a certificate of the first `size` entries of a stream, before its segment ends.
  void request(Instant now, const std::string& stream, std::uint64_t size);
  /// Proposes a value for a user's subject; see consensus::Agreement::propose.
  Result<void> propose(Instant now, const std::string& subject, ByteView value);
  /// It is decided, and the value not known here: others are asked for it, for a minute. Tells by a
  /// notice when it came.
  void seek_value(Instant now, const std::string& subject);
  /// Proposes a roster that follows on the newest; see consensus::Agreement::propose_roster.
  Result<void> propose_roster(Instant now, const membership::Roster& next);
  /// Puts a shared value, or erases the key, as next_put in state/shared_values.hpp does. A
  /// PutHeard follows once it is stored. `now_ms` is Unix time. Errors: those, not_allowed (nobody
  /// takes what this peer writes), busy (others are still asked what they hold of its log).
  Result<PutMark> put(std::string_view key, std::optional<std::string> value, std::uint64_t now_ms,
                      Outbox& out);
  /// Must follow whatever came in by the doors above: everything that is to be said about all of it
  /// is said at once, under one signature and with one commit.
  void on_tick(Instant now, Outbox& out);
  std::optional<Instant> next_deadline() const;

  /// So much of a log a quorum of voters has read, as far as is known here: who lacks it can take
  /// the state from them.
  std::uint64_t read_by_quorum(const Writer& log) const;

  /// Figures that the next heartbeats carry.
  void set_load(std::uint64_t events, std::uint64_t streams, std::uint64_t dropped);

  const MachineConfig& config() const { return config_; }
  /// The newest that is certified, as far as it is known here.
  const membership::Roster& roster() const { return rosters_.newest(); }
  const membership::Rosters& rosters() const { return rosters_; }
  const sync::Replica& replica() const { return replica_; }
  const sync::Pusher& pusher() const { return pusher_; }
  const sync::Puller& puller() const { return puller_; }
  const RememberingSigner& signer() const { return signer_; }
  const sync::Refolder& refolder() const { return refolder_; }
  const sync::Reconciler& reconciler() const { return reconciler_; }
  const sync::StateTransfer& transfer() const { return transfer_; }
  const std::map<PeerId, Neighbour>& neighbours() const { return neighbours_; }
  const consensus::Agreement& agreement() const { return agreement_; }
  const MachineCounters& counters() const { return counters_; }
  /// Streams that are over, and that this peer may still speak of.
  std::size_t over() const { return over_.size(); }
  /// Proposals that are decided, and that it may still speak of.
  std::size_t decided() const { return decided_.size(); }
  /// False while others are still asked what they hold of the own log: nothing own is written yet.
  bool writing() const { return writing_; }
  SubjectId subject_of(std::string_view stream) const {
    return stream_subject(config_.cluster, stream);
  }
  /// Our own key is proven to misbehave, as when a data folder runs twice: nothing own is written
  /// any more.
  bool proven() const { return replica_.proven(signer_.id()); }
  /// Somebody else writes with our key, again and again: nothing own is written until a restart.
  bool copied() const { return copied_; }

 private:
  /// A start: own records are written once all other voters told everything they hold, or, after
  /// `join_wait`, a quorum did, this peer included.
  void join(Instant now, Outbox& out);
  bool remaining_told() const;
  void begin_log(Instant now, std::uint32_t incarnation, Outbox& out);
  void begin_new_life(Instant now, Outbox& out);
  void note_reported(std::uint32_t incarnation);
  /// Stops writing once we are proven ourselves.
  void mind_proof();
  void watch_own_log(Instant now, const sync::Receipt& receipt, Outbox& out);
  void on_heartbeat(Instant now, ByteView raw, const FrameView& frame, Outbox& out);
  /// Whatever a voter says directly shows that it lives. False when `from` is no voter.
  bool hear_from(Instant now, const PeerId& from);
  bool may_ask(const PeerId& from, const Message& message) const;
  std::vector<PeerId> other_voters() const;
  bool tell_state(const std::string& route, const Message& message, Outbox& out);
  bool hear_state(Instant now, const PeerId& from, const Message& message, Outbox& out);
  void on_ends(Instant now, const PeerId& from, std::uint64_t id, const Ends& ends, Outbox& out);
  void tell_value(const std::string& route, std::uint64_t id, const AskValue& ask, Outbox& out);
  void hear_value(Instant now, const ProposalValue& told, Outbox& out);
  void mind_values(Instant now, Outbox& out);
  /// The state is compared with that of others, and put right where it is wrong.
  void mind_state(Instant now, Outbox& out);
  /// It is taken over from them where logs are gone.
  void mind_transfer(Instant now, Outbox& out);
  std::vector<ReadMark> read_marks() const;
  void on_push(const PeerId& from, const std::string& route, const Message& message, Outbox& out);
  void on_pulled(Instant now, const PeerId& from, std::uint64_t id, const Pulled& pulled,
                 Outbox& out);
  /// A stream of an earlier life goes on.
  void take_up(Instant now, const sync::StreamRow& row);
  void store_events(const ingest::Progress& progress, Outbox& out);
  void beat(Instant now, Outbox& out);
  void finish_folds(Instant now, Outbox& out);
  void on_rebased(Instant now, const sync::Folded& folded, Outbox& out);
  void ask_voters(Instant now);
  bool mind_epoch(Instant now, Outbox& out);
  void push_to_new_validators(Instant now, Outbox& out);
  bool restore_agreement(const std::vector<std::pair<Bytes, Bytes>>& rows);
  void recount(Instant now);
  void hear(Instant now, const sync::Absorbed& absorbed);
  void write_due(Instant now, Outbox& out);
  void say_again(Instant now, Records& records);
  bool follows_from_logs(const Certificate& certificate) const;
  void decide(Instant now, Outbox& out);
  void note_decided(consensus::Decided& decided, Outbox& out);
  void owe(Instant now, Certificate certificate);
  void hold_state(const std::string& stream, const validator::FoldState& state, Outbox& out);
  void name_state(const std::string& stream, const Certificate& certificate, Outbox& out);
  void keep_state(const std::string& stream, Outbox& out);
  void forget_events(const std::string& stream, Outbox& out);
  bool all_passed(const std::string& stream, std::uint64_t size, bool local);
  void forget_states(const std::string& stream, Outbox& out);
  void hear_events(Instant now, const PeerId& from, std::uint64_t id, const Events& answer,
                   Outbox& out);
  void take_offer(Instant now, const PeerId& from, const Events& offer, Outbox& out);
  std::optional<Certificate> convincing(const Events& answer) const;
  void pay(Instant now, Records& records);
  void grow(Instant now, const ingest::Progress& progress);
  bool attests_other(const std::string& stream, std::uint64_t tip) const;
  /// What others attested within these entries of the own chain, and differs, is evidence.
  void compare_words(Instant now, const std::string& stream, std::uint64_t from,
                     std::uint64_t size);
  /// Runs after every step: judges what others attested, and settles closed streams.
  void review(Instant now, Outbox& out);
  /// What a voter attests is, or is not, on our own chain, which is pushed to it.
  void mind_chain(Instant now, const std::string& stream, const PeerId& voter);
  /// Tells voters what they lack of chains that stand still, if nobody else does.
  void mind_still(Instant now);
  bool attests(const std::string& stream, const PeerId& voter, std::uint64_t upto) const;
  bool is_there(Instant now, const PeerId& voter) const;
  void mind_height(Instant now, const std::string& stream, const PeerId& voter);
  void note_certified(const std::string& stream);
  /// What this life has to say of a stream was ranked below the word of a lost one, until now.
  void attest_again(const std::string& stream, std::uint32_t height);
  void settle(const std::string& stream, Outbox& out);
  struct End {
    state::Reach reach;
    Hash head;
  };
  /// The latest of each, until they are of the same point.
  struct StatesOf {
    std::optional<validator::FoldState> held;
    std::optional<consensus::Standpoint> named;
  };
  /// A quorum attested this end of a closed stream, and it is certified, where it can be.
  bool is_over(const std::string& stream, const End& end) const;
  /// Whoever was sent events of a stream, or judged any under its name, attests this end: nobody
  /// will ask for them any more.
  bool all_came_to(const std::string& stream, const End& end) const;
  /// Remembers a stream that is over and settled, or was never judged here.
  void note_over(const std::string& stream);
  /// Of which nothing more will be said; nothing while there are not too many.
  std::vector<std::string> take_finished(Outbox& out);
  bool has_finished(const SubjectId& proposal) const;
  bool may_finish(const SubjectId& proposal) const;
  void note_decided_proposal(const SubjectId& proposal);
  /// Finishes it, too, once as many have as may lie, and one more.
  void follow_finished(const SubjectId& proposal);
  /// The same for all there are, after a start, or when the state was taken over. O(state).
  void note_proposals();
  std::vector<SubjectId> take_finished_proposals(Outbox& out);
  Records last_words() const;
  void say_last_words_again(Outbox& out);
  void store_released(const SubjectId& subject, const sync::ReleasedRow& row, Outbox& out);
  void finish_released_proposal(const SubjectId& proposal, sync::ReleasedRow& row, Outbox& out);
  /// What the state has let go of is let go of everywhere, but for a row.
  void finish_released(Outbox& out);
  /// Of a stream whose events come in here: what its thread has not been told is due.
  void note_runs(const std::vector<ThreadRun>& runs);
  /// The same for all runs of these streams (rising), after their chains were taken up or replaced.
  /// O(runs in the state).
  void note_all_runs(const std::vector<std::string>& streams);
  /// What is due, and nothing is any more.
  std::vector<ThreadRun> take_runs();
  std::vector<ThreadRun> own_runs() const;
  std::vector<Put> own_puts() const;
  std::size_t able_voters() const;
  /// Where a closed stream ends: as we attested it, or, when our word does not count any more, as
  /// we judged it.
  std::optional<End> own_end(const std::string& stream) const;
  std::vector<PeerId> validators_of(const std::string& stream) const;

  MachineConfig config_;
  RememberingSigner signer_;
  ingest::Streams& streams_;
  Released& released_;
  membership::Rosters rosters_;
  std::uint32_t epoch_ = 0;  ///< of the newest roster that was minded
  bool roster_due_ = false;  ///< its certificate is to be written into the own log
  sync::Replica replica_;
  sync::Puller puller_;
  sync::Pusher pusher_;
  sync::Refolder refolder_;
  sync::Reconciler reconciler_;
  sync::StateTransfer transfer_;
  ingest::Attestor attestor_;
  StillStreams still_;
  ValueSeeker seeker_;
  std::size_t proven_ = 0;  ///< keys whose logs were taken out, when certificates were said last
  OwnChains chains_;
  ReadLogs logs_;
  consensus::Agreement agreement_;
  struct Owed {
    Certificate certificate;
    Instant due;
  };
  std::map<SubjectId, Owed> owed_;  ///< certificates that no log is known to have
  std::map<PeerId, Neighbour> neighbours_;
  std::map<state::RunPlace, state::RunStatus> runs_due_;  ///< written with the next attestations
  std::map<std::string, sync::StreamRow> rows_;           ///< streams that are not settled
  std::map<std::string, StatesOf> states_;                ///< of streams that are not settled
  std::map<std::string, std::uint64_t> forgettable_;  ///< events before it: a state stands for them
  ArrivalQueue<std::string, std::string_view> over_;  ///< streams, the oldest first
  ArrivalQueue<SubjectId> decided_;                   ///< proposals, the oldest first
  std::set<SubjectId> following_;                     ///< that others have finished, and it has not
  std::map<SubjectId, std::string> ending_;           ///< closed, never judged here, not certified
  FinishedLately finished_lately_;                    ///< the last that were, over restarts
  std::optional<std::uint32_t> own_incarnation_;      ///< whose log may be gone on with
  std::uint32_t known_incarnation_ = 0;               ///< the highest that was ever heard of
  std::vector<Row> repairs_;
  std::uint64_t nonce_ = 0;
  Hash salts_;                         ///< what the salts of questions come from
  std::uint64_t salted_ = 1ULL << 63;  ///< of questions for states; those of the puller are below
  std::uint64_t session_ = 0;
  bool writing_ = false;
  bool copied_ = false;
  bool joining_;                       ///< voters alone write logs
  std::optional<Instant> join_until_;  ///< nothing once it has passed
  Instant next_beat_{};
  Heartbeat load_;
  MachineCounters counters_;
};

}  // namespace vouch::machine
