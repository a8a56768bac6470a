// How a peer that lacks batches which nobody keeps any more comes to the state without them
// (docs/decisions/0041). It asks one voter where the logs end, and takes what f+1 voters, who have
// read them so far, tell alike: streams that were let go of, and cells, leaf by leaf. What is
// already alike here is not asked for. Invariant: nothing is taken that no honest voter holds, and
// an end of a log only when of all that was told f+1 tellers had read it so far. Deliberately
// absent: what changes here by it (Replica::take_over).
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

/// What f+1 voters tell alike, or the ends of logs of which all is here.
struct TakenState {
  std::vector<ReleasedSubjects::Stream> released;
  std::vector<SubjectId> released_proposals;
  state::State cells;
  std::vector<Bytes> ends;  ///< the last batch of each log, its signature checked
  bool done = false;        ///< nothing more of this transfer follows
};

struct TransferTimes {
  Duration timeout{std::chrono::seconds(1)};      ///< then an answer counts as lost
  Duration rest{std::chrono::milliseconds(100)};  ///< until too few are asked once more
};

class StateTransfer {
 public:
  /// Without `compares` it asks for every leaf, alike or not.
  explicit StateTransfer(TransferTimes times, bool compares = true)
      : times_(times), compares_(compares) {}

  /// The answer of `peer` to a pull: whether it still has what we need first.
  void on_pulled(const PeerId& peer, bool behind);
  /// True when these are the ends that were asked for; note_end for each that is beyond a gap, and
  /// on_ends, must follow.
  bool awaits_ends(const PeerId& from, std::uint64_t number) const {
    return asking_ && step_ == Step::ends && from == source_ && number == number_;
  }
  /// The last batch of a log that lacks more than it here. Its signature is right.
  void note_end(const LogEnd& end, Bytes frame);
  /// `upto` is what Ends says.
  void on_ends(Instant now, const std::optional<Writer>& upto);
  void on_released(const PeerId& from, std::uint64_t number, const ReleasedSubjects& told);
  void on_leaves(const PeerId& from, std::uint64_t number, const Leaves& leaves);
  void on_cells(const PeerId& from, std::uint64_t number, const Cells& cells);
  /// Asks what is due. `others` are the voters but this peer, of a roster of `voters`; `salt` is
  /// new, and nobody else can know it. Gives what is to be taken over, if anything.
  std::optional<TakenState> on_tick(Instant now, const Replica& replica,
                                    const std::vector<PeerId>& others, std::size_t voters,
                                    std::uint64_t salt, Outbox& out);
  std::optional<Instant> next_deadline() const;

  bool running() const { return step_ != Step::idle; }
  std::uint64_t begun() const { return begun_; }
  /// Leaves that are still to be taken.
  std::size_t leaves_left() const { return left_.size(); }

 private:
  enum class Step : std::uint8_t { idle, ends, released, leaves, cells };
  using Leaf = std::uint16_t;

  void begin(Instant now);
  void seek();
  void ask(Instant now, const Replica& replica, const std::vector<PeerId>& others,
           std::uint64_t salt, Outbox& out);
  bool heard(Step step, const PeerId& from, std::uint64_t number,
             const std::vector<std::uint16_t>& lacks);
  std::vector<LogEnd> read() const;
  bool waits() const;
  bool all_read_by(std::size_t need) const;
  bool whole(const PeerId& teller) const;
  void weigh(const std::set<PeerId>& tellers, std::size_t enough);
  void fail(Instant now);
  void end(Instant now);
  std::optional<TakenState> take(Instant now, const Replica& replica, std::size_t voters);
  TakenState agreed_released(const Replica& replica, std::size_t voters);
  void compare(const Replica& replica, std::size_t voters);
  TakenState agreed_cells(const Replica& replica, std::size_t voters);

  TransferTimes times_;
  bool compares_;
  Step step_ = Step::idle;
  std::set<PeerId> behind_;            ///< voters that do not have what we need first
  bool wanted_ = false;                ///< they may have become enough
  std::optional<Instant> until_;       ///< answers are awaited, or the next question waits
  bool asking_ = false;                ///< the question of this step was asked
  std::uint64_t number_ = 1ULL << 63;  ///< above those of the other questions for leaves and cells
  std::uint64_t begun_ = 0;
  std::optional<Instant> patient_until_;  ///< fewer than 2f+1 are not enough until then
  int failures_ = 0;                      ///< in a row, of one source
  std::size_t turn_ = 0;                  ///< whose ends are taken next
  PeerId source_;
  std::optional<Writer> listed_;  ///< ends up to this log are known
  /// A log and its last batch; whether enough of those who told all that is taken had read it.
  struct End {
    LogEnd end;
    Bytes batch;
    bool told = true;
  };
  std::vector<End> ends_;
  std::optional<SubjectId> released_;  ///< those up to this subject are taken
  std::uint64_t salt_ = 0;
  std::set<Leaf> left_;
  std::set<PeerId> asked_;   ///< who has not answered
  std::set<PeerId> silent_;  ///< nor the last question: asked, but not waited for
  std::size_t enough_ = 1;   ///< voters among whom one at least is honest
  std::map<PeerId, ReleasedSubjects> streams_;
  std::map<PeerId, std::vector<std::uint64_t>> sums_;
  std::map<PeerId, LeafCells> cells_;
  std::map<PeerId, std::set<std::uint16_t>> lacks_;  ///< ends that those who answered have not read
};

}  // namespace vouch::sync
