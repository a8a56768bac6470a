// Dots, the names of updates, and sets of them: the causal context of every causal type. A context
// is a version vector with exceptions, kept as one sorted list of intervals: the interval that
// starts at 1 is a writer's entry in the vector, the others are what came in early.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <limits>

#include <boost/container/small_vector.hpp>

#include "vouch/crdt/lattice.hpp"
#include "vouch/crdt/wire.hpp"

namespace vouch::crdt {

/// Who wrote. No two writers may share one, and no two lives of a writer that lost its state: take
/// eight bytes of a hash of key and incarnation. Two updates under one dot are still merged
/// alike by everybody, but one of them may vanish.
using ReplicaId = std::uint64_t;

/// The name of one update: a writer counts its own from 1.
struct Dot {
  ReplicaId replica = 0;
  std::uint64_t count = 0;
  auto operator<=>(const Dot&) const = default;
};

/// Counts end here, so that nobody can make a writer's next count overflow.
inline constexpr std::uint64_t count_max = std::uint64_t{1} << 62;

/// A set of dots. Look-up O(log intervals); a join costs O(received · log held), plus the move of
/// the intervals behind a new one. A set that was filled in order has one interval per writer.
class DotContext {
 public:
  /// Dots `first` to `last` of one writer, both included.
  struct Interval {
    ReplicaId replica = 0;
    std::uint64_t first = 1;
    std::uint64_t last = 0;
    bool operator==(const Interval&) const = default;
  };
  /// Sorted; two intervals of one writer neither overlap nor touch.
  using Intervals = boost::container::small_vector<Interval, 2>;

  DotContext() = default;
  explicit DotContext(const Dot& dot) { insert(dot); }

  const Intervals& intervals() const { return intervals_; }
  bool empty() const { return intervals_.empty(); }
  bool contains(const Dot& dot) const {
    const std::size_t at = first_reaching(dot.replica, dot.count);
    return at < intervals_.size() && intervals_[at].replica == dot.replica &&
           intervals_[at].first <= dot.count;
  }
  /// The dot that `replica` gives its next update; never one that is in the set.
  Dot next(ReplicaId replica) const {
    const std::size_t end = first_reaching(replica, std::numeric_limits<std::uint64_t>::max());
    const bool known = end > 0 && intervals_[end - 1].replica == replica;
    return {replica, known ? intervals_[end - 1].last + 1 : 1};
  }

  void insert(const Dot& dot) { insert(Interval{dot.replica, dot.count, dot.count}); }
  void insert(const Interval& added) {
    std::size_t from = first_reaching(added.replica, added.first - 1);
    Interval whole = added;
    std::size_t to = from;
    for (; to < intervals_.size() && intervals_[to].replica == added.replica &&
           intervals_[to].first <= added.last + 1;
         ++to) {
      whole.first = std::min(whole.first, intervals_[to].first);
      whole.last = std::max(whole.last, intervals_[to].last);
    }
    if (from == to) {
      intervals_.insert(place(from), whole);
      return;
    }
    intervals_[from] = whole;
    intervals_.erase(place(from + 1), place(to));
  }

  void join(const DotContext& other) {
    if (other.intervals_.size() < 8 || other.intervals_.size() < intervals_.size() / 16) {
      for (const Interval& interval : other.intervals_) insert(interval);
    } else {
      merge(other);
    }
  }
  bool leq(const DotContext& other) const {
    return std::all_of(intervals_.begin(), intervals_.end(), [&](const Interval& mine) {
      const std::size_t at = other.first_reaching(mine.replica, mine.first);
      return at < other.intervals_.size() && other.intervals_[at].replica == mine.replica &&
             other.intervals_[at].first <= mine.first && mine.last <= other.intervals_[at].last;
    });
  }
  /// The dots that are not in `local`.
  DotContext delta_of(const DotContext& local) const {
    DotContext news;
    for (Interval mine : intervals_) {
      for (std::size_t at = local.first_reaching(mine.replica, mine.first);
           mine.first <= mine.last && at < local.intervals_.size(); ++at) {
        const Interval& held = local.intervals_[at];
        if (held.replica != mine.replica || held.first > mine.last) break;
        if (mine.first < held.first) {
          news.intervals_.push_back({mine.replica, mine.first, held.first - 1});
        }
        mine.first = held.last + 1;
      }
      if (mine.first <= mine.last) news.intervals_.push_back(mine);
    }
    return news;
  }
  /// One part per interval, not per dot: a context that covers a milliard dots has few parts.
  template <class Visit>
  void decompose(const Visit& visit) const {
    for (const Interval& interval : intervals_) {
      DotContext one;
      one.intervals_.push_back(interval);
      visit(one);
    }
  }

