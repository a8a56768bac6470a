// One instance of the agreement: decides the next certified point of one subject (PROTOCOL R2 to
// R9). View 0 has no leader; the views above are PBFT. Stepped with (now, input); what it wants
// done is appended to Effects. Invariants: one prepare and one commit a view, none in a view that
// was left, and no commit without a lock; all of it is in encode() before it leaves.
// Absent: the order of instances, signing, sending (agreement.hpp).
// SPDX-License-Identifier: MIT
#pragma once

#include <map>

#include <boost/container/flat_map.hpp>

#include "vouch/consensus/cast_votes.hpp"
#include "vouch/consensus/setting.hpp"

namespace vouch::consensus {

/// Recompute a point: fold the own prefix and the events behind `links`, and compare.
struct FoldWanted {
  Value target;
  LinkList links;
  std::vector<PeerId> holders;
};

/// Two statements that no honest voter makes both of.
struct Contradiction {
  SignedStatement one, other;
};

/// Voters differ, by the word of one of them. What it claimed, if it claimed a point, tells later
/// whether it was wrong.
struct Evidence {
  PeerId voter;
  Value claim;             ///< size 0: none
  std::uint64_t size = 0;  ///< a vote for so many entries shows who is right
};

/// What a voter said in an instance, for people.
struct Voice {
  Phase phase = Phase::prepare;
  std::uint32_t view = 0;
  std::optional<Value> value;
};

struct Effects {
  std::vector<Statement> say;  ///< to be signed; each comes back through spoken()
  std::vector<Body> tell;      ///< to all other voters
  std::optional<FoldWanted> fold;
  std::optional<Certificate> closed;
  std::vector<Contradiction> contradictions;
  bool changed = false;  ///< encode() must be durable before anything leaves
};

class Instance {
 public:
  /// `setting` must outlive the instance.
  Instance(Setting& setting, SubjectKind kind, std::string name, const SubjectId& subject,
           std::uint32_t height, const Base& base);

  const Base& base() const { return base_; }
  std::uint32_t height() const { return height_; }
  std::uint32_t view() const { return view_; }
  /// Voters differ, or somebody left view 0.
  bool disputed() const { return view_ > 0 || evidence_until_.has_value(); }
  /// When the first own vote was cast.
  std::optional<Instant> began() const { return began_; }
  /// The furthest word of each voter, this one included, as far as it is known here.
  std::map<PeerId, Voice> voices() const;
  /// Index of the first entry in which the claims of voters differ; nothing while none do.
  std::optional<std::uint64_t> parting() const;
  /// Certified from now on: how long it took is what later timers follow.
  void note_end(Instant now, const Certificate& certificate);
  const std::string& name() const { return name_; }
  void set_name(const std::string& name) { name_ = name; }

  /// The own chain may have grown: a vote in view 0, where one is due.
  void look(Instant now, Effects& out);
  /// Somebody waits for, or differs at, a point `size` entries from the start: an early vote.
  void look_at(Instant now, std::uint64_t size, Effects& out);
  /// Voters differ within this instance: an early vote, and the view ends soon. Later, where the
  /// voter's evidence is put off (charges.hpp).
  void on_evidence(Instant now, const Evidence& evidence, Effects& out);
  /// Its primary in view 1, whatever the order says: of a slate.
  void set_leader(const PeerId& leader) { leader_ = leader; }
  /// Nobody but its primary said anything here yet, no voter but this one, and that in view 1.
  bool untouched() const;
  /// What this voter proposes as primary of the current view.
  std::optional<Value> led() const;
  /// The subject stands on a slate: until it leaves that, nothing is said here.
  void enter_slate() { on_slate_ = true; }
  /// All that was said, heard and locked about the slate was said about this subject, too.
  /// `spread_one` and `spread_vote` give what it was.
  using SpreadOne = std::function<Statement(const Statement&)>;
  using SpreadVote = std::function<SignedStatement(const SignedStatement&)>;
  void leave_slate(Instant now, const Instance& slate, const SpreadOne& spread_one,
                   const SpreadVote& spread_vote, Effects& out);
  /// The timer of the view has ended.
  bool is_late(Instant now) const { return view_until_ && now >= *view_until_; }

  /// A legal value for a subject without chain, and who proposes it, where that is one voter.
  void on_proposal(Instant now, const Value& value, Effects& out, const PeerId& proposer = {});

  // What other voters said. Signatures of the votes themselves were checked; what they enclose is
  // checked here.
  void on_vote(Instant now, SignedStatement vote, Effects& out);
  void on_view_change(Instant now, const ViewChange& change, Effects& out);
  void on_new_view(Instant now, const NewView& view, Effects& out);
  /// Another voter's certificate of this instance, which convinced: was anybody heard to commit to
  /// something else in its view?
  void on_certificate(const Certificate& certificate, Effects& out) const;
  /// Own statements come back signed.
  void spoken(Instant now, const SignedStatement& vote, Effects& out);
  /// A wanted point was folded.
  void on_folded(Instant now, const Value& target, bool equal, Effects& out);
  void on_tick(Instant now, Effects& out);
  std::optional<Instant> next_deadline() const;

