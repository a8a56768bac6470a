// The agreement protocol as a model that can be searched state by state: one stream, one or two
// successive instances, views from 0. Honest voters are explicit; of Byzantine voters every vote
// and every provable lock is always available; every primary is adversarial; a message that was
// sent may be read at any time or never, so loss, delay and reordering are included. Values beside
// a lock are free, which contains every choice rule. Deliberately absent: timers, bundles, chains
// of events; what is checked is that certificates never contradict each other.
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>

namespace vouch::model {

inline constexpr int honest_max = 4;
inline constexpr int views_max = 3;

/// One rule left out or broken; `none` is the protocol.
enum class Mutant : std::uint8_t {
  none,
  view_0_commit_after_view_change,
  view_change_without_lock,
  view_0_does_not_lock,
  lowest_lock_wins,
  forgotten_vote,
  byzantine_counted_twice,
  free_choice_beside_a_lock,
  next_height_without_certificate,
};

struct Rules {
  int n = 4;
  int f = 1;
  int q = 3;
  int views = 3;   ///< 0 .. views - 1, at most views_max
  int values = 2;  ///< points that can be certified; null comes in addition
  bool null = true;
  int heights = 1;  ///< successive instances, 1 or 2
  Mutant mutant = Mutant::none;

  int honest() const { return n - f; }
  int all_values() const { return values + (null ? 1 : 0); }
};

/// What one honest voter has sent in one instance; 0 = nothing. Values count from 1.
struct Votes {
  std::uint8_t view = 0;
  std::array<std::uint8_t, views_max> prepared{};  ///< set of values, one bit each
  std::array<std::uint8_t, views_max> committed{};
  /// By view: 0 not sent, 1 sent without a lock, else 2 + lock view * 4 + lock value.
  std::array<std::uint8_t, views_max> view_change{};
};

struct Voter {
  std::uint8_t height = 0;
  std::uint8_t base = 0;  ///< the value that height 0 was closed with
  std::array<Votes, 2> votes;
};

/// The packed honest voters, sorted: who is who makes no difference.
using State = std::array<std::uint64_t, honest_max>;

class Model {
 public:
  explicit Model(const Rules& rules) : rules_(rules) {}

  State initial() const;
  /// Every state that one step of one honest voter leads to.
  void each_next(const State& state, const std::function<void(const State&)>& visit) const;
  /// Two certificates that contradict each other exist.
  bool violated(const State& state) const;
  /// Per voter and instance: view, then per view [prepared set, committed value, view-change].
  std::string text(const State& state) const;

 private:
  using Voters = std::array<Voter, honest_max>;
  using ValueSets = std::array<std::uint8_t, views_max>;
  using Step = std::function<void(const Voter&)>;

  Voters unpack(const State& state) const;
  State pack(Voters voters) const;
  /// Honest voters of this instance for which `holds` is true, and the Byzantine ones with them.
  template <class Holds>
  bool quorum(const Voters& all, int height, int base, Holds holds) const;
  bool certified(const Voters& all, int height, int base, int value) const;
  /// By view: the values with a quorum of prepares, and so with a provable lock.
  ValueSets provable(const Voters& all, const Voter& self) const;
  /// The values a primary may choose, given exactly these honest senders of view-changes.
  unsigned choices_of(const Voters& all, const Voter& self, int view, unsigned senders,
                      const ValueSets& locks) const;
  /// The same over all quorums of view-changes that exist.
  unsigned justified(const Voters& all, const Voter& self, int view, const ValueSets& locks) const;
  void prepare(const Voters& all, const Voter& self, const ValueSets& locks,
               const Step& step) const;
  void commit(const Voter& self, const ValueSets& locks, const Step& step) const;
  void change_view(const Voter& self, const Step& step) const;
  void close(const Voters& all, const Voter& self, const Step& step) const;
  std::uint8_t lock_of(const Votes& votes) const;

  Rules rules_;
};

}  // namespace vouch::model