  void write(ByteWriter& out, const DotContext&) const {
    out.leb(writers());
    ReplicaId before = 0;
    for (std::size_t at = 0; at < intervals_.size();) {
      const std::size_t end = end_of(at);
      out.leb(intervals_[at].replica - before);
      out.leb(end - at);
      std::uint64_t reached = 0;
      for (; at < end; ++at) {
        out.leb(intervals_[at].first - reached - 1);
        out.leb(intervals_[at].last - intervals_[at].first);
        reached = intervals_[at].last;
        before = intervals_[at].replica;
      }
    }
  }
  static DotContext read(ByteReader& in, const DotContext&) {
    DotContext context;
    for (std::size_t writers = in.count(4), n = 0; n < writers; ++n) {
      const ReplicaId before = n == 0 ? 0 : context.intervals_.back().replica;
      const ReplicaId replica = before + in.leb();
      if (n > 0 && replica <= before) in.spoil();
      if (!read_runs(in, replica, context.intervals_)) return {};
    }
    return context;
  }

  /// A dot of this set in few bytes: which interval, how far in. Precondition: it is in the set.
  void write_dot(ByteWriter& out, const Dot& dot) const {
    const std::size_t at = first_reaching(dot.replica, dot.count);
    out.leb(at);
    out.leb(dot.count - intervals_[at].first);
  }
  /// Refuses what is not in the set.
  Dot read_dot(ByteReader& in) const {
    const std::uint64_t at = in.leb();
    const std::uint64_t inside = in.leb();
    if (!in.ok() || at >= intervals_.size() ||
        inside > intervals_[at].last - intervals_[at].first) {
      in.spoil();
      return {};
    }
    return {intervals_[at].replica, intervals_[at].first + inside};
  }

  bool operator==(const DotContext&) const = default;

 private:
  Intervals::iterator place(std::size_t at) {
    return intervals_.begin() + static_cast<std::ptrdiff_t>(at);
  }
  /// Index of the first interval that ends at or behind this dot.
  std::size_t first_reaching(ReplicaId replica, std::uint64_t count) const {
    const auto before = [&](const Interval& held) {
      return held.replica < replica || (held.replica == replica && held.last < count);
    };
    return static_cast<std::size_t>(
        std::partition_point(intervals_.begin(), intervals_.end(), before) - intervals_.begin());
  }
  /// Both lists are sorted: one walk.
  void merge(const DotContext& other) {
    Intervals merged;
    merged.reserve(intervals_.size() + other.intervals_.size());
    const auto earlier = [](const Interval& a, const Interval& b) {
      return a.replica < b.replica || (a.replica == b.replica && a.first < b.first);
    };
    std::merge(intervals_.begin(), intervals_.end(), other.intervals_.begin(),
               other.intervals_.end(), std::back_inserter(merged), earlier);
    intervals_.clear();
    for (const Interval& next : merged) {
      Interval* last = intervals_.empty() ? nullptr : &intervals_.back();
      if (last != nullptr && last->replica == next.replica && next.first <= last->last + 1) {
        last->last = std::max(last->last, next.last);
      } else {
        intervals_.push_back(next);
      }
    }
  }
  std::size_t end_of(std::size_t at) const {
    const ReplicaId replica = intervals_[at].replica;
    while (at < intervals_.size() && intervals_[at].replica == replica) ++at;
    return at;
  }
  std::size_t writers() const {
    std::size_t n = 0;
    for (std::size_t at = 0; at < intervals_.size(); at = end_of(at)) ++n;
    return n;
  }
  /// The intervals of one writer: refuses none, touching ones, and counts beyond count_max.
  static bool read_runs(ByteReader& in, ReplicaId replica, Intervals& out) {
    std::uint64_t reached = 0;
    const std::size_t runs = in.count(2);
    for (std::size_t n = 0; n < runs; ++n) {
      const std::uint64_t gap = in.leb();
      const std::uint64_t more = in.leb();
      const bool fits = gap < count_max - reached && more < count_max - reached - gap;
      if (!in.ok() || !fits || (n > 0 && gap == 0)) {
        in.spoil();
        return false;
      }
      const std::uint64_t first = reached + gap + 1;
      out.push_back({replica, first, first + more});
      reached = first + more;
    }
    if (runs == 0) in.spoil();
    return in.ok();
  }

  Intervals intervals_;
};

static_assert(Decomposable<DotContext> && Wired<DotContext>);

}  // namespace vouch::crdt
