// All instances of one voter, one open per subject, in the order of their heights (PROTOCOL R1, R5,
// R10, R11). Statements of view 0 leave as records of the own log, everything else as words to the
// other voters. Stepped; flush() signs what was decided and appends rows and sends to an Outbox in
// contract order. Invariant: certificates of one subject lie on one chain; a second one at a height
// is counted as an alarm and never followed.
// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <span>

#include "vouch/base/id_table.hpp"
#include "vouch/base/outbox.hpp"
#include "vouch/consensus/handovers.hpp"
#include "vouch/consensus/instance.hpp"
#include "vouch/consensus/word_bundle.hpp"
#include "vouch/membership/certificate.hpp"

namespace vouch::consensus {

struct AgreementCounters {
  std::uint64_t certificates = 0;
  std::uint64_t nulls = 0;
  std::uint64_t disputes = 0;       ///< instances in which voters differed
  std::uint64_t view_changes = 0;   ///< own ones
  std::uint64_t settled_above = 0;  ///< certificates of views above 0
  std::uint64_t bad_words = 0;      ///< undecodable, unsigned or of strangers
  std::uint64_t alarms = 0;         ///< two certificates for one height
  std::uint64_t other_states = 0;   ///< certified, of what the own chain comes to otherwise
  std::uint64_t contradictions = 0;
  std::uint64_t votes = 0;    ///< own statements that were signed
  std::uint64_t bundles = 0;  ///< signatures over them
  std::uint64_t timed = 0;    ///< decisions that an own vote came before
  Duration deciding{};        ///< from the first own vote to the decision, over all of these
};

/// A decision that was learned.
struct Decided {
  SubjectKind kind = SubjectKind::stream;
  std::string name;  ///< "" when this peer knows the subject by its hash alone
  Certificate certificate;
  bool null = false;
  Bytes proposal;  ///< the bytes of a decided proposal, if known
};

/// A dispute that has ended, as it stood then.
struct Settled {
  std::string name;  ///< "" when this peer knows the subject by its hash alone
  SubjectKind kind = SubjectKind::stream;
  std::optional<Instant> began;  ///< when the first own vote was cast
  Instant ended;
  std::uint64_t base = 0;  ///< certified before
  std::map<PeerId, Voice> voices;
  std::optional<std::uint64_t> parting;
  Certificate certificate;
};

/// The own chain of a stream must be made equal to what was certified, or a point be recomputed.
struct FoldRequest {
  std::string stream;
  std::uint64_t base = 0;  ///< certified before; the own chain passes through it
  FoldWanted wanted;
  bool adopt = false;
};

/// What a subject was certified up to.
struct Standpoint {
  std::uint32_t height = 0;
  Value value;
};

class Agreement {
 public:
  /// Without `setting.rosters` it keeps them itself.
  explicit Agreement(Setting setting);
  Agreement(const Agreement&) = delete;
  Agreement& operator=(const Agreement&) = delete;

  /// Begins to vote as this incarnation. Nothing is signed before.
  void write_as(Instant now, std::uint32_t incarnation);
  /// After a start of a peer that need not write: it follows the newest roster if it has no vote.
  void watch(Instant now);
  /// The roster that the chain in these rows begins with; nothing without a chain.
  static std::optional<membership::Roster> first_roster(
      const ClusterId& cluster, const std::vector<std::pair<Bytes, Bytes>>& rows);
  /// Those that the chain in these rows decides, as far as they can be read.
  static std::vector<membership::Roster> later_rosters(
      const ClusterId& cluster, const std::vector<std::pair<Bytes, Bytes>>& rows);
  /// Rows of an earlier life, by key, before anything else is heard. Gives how many could not be
  /// read.
  std::size_t restore(std::span<const std::pair<Bytes, Bytes>> rows);

