// SPDX-License-Identifier: MIT
#include "tests/model/handover_model.hpp"

#include <bit>
#include <utility>

#include "tests/model/values.hpp"
#include <fmt/format.h>

namespace vouch::model {
namespace {

constexpr std::uint64_t mask(std::uint8_t lock) {
  return std::uint64_t{1} << lock;
}
constexpr int value_of(std::uint8_t lock) {
  return (lock - 2) % 4;
}

template <class Visit>
void each_lock(std::uint64_t locks, Visit visit) {
  for (; locks != 0; locks &= locks - 1) visit(static_cast<std::uint8_t>(std::countr_zero(locks)));
}

/// Walks the fields of a voter in one order, to pack or to unpack.
template <class Voter, class Field>
void each_field(Voter& voter, const std::array<int, 2>& views, Field field) {
  field(voter.stopped, 1);
  field(voter.entered, 5);
  field(voter.roster, 1);
  for (std::size_t epoch = 0; epoch < 2; ++epoch) {
    each_field_of_votes(voter.votes[epoch], views[epoch], 5, field);
  }
}

}  // namespace

HandoverModel::Voters HandoverModel::unpack(const State& state) const {
  Voters voters;
  for (std::size_t i = 0; i < static_cast<std::size_t>(rules_.honest()); ++i) {
    std::uint64_t word = state[i];
    each_field(voters[i], rules_.views, [&]<class Field>(Field& field, int bits) {
      field = static_cast<Field>(word & ((1U << bits) - 1U));
      word >>= bits;
    });
  }
  return voters;
}

HandoverModel::State HandoverModel::pack(const Voters& voters) const {
  State state{};
  for (std::size_t i = 0; i < static_cast<std::size_t>(rules_.honest()); ++i) {
    int at = 0;
    Voter voter = voters[i];
    each_field(voter, rules_.views, [&](auto& field, int bits) {
      state[i] |= static_cast<std::uint64_t>(field) << at;
      at += bits;
    });
  }
  // Who is who among those that stay, that leave, that join makes no difference.
  const auto sort = [&](int first, int count) {
    for (int i = first + 1; i < first + count; ++i) {
      for (auto j = static_cast<std::size_t>(i); j > static_cast<std::size_t>(first); --j) {
        if (state[j - 1] < state[j]) std::swap(state[j - 1], state[j]);
      }
    }
  };
  sort(0, rules_.stay);
  sort(rules_.stay, rules_.leave);
  for (int r = 0; r < rules_.rosters(); ++r) {
    sort(rules_.stay + rules_.leave + r * rules_.join, rules_.join);
  }
  return state;
}

bool HandoverModel::in_new(int voter, int roster) const {
  if (voter < rules_.stay) return true;
  if (in_old(voter)) return broken(HandoverMutant::removed_voter_counts);
  return (voter - rules_.stay - rules_.leave) / rules_.join == roster;
}

bool HandoverModel::counts(const Voters& all, int voter, Seat seat) const {
  if (seat.epoch == 0) return in_old(voter);
  const Voter& of = all[static_cast<std::size_t>(voter)];
  return of.entered != 0 && of.roster == seat.roster && in_new(voter, seat.roster);
}

template <class Holds>
bool HandoverModel::quorum(const Voters& all, Seat seat, Holds holds) const {
  int count = rules_.f[seat.epoch];
  for (int i = 0; i < rules_.honest(); ++i) {
    const Voter& voter = all[static_cast<std::size_t>(i)];
    if (counts(all, i, seat) && holds(voter.votes[seat.epoch])) ++count;
  }
  return count >= rules_.q[seat.epoch];
}

std::uint8_t HandoverModel::code(std::size_t epoch, int view, int value) const {
  const int place = (epoch == 0 ? 0 : rules_.views[0]) + view;
  return static_cast<std::uint8_t>(2 + place * 4 + value);
}

/// Higher wins; without a lock it is the lowest.
int HandoverModel::rank(std::uint8_t lock) const {
  if (lock == no_lock) return -1;
  const int place = (lock - 2) / 4;
  const bool second = place >= rules_.views[0];
  return broken(HandoverMutant::locks_compared_by_view_only) && second ? place - rules_.views[0]
                                                                       : place;
}

HandoverModel::Locks HandoverModel::provable(const Voters& all, Seat seat) const {
  Locks out = 0;
  for (int v = 0; v < rules_.views[seat.epoch]; ++v) {
    for (int value = 1; value <= rules_.values; ++value) {
      const auto prepared = [&](const Votes& votes) {
        return (votes.prepared[static_cast<std::size_t>(v)] & bit(value)) != 0;
      };
      if (quorum(all, seat, prepared)) out |= mask(code(seat.epoch, v, value));
    }
  }
  return out;
}

std::uint8_t HandoverModel::lock_of(const Voter& voter, std::size_t epoch) const {
  std::uint8_t lock = no_lock;
  if (epoch == 1 && !broken(HandoverMutant::lock_is_not_passed_on)) lock = voter.entered;
  for (int v = 0; v < rules_.views[epoch]; ++v) {
    const int value = voter.votes[epoch].committed[static_cast<std::size_t>(v)];
    if (value == 0) continue;
    const std::uint8_t own = code(epoch, v, value);
    if (rank(own) >= rank(lock)) lock = own;
  }
  return lock;
}

/// The highest of honest locks, or any provable one above it when liars fill the quorum.
HandoverModel::Locks HandoverModel::highest(Locks honest, bool filled, Locks provable) const {
  int top = -1;
  each_lock(honest, [&](std::uint8_t lock) { top = std::max(top, rank(lock)); });
  Locks out = 0;
  each_lock(honest, [&](std::uint8_t lock) {
    if (rank(lock) == top) out |= mask(lock);
  });
  if (top < 0) out = mask(no_lock);
  each_lock(filled ? provable : 0, [&](std::uint8_t lock) {
    if (rank(lock) >= top) out |= mask(lock);
  });
  return out;
}

/// What a voter may enter with, over all quorums of handovers that exist.
HandoverModel::Locks HandoverModel::taken_over(const Voters& all, int voter) const {
  const Voter& self = all[static_cast<std::size_t>(voter)];
  const Locks own = in_old(voter) ? mask(lock_of(self, 0)) : mask(no_lock);
  if (broken(HandoverMutant::enters_without_handovers)) return own;
  const int needed = rules_.q[0] - (broken(HandoverMutant::one_handover_fewer) ? 1 : 0);
  const bool lax = broken(HandoverMutant::joiner_hands_over);
  unsigned stopped = 0;
  for (int i = 0; i < rules_.honest(); ++i) {
    const bool hands_over = in_old(i) ? all[static_cast<std::size_t>(i)].stopped : lax;
    if (hands_over) stopped |= 1U << i;
  }
  const Locks fakes = provable(all, {0, 0});
  Locks out = 0;
  for (unsigned from = stopped;; from = (from - 1) & stopped) {
    const int size = std::popcount(from);
    if (size <= needed && size + rules_.f[0] >= needed) {
      Locks locks = own;
      for (int i = 0; i < rules_.honest(); ++i) {
        const bool silent = broken(HandoverMutant::handover_without_locks);
        if ((from >> i & 1U) == 0 || silent || !in_old(i)) continue;
        locks |= mask(lock_of(all[static_cast<std::size_t>(i)], 0));
      }
      out |= highest(locks, size < needed, fakes);
    }
    if (from == 0) return out;
  }
}

/// Values that a primary of `view` may choose, over all quorums of view-changes that exist.
unsigned HandoverModel::justified(const Voters& all, Seat seat, int view, Locks provable) const {
  unsigned sent = 0;
  for (int i = 0; i < rules_.honest(); ++i) {
    const Votes& votes = all[static_cast<std::size_t>(i)].votes[seat.epoch];
    const bool said = votes.view_change[static_cast<std::size_t>(view)] != 0;
    if (said && counts(all, i, seat)) sent |= 1U << i;
  }
  Locks lower = 0;
  each_lock(provable, [&](std::uint8_t lock) {
    if (lock < code(seat.epoch, view, 0)) lower |= mask(lock);
  });
  const int q = rules_.q[seat.epoch];
  unsigned out = 0;
  for (unsigned from = sent;; from = (from - 1) & sent) {
    const int size = std::popcount(from);
    if (size <= q && size + rules_.f[seat.epoch] >= q) {
      Locks locks = 0;
      for (int i = 0; i < rules_.honest(); ++i) {
        const Votes& votes = all[static_cast<std::size_t>(i)].votes[seat.epoch];
        if ((from >> i & 1U) != 0) {
          locks |= mask(votes.view_change[static_cast<std::size_t>(view)]);
        }
      }
      each_lock(highest(locks, size < q, lower), [&](std::uint8_t lock) {
        const bool free = lock == no_lock;
        out |= free ? (1U << rules_.values) - 1U : bit(value_of(lock));
      });
    }
    if (from == 0) return out;
  }
}

/// Prepares, commits and view-changes within one epoch.
void HandoverModel::vote(const Voters& all, const Voter& self, Seat seat, const Step& step) const {
  const Locks fresh = provable(all, seat);
  const Locks proven = fresh | (seat.epoch == 1 ? provable(all, {0, 0}) : 0);
  const Votes& votes = self.votes[seat.epoch];
  const auto with = [&](auto change) {
    Voter next = self;
    change(next.votes[seat.epoch]);
    step(next);
  };
  for (int v = votes.view; v < rules_.views[seat.epoch]; ++v) {
    const auto view = static_cast<std::size_t>(v);
    if (votes.prepared[view] == 0) {
      unsigned allowed = (1U << rules_.values) - 1U;
      const bool bound = seat.epoch == 1 && self.entered != no_lock &&
                         !broken(HandoverMutant::view_0_beside_a_lock);
      if (v == 0 && bound) allowed = bit(value_of(self.entered));
      if (v > 0) allowed = justified(all, seat, v, proven);
      for (int value = 1; value <= rules_.values; ++value) {
        if ((allowed & bit(value)) == 0) continue;
        with([&](Votes& next) {
          next.view = static_cast<std::uint8_t>(v);
          next.prepared[view] = bit(value);
        });
      }
    }
    if (v > votes.view) {
      with([&](Votes& next) {
        next.view = static_cast<std::uint8_t>(v);
        next.view_change[view] = lock_of(self, seat.epoch);
      });
    }
  }
  const auto view = static_cast<std::size_t>(votes.view);
  if (votes.committed[view] != 0) return;
  for (int value = 1; value <= rules_.values; ++value) {
    if ((fresh & mask(code(seat.epoch, votes.view, value))) == 0) continue;
    with([&](Votes& next) { next.committed[view] = static_cast<std::uint8_t>(value); });
  }
}

void HandoverModel::stop_and_enter(const Voters& all, int voter, const Step& step) const {
  const Voter& self = all[static_cast<std::size_t>(voter)];
  if (in_old(voter) && !self.stopped) {
    Voter next = self;
    next.stopped = true;
    step(next);
    return;
  }
  if (self.entered != 0) return;
  for (int roster = 0; roster < rules_.rosters(); ++roster) {
    if (!in_new(voter, roster)) continue;
    each_lock(taken_over(all, voter), [&](std::uint8_t lock) {
      Voter next = self;
      next.entered = lock;
      next.roster = static_cast<std::uint8_t>(roster);
      step(next);
    });
  }
}

void HandoverModel::each_next(const State& state,
                              const std::function<void(const State&)>& visit) const {
  const Voters all = unpack(state);
  for (int i = 0; i < rules_.honest(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    const Step step = [&](const Voter& voter) {
      Voters next = all;
      next[at] = voter;
      visit(pack(next));
    };
    const bool votes = !all[at].stopped || broken(HandoverMutant::votes_after_the_stop);
    if (in_old(i) && votes) vote(all, all[at], {0, 0}, step);
    if (all[at].entered != 0) vote(all, all[at], {1, all[at].roster}, step);
    stop_and_enter(all, i, step);
  }
}

bool HandoverModel::violated(const State& state) const {
  const Voters all = unpack(state);
  unsigned certified = 0;
  const auto count = [&](Seat seat) {
    for (std::size_t v = 0; v < static_cast<std::size_t>(rules_.views[seat.epoch]); ++v) {
      for (int value = 1; value <= rules_.values; ++value) {
        const auto committed = [&](const Votes& votes) { return votes.committed[v] == value; };
        if (quorum(all, seat, committed)) certified |= bit(value);
      }
    }
  };
  count({0, 0});
  for (int roster = 0; roster < rules_.rosters(); ++roster) count({1, roster});
  return std::popcount(certified) > 1;
}

std::string HandoverModel::text(const State& state) const {
  const Voters all = unpack(state);
  std::string out;
  for (int i = 0; i < rules_.honest(); ++i) {
    const Voter& voter = all[static_cast<std::size_t>(i)];
    out += fmt::format("| H{}{}", i + 1, voter.stopped ? " stopped" : "");
    for (std::size_t e = 0; e < 2; ++e) {
      if (e == 0 ? !in_old(i) : voter.entered == 0) continue;
      if (e == 1) out += fmt::format(" entered {} with lock {}", voter.roster, voter.entered);
      const Votes& votes = voter.votes[e];
      out += fmt::format(" e{} v{}", e, votes.view);
      for (std::size_t v = 0; v < static_cast<std::size_t>(rules_.views[e]); ++v) {
        out +=
            fmt::format(" [{} {} {}]", votes.prepared[v], votes.committed[v], votes.view_change[v]);
      }
    }
    out += ' ';
  }
  return out;
}

}  // namespace vouch::model
