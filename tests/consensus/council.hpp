// Voters in virtual time, for scripts: honest ones run the shipping agreement, the others are
// played by the script, which signs for them whatever it likes. It also says which words pass, and
// who crashes when. Watched at every step, whatever a script asks for: one value a height, only
// certificates that convince, and no honest voter that says two things in one phase of a view, or
// anything new in a view that it left.
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "tests/sim/dispute/voter.hpp"

#include "vouch/consensus/agreement.hpp"

namespace vouch::consensus {

/// The statement that a word is about; nothing in questions and certificates.
const Statement* statement_in(const Body& body);
bool is_vote(const Body& body, Phase phase, std::uint32_t view);

class Council {
 public:
  using Index = std::size_t;
  using Bodies = std::vector<Body>;
  enum class Fate : std::uint8_t { lives, dies_before_storing, dies_after_storing };

  /// A branch is written as one letter an event, with a bar behind each end of a segment.
  /// Of `voters` peers the first `listed` are the first roster; 0: all.
  Council(std::size_t voters, const std::vector<std::string>& branches, std::size_t listed = 0);

  Council(const Council&) = delete;
  Council& operator=(const Council&) = delete;

  std::size_t size() const { return seats_.size(); }
  const PeerId& id(Index voter) const { return seats_[voter].signer->id(); }
  /// All voters but this one.
  std::vector<Index> others(Index voter) const;
  /// Primary of a view.
  Index leader(std::uint32_t view, std::uint32_t height = 1) const;
  /// The `nth` voter, from 0, that leads none of `views`.
  Index follower(std::size_t nth, const std::vector<std::uint32_t>& views) const;
  /// The script speaks for this voter from now on.
  void play(Index voter);

  void run(Duration time);
  /// The voter's chain is now the first `have` entries of a branch.
  void hold(Index voter, std::size_t branch, std::uint64_t have);
  /// The voter after this one attests another head.
  void show_evidence(Index voter, std::uint64_t size);
  /// `voter` sees that `by` attested upon the certificate of instance `height`.
  void show_attested(Index voter, Index by, std::uint32_t height);
  void request(Index voter, std::uint64_t size);
  /// The roster that follows on the newest one that `voter` knows, of these voters.
  membership::Roster next_roster(Index voter, const std::vector<Index>& voters) const;
  /// An operator proposes it at a voter.
  Result<void> propose_roster(Index voter, const membership::Roster& roster);
  /// Of the newest roster that the voter knows, and of the one that it is in; 0 for the first.
  std::uint32_t epoch(Index voter) const;
  std::uint32_t entered(Index voter) const;

  /// Its fold comes to other states than that of the others, and to the same heads.
  void skew(Index voter) { seats_[voter].chain->other_states = true; }
  void crash(Index voter);
  void restart(Index voter);
  /// Users' subjects `from` to `to` are decided on its disk; it starts again with them.
  void store_decided(Index voter, std::size_t from, std::size_t to);
  /// It reads a vote or a certificate in somebody's log, at once.
  void read(Index voter, const Body& record) { deliver({voter, voter, record}); }
  /// It lost all that it had stored, and what it had read.
  void start_anew(Index voter);
  bool up(Index voter) const { return seats_[voter].agreement != nullptr; }

  // For who is played. What is said passes always, and arrives in a millisecond.
  Statement statement(Phase phase, std::uint32_t view, std::optional<Value> value,
                      std::uint32_t height = 1) const;
  SignedStatement sign(Index voter, const Statement& statement) const;
  /// A view-change that claims the first `size` entries of a branch, or nothing.
  ViewChange change(Index voter, std::uint32_t view, std::size_t branch, std::uint64_t size) const;
  NewView new_view(Index voter, std::uint32_t view, const Value& value,
                   std::vector<ViewChange> basis) const;
  void say(Index from, const std::vector<Index>& to, const Body& body);
  /// Prepares and commits to `value`, to everybody.
  void support(Index voter, std::uint32_t view, const Value& value, std::uint32_t height = 1);
  /// Everything that reached a played voter.
  const Bodies& heard(Index voter) const { return seats_[voter].heard; }
  std::vector<SignedStatement> votes(Index hearer, Phase phase, std::uint32_t view,
                                     const Value& value, std::uint32_t height = 1) const;
  ViewChange change_of(Index hearer, Index voter, std::uint32_t view) const;
  Certificate certificate(const std::vector<SignedStatement>& commits) const;

  Value value(std::size_t branch, std::uint64_t size) const;
  Standpoint certified(Index voter) const;
  std::optional<Certificate> last(Index voter) const;
  const Agreement& agreement(Index voter) const { return *seats_[voter].agreement; }
  std::size_t branch(Index voter) const { return seats_[voter].chain->branch; }
  const AgreementCounters& counters(Index voter) const;
  /// What was decided about a height, by whoever learned it first.
  std::optional<Value> decided(std::uint32_t height) const;
  Instant now() const { return now_; }

  /// Words that do not pass are lost; records of a log wait until they pass.
  std::function<bool(Index from, Index to, const Body&)> passes;
  /// For scripts in which more voters lie than a roster tolerates.
  bool tolerate_alarms = false;
  /// Asked whenever an honest voter has something to store.
  std::function<Fate(Index voter, const std::vector<Statement>& said)> fate;

 private:
  struct Seat {
    std::unique_ptr<Signer> signer;
    std::unique_ptr<sim::CopyChain> chain;
    std::unique_ptr<Agreement> agreement;  ///< nothing while it is down, or played
    bool played = false;
    std::uint32_t incarnation = 1;
    std::uint64_t fed = 0;  ///< entries it gets of whatever branch it is on
    std::map<Bytes, Bytes> rows, certificates;
    Bodies log;  ///< records of all voters, in the order in which they came
    Bodies heard;
    Instant ticked{Duration{-1}};
  };
  struct Record {
    Index from = 0, to = 0;
    Body body;
  };

  Index index_of(const PeerId& id) const;
  void start(Index voter);
  void later(Duration delay, std::function<void()> what);
  void pass_records();
  void deliver(const Record& record);
  void deliver_word(Index from, Index to, const Word& word);
  void write_record(Index from, const Body& body);
  void after(Index voter);
  void watch(Index voter, const Statement& said);
  void learn(Index voter);
  void fold(Index voter, const FoldRequest& fold);
  std::optional<Instant> next_tick(const Seat& seat) const;

  ClusterId cluster_{};
  membership::Roster roster_;
  std::vector<sim::Branch> branches_;
  std::vector<sim::BranchHeads> heads_;
  std::vector<Seat> seats_;
  std::multimap<Instant, std::function<void()>> mail_;
  std::vector<Record> records_;  ///< on their way
  Instant now_{};
  std::map<std::uint32_t, Value> decided_;
  std::map<std::uint32_t, Value> rosters_;  ///< by epoch
  struct Place {
    Index voter = 0;
    std::uint32_t incarnation = 0;
    SubjectId subject;
    std::uint32_t height = 0;
    auto operator<=>(const Place&) const = default;
  };
  std::map<std::tuple<Place, std::uint32_t, std::uint32_t, Phase>, Statement> said_;
  std::map<std::pair<Place, std::uint32_t>, std::uint32_t> left_;  ///< views, by place and epoch
  std::map<Place, std::uint32_t> epochs_;                          ///< the latest spoken in
  /// Epochs, by voter and incarnation.
  std::map<std::pair<Index, std::uint32_t>, std::uint32_t> handed_over_;
};

}  // namespace vouch::consensus