  /// The own chain of a stream has grown.
  void on_chain(Instant now, const std::string& stream);
  /// `voter` attested another head than the own chain has, or than another voter attested.
  void on_evidence(Instant now, const std::string& stream, const PeerId& voter, const Point& claim);
  /// `voter` attested upon the certificate of instance `height`, so it holds that one.
  void on_attested(Instant now, const std::string& stream, const PeerId& voter,
                   std::uint32_t height);
  /// A vote of view 0 from its writer's log, its signature checked.
  void on_vote(Instant now, const SignedStatement& vote);
  void on_certificate(Instant now, const Certificate& certificate);
  void on_words(Instant now, const PeerId& from, ByteView bytes);
  /// A page of a handover that this voter wanted from its own store.
  void on_page(ByteView bytes);
  /// The own chain is another one now: evidence against the old one says nothing about it.
  void on_replaced(const std::string& stream);
  /// `own`: the own chain passes through the target.
  void on_folded(Instant now, const std::string& stream, const Value& target, bool equal, bool own);
  /// Somebody here waits for a certificate of the first `size` entries.
  void request(Instant now, const std::string& stream, std::uint64_t size);
  /// Proposes a value for a user's subject. Errors: not_allowed (no voter), too_large.
  Result<void> propose(Instant now, const std::string& subject, ByteView value);
  /// Proposes the roster that follows on the newest one; it is legal once one honest voter at least
  /// proposes it. Errors: not_allowed (no voter now), malformed (it does not follow, or changes
  /// nothing), invalid_config (rules that this peer cannot run), busy (too many are proposed). A
  /// forced one is also for who has no vote: it follows it then; not_allowed: it signed another.
  Result<void> propose_roster(Instant now, const membership::Roster& roster);
  /// Lets go of a stream or a proposal that all voters have finished, with its rows.
  void release(const SubjectId& subject, Outbox& out);
  void on_tick(Instant now);
  std::optional<Instant> next_deadline() const;

  /// Statements to be written as records of the own log, at most bundle_statements_max;
  /// nothing when there are none. Call until nothing is left, then flush().
  std::optional<Ballot> next_ballot(Instant now, Outbox& out);
  /// Signs and sends everything else.
  void flush(Instant now, Outbox& out);

  std::vector<Decided> take_decided() { return std::exchange(decided_, {}); }
  std::vector<FoldRequest> take_folds() { return std::exchange(folds_, {}); }
  std::vector<Contradiction> take_contradictions() { return std::exchange(contradictions_, {}); }

  /// True once for every epoch that is entered: votes that were heard before count now.
  bool take_entered() { return std::exchange(just_entered_, false); }
  const membership::Rosters& rosters() const { return *setting_.rosters; }
  /// Rosters that are proposed, and the voters that do so.
  std::vector<std::pair<membership::Roster, std::set<PeerId>>> proposed_rosters() const;
  /// The forced roster that the operator here wants, while the next one is not decided.
  const std::optional<membership::Roster>& wanted_roster() const { return forcing_.wanted; }
  /// Another certified roster of an epoch that has one: operators forced two, or lost voters were
  /// not lost.
  struct Rival {
    membership::Roster roster;
    std::set<PeerId> by;
  };
  const std::map<Value, Rival>& rivals() const { return rivals_; }
  /// Voters of the roster before that have to hand over to the newest one.
  std::size_t handovers_needed() const;
  /// What decides about the next roster; nothing while this peer may not.
  const Instance* deciding() const;
  /// This peer is to vote under the newest roster and lacks what the last one handed over; by whom
  /// it has all.
  std::optional<std::vector<PeerId>> entering() const;