  /// View, own statements, lock: what a restart must not forget.
  Bytes encode() const;
  /// A lock that was handed over from an earlier epoch, by its prepares: before anything is said
  /// here.
  void take_over(std::vector<SignedStatement> prepares);
  /// The prepares that prove the own lock; empty without one.
  std::vector<SignedStatement> lock_proof() const;
  /// False for a certificate of an earlier epoch that was not handed over to this voter, which
  /// entered the epoch of this instance: only keys that were stolen since make one.
  bool may_follow(const Certificate& certificate) const;

  /// Takes up what encode() gave. False for other bytes.
  bool restore(ByteView bytes);
  /// After restore: says again what the current view knows of it.
  void resume(Instant now, Effects& out);

 private:
  struct Held {
    Lock lock;
    std::vector<Cast> proof;
  };

  std::uint32_t epoch() const { return setting_.roster.epoch(); }
  /// What was locked in an earlier epoch binds from the start.
  const Value* inherited() const;
  void await_inherited(Instant now);
  void hear_elsewhere(const SignedStatement& vote, Effects& out);
  ChoiceContext context() const;
  bool is_ours(const Statement& statement) const;
  PeerId primary(std::uint32_t view) const;
  void vote(Phase phase, const Value& value, Effects& out);
  bool said(Phase phase, std::uint32_t view) const;
  void keep(SignedStatement vote, Effects& out);
  void tally(Instant now, Effects& out);
  void tally(Instant now, Phase phase, std::uint32_t view, const Value& value, Effects& out);
  void lock_and_commit(Instant now, std::vector<Cast> prepared, Effects& out);
  /// Both are signed, of one voter, and stand at one place.
  static void compare(const SignedStatement& held, const SignedStatement& vote, Effects& out);
  void weigh(Instant now, const PeerId& voter, const Value& value, Effects& out);
  bool is_own(const Value& value) const;
  bool holds(const Value& value) const;
  Value own_value(const Point& point) const;
  bool admits(Instant now, const Evidence& evidence);
  void try_again(Instant now, Effects& out);
  bool is_wrong(const Value& claim, const Certificate& certificate) const;
  std::vector<Cast> agreeing(Phase phase, std::uint32_t view) const;
  bool has_quorum(Phase phase, std::uint32_t view, const Value& value) const;
  bool on_base() const;
  /// The own chain has something that the base has not: there is something to decide.
  bool beyond_base() const;
  void enter(Instant now, std::uint32_t view, Effects& out);
  void change_view(Instant now, std::uint32_t view, Effects& out);
  void follow(Instant now, Effects& out);
  void notice_departure(Instant now, Effects& out);
  bool is_legal(const Value& value) const;
  std::optional<Value> legal_now() const;
  void lead(Effects& out);
  void accept(Instant now, const NewView& view, const Choice& choice, Effects& out);
  void prepare(Instant now, Effects& out);
  void compare_lock(const ViewChange& change, Effects& out) const;
  bool lock_is_proven(const ViewChange& change) const;
  bool is_complete(const ViewChange& change) const;
  bool follows(const NewView& view, Choice& choice) const;
  ViewChange own_view_change(const SignedStatement& vote) const;
  std::size_t moved(std::uint32_t view) const;
  void await(Instant now);
  Duration patience() const;
  Duration evidence_wait() const;
  /// Whatever the voters say that said nothing yet, no value gets a quorum of prepares in view 0.
  bool is_hopeless() const;

  Setting& setting_;
  SubjectKind kind_;
  std::string name_;
  SubjectId subject_;
  std::uint32_t height_;
  Base base_;
  std::uint32_t view_ = 0;
  boost::container::flat_map<std::pair<std::uint32_t, Phase>, Statement> own_;
  std::optional<std::uint32_t> tallied_;  ///< the view in which all votes were looked at
  std::optional<Held> lock_;
  CastVotes votes_;
  std::map<PeerId, SignedStatement> elsewhere_;  ///< the latest commit of each in another epoch
  std::map<PeerId, ViewChange> changes_;         ///< the latest of each, complete
  std::unique_ptr<NewView> draft_;               ///< as primary: chosen, not yet signed
  std::unique_ptr<NewView> accepted_;            ///< of the current view
  std::optional<Value> chosen_;                  ///< what the current view may prepare
  Reason chosen_for_ = Reason::null;
  std::optional<FoldWanted> folding_;
  std::map<PeerId, std::set<Value>> legal_;  ///< of a subject without chain, by proposer
  std::optional<PeerId> leader_;             ///< of view 1, where it is none by the order
  bool on_slate_ = false;
  bool closed_ = false;
  std::optional<Instant> began_;
  std::optional<Instant> evidence_until_;
  struct Accused {
    Value claim;
    Charges::Place place;
  };
  std::map<PeerId, Accused> accused_;   ///< by whose evidence something was done here
  std::map<PeerId, Evidence> put_off_;  ///< that of others, while in view 0
  std::optional<Instant> put_off_until_;
  std::optional<Instant> view_until_;
  std::optional<Instant> awaited_;        ///< since when the current view's timer runs
  std::optional<Instant> awaited_first_;  ///< the same for the first view that had one
  std::optional<Instant> resend_at_;
  Duration resend_{};
};

}  // namespace vouch::consensus
