// The world of one dispute: its voters, what is on its way between them, and the clock.
// SPDX-License-Identifier: MIT
#pragma once

#include "tests/sim/dispute/dispute.hpp"
#include "tests/sim/dispute/events.hpp"
#include "tests/sim/dispute/referee.hpp"
#include "tests/sim/hash.hpp"

#include "vouch/base/bundle.hpp"

namespace vouch::sim {

inline constexpr Time ms = 1000;

class Disputing {
 public:
  explicit Disputing(const DisputeSettings& settings)
      : settings_(settings), random_(settings.seed * 0x9e3779b97f4a7c15 + 17) {}

  DisputeReport run();

 private:
  void set_up();
  void add_copy(std::size_t voter, Adversary adversary, std::size_t branch);
  std::unique_ptr<consensus::Agreement> new_agreement(Copy& copy);
  std::shared_ptr<const Said> say(const Copy& from, Bytes bytes) const;
  void hear_vote(Copy& copy, const SignedStatement& vote);
  void hear_words(Copy& copy, const PeerId& from, const Said& said);
  void tell_proofs(Copy& copy, std::size_t index, const Outbox& out);
  void tell_certificate(Copy& copy, std::size_t index, const Certificate& certificate);
  void schedule(Event event, Time delay) {
    event.at = now_ + delay;
    agenda_.push(std::move(event));
  }
  void plan(Kind kind, std::size_t copy, Time delay) {
    Event event;
    event.kind = kind;
    event.copy = static_cast<std::uint32_t>(copy);
    schedule(std::move(event), delay);
  }
  Instant now() const { return Instant(Duration(now_)); }
  bool cut(const Copy& a, const Copy& b) const {
    return now_ < cut_until_ && ((cut_mask_ >> a.voter ^ cut_mask_ >> b.voter) & 1U) != 0;
  }
  void handle(Event& event);
  void operate();
  void propose(Copy& copy, std::size_t index);
  /// It names an epoch that the voter knows no roster of yet: it takes it later.
  bool too_early(const Copy& copy, const Event& event) const;
  void hear_again(Copy& copy);
  bool feed(Copy& copy, std::size_t index);
  void attest(Copy& copy, std::size_t index);
  bool compare(Copy& copy);
  void fold(Copy& copy, const consensus::FoldRequest& fold);
  void after(Copy& copy, std::size_t index);
  /// The votes of a ballot, as everybody finds them in it.
  std::shared_ptr<const std::vector<SignedStatement>> opened(const Copy& copy,
                                                             const Ballot& ballot) const {
    return std::make_shared<const std::vector<SignedStatement>>(
        open_ballot(cluster_, *signers_[copy.voter], copy.id, ballot));
  }
  void send_words(Copy& from, std::size_t index, const PeerId& to,
                  const std::shared_ptr<const Said>& said);
  void send_log(Copy& from, std::size_t index, const Event& event);
  void decide(const consensus::Decided& decided);
  void restart(Copy& copy, std::size_t index);
  bool finished() const;
  bool decided_all(const Copy& copy) const;
  Time bearable_calm() const;
  Time hop_max() const { return settings_.faults ? 30 * ms : 3 * ms; }
  Time travel() { return static_cast<Time>(random_.below(hop_max())); }

  DisputeSettings settings_;
  transport::SplitMix64 random_;
  ClusterId cluster_{};
  SubjectId disputed_ = stream_subject(cluster_, disputed_stream);
  std::vector<std::unique_ptr<Signer>> signers_;
  membership::Roster roster_;  ///< the first one
  std::vector<Branch> branches_;
  std::vector<BranchHeads> heads_;
  std::vector<std::unique_ptr<Copy>> copies_;
  Agenda agenda_;
  Time now_ = 0;
  Time trouble_until_ = 0;
  std::uint64_t cut_mask_ = 0;
  Time cut_until_ = 0, next_cut_ = 0;
  std::vector<std::string> subjects_;  ///< that values were proposed for
  std::optional<Referee> referee_;
  Trace trace_;
  DisputeReport report_;
};

}  // namespace vouch::sim