  /// How far a stream is certified; height 0 when it is not.
  Standpoint certified(const std::string& stream) const;
  std::optional<Certificate> certificate(SubjectKind kind, const std::string& name) const;
  /// What a user's subject was decided to be; nothing while it is open.
  struct Verdict {
    Certificate certificate;
    std::optional<Bytes> value;  ///< nothing while this peer does not know the bytes
  };
  std::optional<Verdict> decision(const std::string& subject) const;
  std::optional<Verdict> decision(const SubjectId& subject) const;
  /// The bytes that others tell of a decided proposal. False when they are not those that were
  /// decided, or it is not in memory.
  bool learn_value(const SubjectId& subject, ByteView value);
  /// Empty when it is not known, or by its hash alone.
  std::string name_of(const SubjectId& subject) const;
  /// It is known by its name, and not released.
  bool holds(SubjectKind kind, const std::string& name) const {
    return find(kind, name) != nullptr;
  }
  /// The own chain is not known to leave what was certified: it may be attested.
  bool on_track(const std::string& stream) const;
  const AgreementCounters& counters() const { return counters_; }
  /// In memory, slates among them.
  std::size_t subjects() const { return subjects_.size(); }
  const Setting& setting() const { return setting_; }
  /// The last disputes that ended since the start, oldest first; at most settled_kept.
  const std::deque<Settled>& settled() const { return settled_; }
  static constexpr std::size_t settled_kept = 64;
  std::optional<Instant> last_certificate() const { return last_certificate_; }
  /// Visits streams and proposals that have a name, in the order of their ids.
  struct View {
    const SubjectId& subject;
    const std::string& name;
    SubjectKind kind;
    Standpoint certified;
    std::uint32_t view;
    bool disputed;
    bool finished;  ///< nothing more will be decided about it
    const std::optional<Certificate>& last;
    const Instance* open;  ///< nothing once it is finished
  };
  void each(const std::function<void(const View&)>& visit) const;
  /// Key of a row of Table::certificates.
  static Bytes certificate_key(const SubjectId& subject, std::uint32_t height);

 private:
  /// Names of subjects that are remembered.
  static constexpr std::size_t named_max = 1U << 20;
  /// How long an own chain may stand still below what was certified before the rest is fetched.
  static constexpr Duration stand_still = std::chrono::seconds(1);

  struct Pending {
    SubjectId subject;
    Statement statement;
  };
  struct Subject;
  /// What stands on a slate.
  struct Roll {
    std::shared_ptr<const Slate> slate;
    std::size_t missing = 0;  ///< whose values are not known to be legal
    bool left = false;        ///< all go on alone
  };
  struct Subject {
    SubjectId id;
    SubjectKind kind = SubjectKind::stream;
    std::string name;
    std::uint32_t height = 0;  ///< certificates so far
    Base base;
    std::optional<Certificate> last;
    std::unique_ptr<Instance> open;  ///< nothing once the subject is finished
    /// Votes of view 0 for later instances: the highest prepare and commit of each voter in each
    /// epoch that lists it.
    std::map<PeerId, std::map<std::pair<Phase, std::uint32_t>, SignedStatement>> early;
    std::uint32_t disputed = 0;           ///< the last height that was counted as disputed
    std::optional<std::uint64_t> wanted;  ///< somebody waits for a certificate of so many entries
    /// Of a proposal the values that this voter was for, and their bytes, each with a row; once one
    /// is decided that one alone, where it is known.
    std::vector<std::pair<Value, Bytes>> kept;
    std::map<PeerId, Point> evidence;  ///< beyond the base, the smallest claim of each voter
    struct Lead {
      std::uint32_t height = 0;  ///< whose certificate the voter must hold
      std::uint32_t asked = 0;   ///< how often it was asked for the next one, in vain
    };
    std::optional<Certificate> later;  ///< of a higher instance, the highest that convinces
    std::map<PeerId, Lead> ahead;      ///< voters that spoke about higher instances
    std::optional<Instant> ask_at;     ///< when they are asked again
    std::optional<Instant> asked;      ///< for links
    std::optional<Instant> folding;    ///< since when the own chain is being replaced
    bool compared = true;              ///< the own chain with what was certified
    std::optional<Instant> behind;     ///< since when the own chain misses what was certified
    std::map<Value, Proposal> proposals;
    /// Words of the last view that came after its certificate.
    std::set<std::pair<PeerId, Phase>> late;
    void stop_catching_up() {
      behind.reset();
      asked.reset();
      folding.reset();
    }
    std::optional<Instant> due;  ///< its place among the deadlines
    bool dirty = false;          ///< its row is to be written
    Subject* slate = nullptr;    ///< that it stands on
    std::size_t place = 0;       ///< where
    std::unique_ptr<Roll> roll;  ///< of a slate that is not decided
    Subject* row = nullptr;      ///< the slate whose row says how it was decided
    std::size_t in_row = 0;      ///< of a slate: so many are
    bool slate_is_open() const { return roll != nullptr && !roll->left; }
    bool stored = false;  ///< it has a row
  };

