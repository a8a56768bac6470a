// Peers with equal logs and another state: which parts of it are wrong here, and what stands there
// at the others. A hash tree of two levels: heartbeats carry the root, a question brings the sums
// of the leaves, a second one the cells of those that differ. Taken over is what more voters hold,
// alike, than may lie, and more than hold what we do; who is right himself changes nothing.
// Deliberately absent: why states differ, and what changes beside the state (Replica::replace).
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "vouch/base/outbox.hpp"
#include "vouch/base/time.hpp"
#include "vouch/state/state.hpp"
#include "vouch/sync/told_cells.hpp"

namespace vouch::sync {

class Replica;

/// What these leaves of the state hold, cells of no others.
struct AgreedLeaves {
  std::set<std::uint16_t> leaves;
  state::State cells;
};

class Reconciler {
 public:
  /// Waits `timeout` for answers; between two rounds that changed nothing up to a minute.
  explicit Reconciler(Duration timeout) : timeout_(timeout), rest_(timeout) {}

  /// Some voter has our logs and another state, not only for a moment.
  void on_differing() { wanted_ = true; }
  void on_leaves(const PeerId& from, std::uint64_t number, Leaves leaves);
  void on_cells(const PeerId& from, std::uint64_t number, const Cells& cells);
  /// Asks what is due. `others` are the voters but this peer, of a roster of `voters`. Gives what
  /// is to be taken over, if anything: of those who hold a leaf alike, from the first whose
  /// evidence convinces.
  std::optional<AgreedLeaves> on_tick(Instant now, const Replica& replica,
                                      const std::vector<PeerId>& others, std::size_t voters,
                                      Outbox& out);
  std::optional<Instant> next_deadline() const;
  std::uint64_t rounds() const { return rounds_; }
  /// Rounds in a row that found a leaf which no quorum holds alike and nobody can put right.
  std::uint64_t splits() const { return splits_; }

 private:
  /// What a voter says stands in the leaves that it was asked for; without cells of other leaves.
  struct Told {
    FrontierDigest frontier;
    LeafCells leaves;
  };
  enum class Step : std::uint8_t { idle, leaves, cells };

  void ask_leaves(Instant now, const std::vector<PeerId>& others, Outbox& out);
  bool ask_cells(Instant now, const Replica& replica, std::size_t voters, Outbox& out);
  std::optional<AgreedLeaves> agreed(const Replica& replica, std::size_t voters) const;
  void end_round(Instant now, bool changed);

  Duration timeout_, rest_;
  Step step_ = Step::idle;
  bool wanted_ = false;
  bool more_ = false;             ///< more leaves differ than one round asks for
  bool split_ = false;            ///< of this round: no quorum holds some leaf alike
  std::optional<Instant> until_;  ///< answers are awaited, or the next round may begin
  std::uint64_t number_ = 0, rounds_ = 0, splits_ = 0;
  std::set<PeerId> asked_;  ///< who has not answered
  std::map<PeerId, Leaves> sums_;
  std::map<std::uint16_t, std::size_t>
      with_us_;  ///< of each leaf asked for, voters that hold it so
  std::map<PeerId, std::set<std::uint16_t>> wanted_of_;
  std::map<PeerId, Told> told_;
};

}  // namespace vouch::sync
