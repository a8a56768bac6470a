// What must hold in every dispute, whoever lies, as checks that collect breaches: certificates
// convince, there is one a height, they lie on one chain, and certify what an honest voter claimed
// and others can recompute; nobody honest is accused or proven, and whoever contradicts itself
// before an honest voter is, to all honest voters in the end; memory and disk stay bounded; a
// disputed height closes. Sees all voters; changes nothing. Absent: that the stream is certified to
// its end (dispute.cpp).
// SPDX-License-Identifier: MIT
#pragma once

#include <set>
#include <tuple>

#include "tests/sim/dispute/voter.hpp"

#include "vouch/membership/rosters.hpp"

namespace vouch::sim {

/// What an honest voter takes votes for, when a message comes.
struct Stand {
  std::uint32_t height = 0;
  std::uint32_t epoch = 0;
  bool finished = false;
};

class Referee {
 public:
  /// Bytes of a subject's row, of which a voter writes one a step: own statements, of which there
  /// are at most four a view, and a lock.
  static constexpr std::size_t row_bytes_max = 64U << 10;
  /// Messages and timers of all voters together that wait for their time.
  static constexpr std::size_t waiting_max = 20'000;

  struct Context {
    ClusterId cluster;
    const membership::Roster& roster;
    const Signer& signer;  ///< of anybody, to verify
    const std::vector<Branch>& branches;
    const std::vector<BranchHeads>& heads;
    const std::vector<std::unique_ptr<Copy>>& copies;
  };
  explicit Referee(const Context& context)
      : context_(context), rosters_(context.cluster, context.roster) {}

  /// Somebody learned of a certificate of the roster subject.
  void certified_roster(const Certificate& certificate);
  /// A voter proposes this value for a user's subject.
  void proposed(const SubjectId& subject, const Value& value);
  /// Somebody learned of a certificate of a user's subject.
  void certified_proposal(const Certificate& certificate);
  /// Somebody learned of a certificate of the stream.
  void certified(const Certificate& certificate);
  /// An honest voter noticed that certificates, or statements of one voter, contradict each other.
  void alarmed() { breach("an alarm was raised"); }
  void accused(const PeerId& voter);
  static Stand stand_of(const Copy& copy);
  /// A vote with a valid signature reached an honest voter, which stood there.
  void hears(const Copy& copy, const Stand& stand, const SignedStatement& vote);
  /// After them, with what the voter found: whoever voted twice is among it.
  void heard(const Copy& copy);
  /// What it heard in this step did not get lost in a crash: who voted twice is to be proven.
  void lives(const Copy& copy);
  void restarted(const Copy& copy) { hearings_.erase(&copy); }
  /// An honest voter's proofs may be others than before.
  void judges(const Copy& copy);
  /// Who voted twice before an honest voter, and is not proven to all of them, for people.
  std::string unproven() const;
  /// Proofs had their time.
  void judged();
  void stored(const Copy& copy, ByteView row);
  void waiting(std::size_t events);
  /// The network is whole from now on: what is disputed closes, if only with nothing, until the
  /// end.
  void healed();
  void ended();

  const std::map<std::uint32_t, Value>& decided() const { return decided_; }
  /// All that were certified.
  const membership::Rosters& rosters() const { return rosters_; }
  std::uint64_t nulls() const;
  void breach(std::string what);
  const std::vector<std::string>& breaches() const { return breaches_; }

 private:
  /// Votes that a voter heard while their height was open: of each other voter those of view 0 and
  /// of the highest view, as the agreement keeps them.
  struct Hearing {
    std::uint32_t height = 0;
    std::map<std::tuple<PeerId, Phase, bool, std::uint32_t>, Statement> votes;
    std::set<PeerId> doubled;  ///< who voted twice
  };

  void check_signatures(const Certificate& certificate);
  bool follows(const Value& before, const Value& after) const;
  bool after_null(std::uint32_t height) const;
  void check_value(std::uint32_t height, const Value& value);

  Context context_;
  membership::Rosters rosters_;
  std::map<std::uint32_t, Value> decided_;
  std::map<std::pair<SubjectId, std::uint32_t>, Value> proposals_decided_;
  std::set<std::pair<SubjectId, Value>> proposed_;
  std::vector<Certificate> convinced_;  ///< the latest few, so that each is verified once
  std::map<const Copy*, Hearing> hearings_;
  std::set<PeerId> provable_;
  std::map<const Copy*, std::uint32_t> healed_at_;  ///< heights
  static constexpr std::size_t breaches_max = 8;
  std::vector<std::string> breaches_;
};

}  // namespace vouch::sim