  Subject& subject(SubjectKind kind, const std::string& name);
  Subject& subject(SubjectKind kind, const std::string& name, const SubjectId& id);
  Subject* find(const SubjectId& id);
  const Subject* find(SubjectKind kind, const std::string& name) const;
  SubjectId id_of(SubjectKind kind, const std::string& name) const;
  /// Nothing when it is released: that is not to be opened again.
  Subject* find_or_open(SubjectKind kind, const std::string& name);
  Subject* find_or_open(SubjectKind kind, const std::string& name, const SubjectId& id);
  Subject* find_or_stranger(const SubjectId& id);
  Subject* find_or_vouched(const Certificate& certificate);
  Subject* open_stranger(const SubjectId& id);
  void open(Subject& subject);
  void reopen(Subject& subject);
  void mark(Subject& subject);
  void schedule(Subject& subject);
  std::optional<Instant> deadline_of(const Subject& subject) const;
  void on_deadline(Instant now, Subject& subject);
  void look(Instant now, Subject& subject, Effects& effects);
  static void show_evidence(Instant now, Subject& subject, Effects& effects);
  void take(Instant now, Subject& subject, Effects&& effects);
  static bool ends_proposal(const Subject& subject, const Certificate& certificate);
  void close(Instant now, Subject& subject, Certificate certificate);
  bool is_otherwise(const Subject& subject) const;
  void note_closed(Instant now, const Subject& subject, const Certificate& certificate);
  void replay_early(Instant now, const SubjectId& id);
  void catch_up(Instant now, Subject& subject);
  void compare(Instant now, Subject& subject);
  void want(Instant now, Subject& subject, std::uint64_t size);
  /// Who signed a word may be known already, by the bundle that it came in.
  enum class Checked : bool { no, yes };
  bool counts(const BundledWord& word) const;
  void hear(Instant now, const PeerId& from, const SubjectId& id, Word word, Checked checked);
  void hear_vote(Instant now, Subject& subject, const PeerId& from, Body body, Checked checked);
  void hear_links(Instant now, Subject& subject, const LinkList& links);
  void give_certificate(const PeerId& to, const Subject& subject, std::uint32_t height);
  void hear_late(const PeerId& from, Subject& subject, const Statement& statement);
  void note_ahead(Instant now, Subject& subject, const PeerId& voter, std::uint32_t height);
  void ask_ahead(Instant now, Subject& subject);
  void hear_proposal(Instant now, Subject& subject, Proposal proposal, Checked checked);
  void legalize(Instant now, Subject& subject, const Value& value, Proposal proposal);
  void tell_proposals(const Subject& subject);
  void tell_values(const Subject& subject);
  void silence(const Subject& subject);
  static const Proposal* proposal_of(const Subject& subject, const PeerId& voter);
  static Bytes value_key(const SubjectId& subject, const Hash& value);
  void keep_value(Subject& subject, const Value& value);
  void keep_alone(Subject& subject, const Value& value);
  static const Bytes* bytes_of(const Subject& subject, const Value& value);
  void keep_values(Subject& subject, const Value& value);
  void restore_value(const SubjectId& id, ByteView bytes);
  bool is_released(const SubjectId& id) const;
  Result<void> restore(ByteView key, ByteView row);
  // agreement_slates.cpp
  void gather_slates(Instant now);
  void lead_slate(Instant now, std::span<Subject* const> subjects);
  Subject& open_slate(const std::shared_ptr<const Slate>& slate, const PeerId& leader);
  void put_on(Subject& whole, Subject& subject, std::size_t place);
  void take_off(Subject& subject);
  void stands_in(Subject& whole, Subject& subject);
  bool may_stand(const Slate& slate);
  void hear_slate(Instant now, const PeerId& from, const SubjectId& id, Word word, Checked checked);
  void hear_offer(Instant now, const PeerId& from, SlateOffer& offer, Checked checked);
  void follow_slate(Instant now, Subject& whole, const SignedStatement& vote);
  void admit(Instant now, Subject& subject, const Value& value);
  void hear_on_slate(Instant now, Subject& whole, const SignedStatement& vote);
  void hear_of_each(Instant now, Subject& whole, const SignedStatement& vote);
  void replay_early_on(Instant now, Subject& whole);
  void leave_slate(Instant now, Subject& whole);
  void leave_slates(Instant now);
  static void part(Instant now, const Instance& whole, const Slate::Place& place, Subject& subject,
                   Effects& effects);
  void forget_slate(const SubjectId& id);
  void close_slate(Instant now, Subject& whole, const Certificate& certificate);
  static Body as_told(const Subject& subject, Body body);
  static void write_roll(ByteWriter& row, Subject& whole);
  bool restore_slate(Subject& whole, ByteReader& row);
  // agreement_rosters.cpp, agreement_handovers.cpp, agreement_rows.cpp
  void hear_roster_word(Instant now, const PeerId& from, const Body& body);
  void hear_roster_proposal(Instant now, const PeerId& from, const Proposal& proposal);
  void back_roster(Instant now, const membership::Roster& roster, const Proposal& proposal);
  void spell(const Value& value, const membership::Roster& roster);
  void tell_roster_proposals();
  bool decide_roster(Instant now, Subject& subject, Certificate& certificate);
  void hand_over();
  void say_handover(Instant now, const SignedStatement& vote);
  bool waits() const;
  void hear_handover(Instant now, const PeerId& from, const Handover& handover);
  void take_page(const PeerId& from, ByteView bytes);
  void hear_page(Instant now, const PeerId& from, ByteView bytes);
  void give_handovers(Instant now, const PeerId& to, const AskHandovers& ask);
  void give_pages(Instant now, const PeerId& to, const AskPages& ask);
  void replay_backed(Instant now);
  void ask_handovers(Instant now);
  void name_strangers();
  void look_at_handovers(Instant now);
  bool proves(const SubjectState& state) const;
  bool knows(const SubjectState& state) const;
  bool meet(const SubjectStates& page);
  void keep_lock(const SubjectState& state);
  void chase(Instant now, const PeerId& voter, const SubjectStates& page);
  std::set<PeerId> met_handovers() const;
  bool has_room_for_locks();
  void forget_handovers();
  Bytes page_key(const Hash& page) const;
  void persist_handovers(Outbox& out);
  void try_enter(Instant now);
  void resume_epoch(Instant now);
  void enter(Instant now, bool votes);
  Bytes roster_key(char kind, ByteView rest) const;
  Result<void> restore_roster_row(ByteView key, ByteView row);

