// One instance while the roster changes, as a model that can be searched state by state
// (docs/decisions/0035): voters of the first epoch stop and hand over their locks, voters of the
// second one enter with those of a quorum. Honest voters are explicit; of liars every vote, every
// lock that can be proven and every handover is always available; every primary is adversarial;
// whatever was said may be read at any time or never. That a roster is certified may become known
// to anybody at any time. Deliberately absent: how the roster is agreed upon, heights, timers,
// storage.
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>

namespace vouch::model {

/// One rule left out or broken; `none` is the protocol.
enum class HandoverMutant : std::uint8_t {
  none,
  votes_after_the_stop,         ///< in the old epoch
  enters_without_handovers,     ///< the instance is voted for in both epochs
  roster_before_certificate,    ///< two rosters follow on one
  handover_without_locks,       ///< of who has some
  one_handover_fewer,           ///< than a quorum
  joiner_hands_over,            ///< counted though the old roster does not list it
  removed_voter_counts,         ///< in the new epoch
  view_0_beside_a_lock,         ///< another value than the one taken over
  lock_is_not_passed_on,        ///< view-changes name locks of the new epoch alone
  locks_compared_by_view_only,  ///< not by epoch first
};

struct HandoverRules {
  int stay = 2;   ///< honest voters of both rosters
  int leave = 1;  ///< of the old one alone
  int join = 1;   ///< of the new one alone
  int values = 2;
  // By epoch:
  std::array<int, 2> f{1, 1};
  std::array<int, 2> q{3, 3};
  std::array<int, 2> views{2, 2};
  HandoverMutant mutant = HandoverMutant::none;

  int rosters() const { return mutant == HandoverMutant::roster_before_certificate ? 2 : 1; }
  int honest() const { return stay + leave + join * rosters(); }
};

class HandoverModel {
 public:
  static constexpr int honest_max = 5;
  /// The packed honest voters.
  using State = std::array<std::uint64_t, honest_max>;

  explicit HandoverModel(const HandoverRules& rules) : rules_(rules) {}

  State initial() const { return pack({}); }
  /// Every state that one step of one honest voter leads to.
  void each_next(const State& state, const std::function<void(const State&)>& visit) const;
  /// Certificates of two values exist.
  bool violated(const State& state) const;
  /// Per voter and epoch: view, then per view [prepared set, committed value, view-change].
  std::string text(const State& state) const;

 private:
  static constexpr int views_max = 3;
  struct Votes {
    std::uint8_t view = 0;
    std::array<std::uint8_t, views_max> prepared{};  ///< set of values, one bit each
    std::array<std::uint8_t, views_max> committed{};
    std::array<std::uint8_t, views_max> view_change{};  ///< 0 not sent, else the code of its lock
  };
  struct Voter {
    bool stopped = false;
    std::uint8_t entered = 0;  ///< 0 not, else the code of the lock it took over
    std::uint8_t roster = 0;   ///< that it entered with
    std::array<Votes, 2> votes;
  };
  /// Where votes are counted: an epoch, and in the second one a roster.
  struct Seat {
    std::size_t epoch = 0;
    int roster = 0;
  };
  using Voters = std::array<Voter, honest_max>;
  using Step = std::function<void(const Voter&)>;
  /// Codes of locks, one bit each.
  using Locks = std::uint64_t;

  Voters unpack(const State& state) const;
  State pack(const Voters& voters) const;
  bool broken(HandoverMutant mutant) const { return rules_.mutant == mutant; }
  bool in_old(int voter) const { return voter < rules_.stay + rules_.leave; }
  bool in_new(int voter, int roster) const;
  bool counts(const Voters& all, int voter, Seat seat) const;
  template <class Holds>
  bool quorum(const Voters& all, Seat seat, Holds holds) const;
  std::uint8_t code(std::size_t epoch, int view, int value) const;
  int rank(std::uint8_t lock) const;
  Locks provable(const Voters& all, Seat seat) const;
  std::uint8_t lock_of(const Voter& voter, std::size_t epoch) const;
  Locks highest(Locks honest, bool filled, Locks provable) const;
  Locks taken_over(const Voters& all, int voter) const;
  unsigned justified(const Voters& all, Seat seat, int view, Locks provable) const;
  void vote(const Voters& all, const Voter& self, Seat seat, const Step& step) const;
  void stop_and_enter(const Voters& all, int voter, const Step& step) const;

  HandoverRules rules_;
};

}  // namespace vouch::model
