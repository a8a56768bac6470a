// What all instances of one voter share.
// SPDX-License-Identifier: MIT
#pragma once

#include <set>

#include "vouch/base/released.hpp"
#include "vouch/base/signer.hpp"
#include "vouch/base/time.hpp"
#include "vouch/consensus/chains.hpp"
#include "vouch/consensus/charges.hpp"
#include "vouch/consensus/choice.hpp"
#include "vouch/consensus/pace.hpp"
#include "vouch/membership/rule_chain.hpp"
#include "vouch/schemas/envelope.hpp"

namespace vouch::consensus {

/// Local and monotonic.
struct Timing {
  /// T0: from evidence to the view-change.
  PaceBounds evidence{std::chrono::milliseconds(100), std::chrono::milliseconds(50),
                      std::chrono::seconds(1)};
  /// T1; doubles from view to view.
  PaceBounds view{std::chrono::milliseconds(200), std::chrono::milliseconds(100),
                  std::chrono::seconds(2)};
  Duration view_max{std::chrono::seconds(8)};       ///< of a T1 that doubled
  Duration resend{std::chrono::milliseconds(100)};  ///< at least; doubles up to `resend_max`
  Duration resend_max{std::chrono::seconds(2)};
  Duration evidence_max{std::chrono::seconds(60)};  ///< T0 doubles up to it after each null
  std::uint32_t doublings_max = 5;                  ///< of T1
  ChargeBounds charges = {};                        ///< for evidence that was wrong
  /// By how much T1 of a proposal is longer for each subject that is being decided.
  Duration each_open{std::chrono::milliseconds(1)};
};

/// An epoch that a voter may vote in, as this incarnation.
struct Entered {
  std::uint32_t epoch = 0;
  std::uint32_t incarnation = 0;
  bool operator==(const Entered&) const = default;
};

struct Setting {
  ClusterId cluster;
  membership::Roster roster;  ///< that instances are open under
  const Signer& signer;
  const Chains& chains;
  std::string rule_set;           ///< of the configs
  std::uint32_t incarnation = 0;  ///< under which this peer writes; 0 = it does not vote yet
  Timing timing;
  std::set<PeerId> suspects = {};      ///< primaries whose view timed out and who were silent since
  Charges charges{timing.charges};     ///< what it cost so far
  Pace gossip_pace{timing.evidence};   ///< of view 0
  Pace view_pace{timing.view};         ///< of the views above
  std::size_t open = 0;                ///< subjects that something is waited for in
  const Released* released = nullptr;  ///< nothing is heard or said of its streams; may be absent
  membership::Rosters* rosters = nullptr;  ///< of all epochs; the agreement adds to them
  const Logs* logs = nullptr;              ///< how far they are read; may be absent
  /// The first epoch needs no entering.
  std::optional<Entered> entered = std::nullopt;
  /// Ids of the custom rules that this peer has: what rule sets it can run.
  std::set<std::string> custom_rules = {};
  /// Voters by their turns in the instance that was asked about last: questions about one come
  /// together.
  using Order = std::vector<std::pair<Hash, PeerId>>;
  struct Ordered {
    SubjectId subject;
    std::uint32_t height = 0, epoch = 0;
    Order order;
  };
  mutable Ordered ordered = {};

  const PeerId& self() const { return signer.id(); }
  /// By which heads are computed.
  membership::RuleChain rules() const { return {rule_set, rosters}; }
  /// This peer can judge by the rules that a roster names. Errors: see validator::check_runs.
  Result<void> runs(const membership::Roster& next) const;
  /// A later roster is certified: nothing more is said under this one.
  bool stopped() const { return rosters->newest().epoch() != roster.epoch(); }
  /// This peer may speak in instances of the roster's epoch.
  bool in_epoch() const {
    const bool first = roster.epoch() == rosters->first().epoch();
    return incarnation != 0 && roster.lists(self(), incarnation) &&
           (first || entered == Entered{roster.epoch(), incarnation});
  }
  /// Votes of this peer count, now.
  bool votes() const { return in_epoch() && !stopped(); }
  std::size_t quorum() const { return membership::quorum(roster.size()); }
  /// Primary of a view from 1 on: another order for every subject and height.
  PeerId primary(const SubjectId& subject, std::uint32_t height, std::uint32_t view) const;
  /// How many views after `view` this voter is primary; nothing when it is not in the roster.
  std::optional<std::size_t> turn(const SubjectId& subject, std::uint32_t height,
                                  std::uint32_t view) const;

 private:
  const Order& order(const SubjectId& subject, std::uint32_t height) const;
};

}  // namespace vouch::consensus
