// Places in a replicated sequence: a dense total order in which every writer can name a new place
// between any two without asking, and what one writer puts in at one spot stays together.
// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "vouch/crdt/dot_context.hpp"

namespace vouch::crdt {

/// A path in a tree that is walked in order: what hangs to the left of a place comes before it,
/// what hangs to the right after. A step is a place in a run: the writer that began the run keeps
/// extending it at both ends, so typing forward or backward makes no deeper paths. Two new places
/// never are equal, as each has a dot of its own. Comparison O(depth). Source: Weidner, Kleppmann,
/// "The art of the Fugue", 2023, for the order; its runs are ours.
class Position {
 public:
  enum class Side : std::uint8_t { left = 0, right = 1 };
  struct Step {
    Side side = Side::right;  ///< on which side of the step above it hangs
    ReplicaId replica = 0;
    std::uint64_t start = 0;  ///< the count of the dot that began the run
    std::int64_t index = 0;   ///< 0 for that dot, then distances of counts, negative to the front
    auto operator<=>(const Step&) const = default;
  };

  Position() = default;

  /// A place between two, nullptr for the ends of the sequence. Precondition: `*before < *after`.
  static Position between(const Position* before, const Position* after, const Dot& dot) {
    const auto fits = [&](const Position& next) {
      return !next.empty() && (before == nullptr || *before < next) &&
             (after == nullptr || next < *after);
    };
    if (before != nullptr) {
      if (Position next = before->extended(dot, true); fits(next)) return next;
    }
    if (after != nullptr) {
      if (Position next = after->extended(dot, false); fits(next)) return next;
    }
    const bool under_after =
        after != nullptr && (before == nullptr || after->steps_.size() > before->steps_.size()) &&
        (before == nullptr ||
         std::equal(before->steps_.begin(), before->steps_.end(), after->steps_.begin()));
    Position next = under_after ? *after : before != nullptr ? *before : Position{};
    next.steps_.push_back({under_after ? Side::left : Side::right, dot.replica, dot.count, 0});
    return next;
  }

  bool empty() const { return steps_.empty(); }
  std::size_t depth() const { return steps_.size(); }

  std::strong_ordering operator<=>(const Position& other) const {
    const auto [mine, theirs] =
        std::mismatch(steps_.begin(), steps_.end(), other.steps_.begin(), other.steps_.end());
    if (mine != steps_.end() && theirs != other.steps_.end()) return *mine <=> *theirs;
    if (mine != steps_.end()) return after_its_parent(*mine);
    if (theirs != other.steps_.end()) return 0 <=> after_its_parent(*theirs);
    return std::strong_ordering::equal;
  }
  bool operator==(const Position&) const = default;

  /// At most so many steps are shared with the place before, so that a short form cannot unfold
  /// into large values.
  static constexpr std::size_t shared_max = 8;

  void write(ByteWriter& out, const Position& before) const {
    const std::size_t same = shared(before);
    out.leb(same);
    out.leb(steps_.size() - same);
    for (std::size_t i = same; i < steps_.size(); ++i) {
      const Step guess = i < before.steps_.size() ? before.steps_[i] : Step{};
      const bool run = steps_[i].replica == guess.replica && steps_[i].start == guess.start;
      out.u8(static_cast<std::uint8_t>((run ? 2 : 0) | static_cast<int>(steps_[i].side)));
      if (!run) {
        out.leb(steps_[i].replica);
        out.leb(steps_[i].start);
      }
      out.zigzag(steps_[i].index - (run ? guess.index : 0));
    }
  }
  /// Refuses every form but the one that `write` gives, and counts out of range.
  static Position read(ByteReader& in, const Position& before) {
    Position place;
    const std::size_t same = in.leb();
    if (same > std::min(before.steps_.size(), shared_max)) in.spoil();
    const std::size_t more = in.count(2);
    if (!in.ok()) return {};
    place.steps_.reserve(same + more);
    place.steps_.assign(before.steps_.begin(),
                        before.steps_.begin() + static_cast<std::ptrdiff_t>(same));
    while (in.ok() && place.steps_.size() < same + more) {
      const std::size_t i = place.steps_.size();
      place.steps_.push_back(read_step(in, i < before.steps_.size() ? before.steps_[i] : Step{}));
    }
    if (place.shared(before) != same || place.empty()) in.spoil();
    return place;
  }

 private:
  static std::strong_ordering after_its_parent(const Step& step) {
    return step.side == Side::right ? std::strong_ordering::greater : std::strong_ordering::less;
  }
  /// The next place at one end of the run that this place is in; empty if it is another writer's.
  Position extended(const Dot& dot, bool forward) const {
    if (empty() || steps_.back().replica != dot.replica || dot.count <= steps_.back().start) {
      return {};
    }
    Position next = *this;
    const auto distance = static_cast<std::int64_t>(dot.count - steps_.back().start);
    next.steps_.back().index = forward ? distance : -distance;
    return next;
  }
  std::size_t shared(const Position& before) const {
    const std::size_t most = std::min({steps_.size(), before.steps_.size(), shared_max});
    const auto end = steps_.begin() + static_cast<std::ptrdiff_t>(most);
    return static_cast<std::size_t>(
        std::mismatch(steps_.begin(), end, before.steps_.begin()).first - steps_.begin());
  }
  static Step read_step(ByteReader& in, const Step& guess) {
    const std::uint8_t how = in.u8();
    const bool run = (how & 2) != 0;
    Step step = run ? guess : Step{};
    step.side = static_cast<Side>(how & 1);
    if (!run) {
      step.replica = in.leb();
      step.start = in.leb();
    }
    const std::uint64_t index =
        static_cast<std::uint64_t>(run ? guess.index : 0) + static_cast<std::uint64_t>(in.zigzag());
    step.index = static_cast<std::int64_t>(index);
    const bool could_be_run = step.replica == guess.replica && step.start == guess.start;
    const auto limit = static_cast<std::int64_t>(count_max);
    if (how > 3 || (!run && could_be_run) || step.start > count_max || step.index > limit ||
        step.index < -limit) {
      in.spoil();
    }
    return step;
  }

  std::vector<Step> steps_;
};

static_assert(std::totally_ordered<Position> && Wired<Position>);

}  // namespace vouch::crdt