  // agreement_forced.cpp
  std::uint32_t forced_height() const;
  Statement forced_commit(const Value& value) const;
  bool is_forced(const Statement& statement) const;
  bool signs(const membership::Roster& forced) const;
  Result<void> force_roster(Instant now, const membership::Roster& roster);
  void pursue_forced(Instant now);
  void advance_forced(Instant now, const Value& value);
  void say_forced(Instant now, const SignedStatement& vote);
  void hear_forced(Instant now, const SignedStatement& vote);
  void end_forcing();
  bool told_enough(const std::set<PeerId>& met) const;
  bool mind_rival(const Certificate& certificate);
  void keep_rival(const Certificate& certificate);
  std::optional<bool> restore_forced_row(char kind, ByteView row);

  void tell(const PeerId& to, const Subject& subject, Body body);
  void tell_all(const Subject& subject, const Body& body);
  void tell_ever(const Subject& subject, const Body& body);
  std::vector<Statement> next_statements(std::vector<Pending>& pending);
  Duration gather_time() const;
  bool gathers(Instant now) const;
  void hear_own(Instant now, const std::vector<SignedStatement>& votes);
  std::optional<Bytes> hear_own(Instant now, const SignedStatement& vote);
  std::optional<Bytes> ride(const Subject& subject, Body body);
  /// To each voter, encoded. What all hear is encoded once.
  struct Mail {
    std::vector<std::shared_ptr<const Bytes>> bundles, words;
  };
  static void post(const PeerId& to, const Mail& mail, Outbox& out);
  enum class Unsaid : bool { wait, go };
  void persist(Outbox& out, Unsaid unsaid);

  Setting setting_;
  std::optional<membership::Rosters> own_rosters_;
  SubjectId roster_id_;
  struct Backed {
    membership::Roster roster;
    std::map<PeerId, Proposal> by;              ///< the own one may not be signed yet
    std::map<PeerId, SignedStatement> commits;  ///< to a forced one
  };
  std::map<Value, Backed> backed_;  ///< rosters that are proposed
  /// Those that were legal, over restarts: a certificate names no more than their hash.
  std::map<Value, Bytes> spelled_;
  struct Forcing {
    std::optional<membership::Roster> wanted;     ///< by the operator here
    std::optional<membership::Roster> committed;  ///< by this voter, in this epoch
    bool said = false;                            ///< in this life
    std::optional<Instant> again;
  };
  Forcing forcing_;
  std::map<Value, Rival> rivals_;
  Handovers handovers_;  ///< of the epoch before the newest
  /// Of what was met, the highest of each instance, while it is open here.
  std::map<SubjectId, std::vector<SignedStatement>> locks_;
  std::map<PeerId, Instant> given_;  ///< when somebody was last given all that it lacks
  struct PagesGiven {
    Instant since;
    std::size_t count = 0;
  };
  std::map<PeerId, PagesGiven> pages_given_;
  std::optional<Bytes> index_;               ///< of the own one, while it is not signed
  std::optional<Instant> ask_handovers_at_;  ///< while this voter waits to enter
  Instant look_at_{};                        ///< whether it can
  bool just_entered_ = false;
  std::vector<std::pair<Bytes, std::optional<Bytes>>> roster_rows_;  ///< to be written
  IdTable<SubjectId, Subject> subjects_;
  std::size_t vouched_ = 0;  ///< subjects that have a name or a certificate
  struct Named {
    SubjectKind kind = SubjectKind::roster;
    std::string name;
    SubjectId id;
  };
  mutable Named named_last_;  ///< most questions are about the stream of the one before
  std::set<std::pair<Instant, SubjectId>> deadlines_;  ///< Subject::due of those that have one
  std::vector<Subject*> dirty_;                        ///< the subjects that are marked
  std::vector<SubjectId> gone_;                        ///< whose rows are to be erased
  std::vector<SubjectId> slates_;                      ///< that subjects stand on
  std::deque<SubjectId> left_slates_;                  ///< that they left, the latest last
  std::size_t on_slates_ = 0;                          ///< subjects that stand on one
  std::map<PeerId, std::deque<SignedStatement>> early_on_slates_;  ///< not known yet
  std::vector<Pending> records_, direct_;
  Instant gather_until_{};  ///< until then the latter gathers, if it is not enough for a bundle
  std::map<PeerId, Mail> mail_;
  std::vector<std::pair<Bytes, Bytes>> rows_;                   ///< of Table::certificates
  std::vector<std::pair<Bytes, std::optional<Bytes>>> values_;  ///< of proposals, by value_key
  std::vector<LoadCertificate> loads_;
  std::vector<LoadPage> page_loads_;
  std::vector<Decided> decided_;
  std::vector<FoldRequest> folds_;
  std::vector<Contradiction> contradictions_;
  AgreementCounters counters_;
  std::deque<Settled> settled_;
  std::optional<Instant> last_certificate_;
};

}  // namespace vouch::consensus
