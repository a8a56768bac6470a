// SPDX-License-Identifier: MIT
#include "tests/model/agreement_model.hpp"

#include <bit>
#include <utility>

#include "tests/model/values.hpp"
#include <fmt/format.h>

namespace vouch::model {
namespace {

constexpr std::uint8_t lock_code(int view, int value) {
  return static_cast<std::uint8_t>(2 + view * 4 + value);
}
constexpr int lock_view(std::uint8_t code) {
  return (code - 2) / 4;
}
constexpr int lock_value(std::uint8_t code) {
  return (code - 2) % 4;
}

/// Walks the fields of a voter in one order, to pack or to unpack.
template <class Field>
void each_field(Voter& voter, const Rules& rules, Field field) {
  field(voter.height, 1);
  field(voter.base, 2);
  for (int h = 0; h < rules.heights; ++h) {
    each_field_of_votes(voter.votes[static_cast<std::size_t>(h)], rules.views, 4, field);
  }
}

}  // namespace

Model::Voters Model::unpack(const State& state) const {
  Voters voters;
  for (int i = 0; i < rules_.honest(); ++i) {
    std::uint64_t word = state[static_cast<std::size_t>(i)];
    each_field(voters[static_cast<std::size_t>(i)], rules_, [&](std::uint8_t& field, int bits) {
      field = static_cast<std::uint8_t>(word & ((1U << bits) - 1U));
      word >>= bits;
    });
  }
  return voters;
}

State Model::pack(Voters voters) const {
  State state{};
  for (int i = 0; i < rules_.honest(); ++i) {
    int at = 0;
    each_field(voters[static_cast<std::size_t>(i)], rules_, [&](std::uint8_t& field, int bits) {
      state[static_cast<std::size_t>(i)] |= std::uint64_t{field} << at;
      at += bits;
    });
  }
  // Insertion: there are at most four.
  for (std::size_t i = 1; i < honest_max; ++i) {
    for (std::size_t j = i; j > 0 && state[j - 1] < state[j]; --j) {
      std::swap(state[j - 1], state[j]);
    }
  }
  return state;
}

State Model::initial() const {
  return pack({});
}

template <class Holds>
bool Model::quorum(const Voters& all, int height, int base, Holds holds) const {
  int count = rules_.f;
  for (int i = 0; i < rules_.honest(); ++i) {
    const Voter& voter = all[static_cast<std::size_t>(i)];
    if (height == 1 && (voter.height != 1 || voter.base != base)) continue;
    count += holds(voter.votes[static_cast<std::size_t>(height)]) ? 1 : 0;
  }
  return count >= rules_.q;
}

bool Model::certified(const Voters& all, int height, int base, int value) const {
  for (std::size_t v = 0; v < static_cast<std::size_t>(rules_.views); ++v) {
    const auto committed = [&](const Votes& votes) { return votes.committed[v] == value; };
    if (quorum(all, height, base, committed)) return true;
  }
  return false;
}

Model::ValueSets Model::provable(const Voters& all, const Voter& self) const {
  ValueSets out{};
  for (std::size_t v = 0; v < static_cast<std::size_t>(rules_.views); ++v) {
    for (int value = 1; value <= rules_.all_values(); ++value) {
      const auto prepared = [&](const Votes& votes) {
        return (votes.prepared[v] & bit(value)) != 0;
      };
      if (quorum(all, self.height, self.base, prepared)) out[v] |= bit(value);
    }
  }
  return out;
}

std::uint8_t Model::lock_of(const Votes& votes) const {
  if (rules_.mutant == Mutant::view_change_without_lock) return no_lock;
  const int lowest = rules_.mutant == Mutant::view_0_does_not_lock ? 1 : 0;
  for (int v = rules_.views - 1; v >= lowest; --v) {
    const int value = votes.committed[static_cast<std::size_t>(v)];
    if (value != 0) return lock_code(v, value);
  }
  return no_lock;
}

unsigned Model::choices_of(const Voters& all, const Voter& self, int view, unsigned senders,
                           const ValueSets& locks) const {
  const unsigned any = (1U << rules_.all_values()) - 1U;
  if (rules_.mutant == Mutant::free_choice_beside_a_lock) return any;
  const bool lowest = rules_.mutant == Mutant::lowest_lock_wins;
  const auto outranks = [&](int a, int b) { return b < 0 || (lowest ? a < b : a > b); };
  int top = -1;
  unsigned values = 0;
  for (int i = 0; i < rules_.honest(); ++i) {
    if ((senders >> i & 1U) == 0) continue;
    const Votes& votes = all[static_cast<std::size_t>(i)].votes[self.height];
    const std::uint8_t code = votes.view_change[static_cast<std::size_t>(view)];
    if (code == no_lock) continue;
    if (outranks(lock_view(code), top)) {
      top = lock_view(code);
      values = 0;
    }
    if (lock_view(code) == top) values |= bit(lock_value(code));
  }
  unsigned out = top < 0 ? any : values;
  if (std::popcount(senders) >= rules_.q) return out;
  // Byzantine view-changes fill the quorum: without a lock, or with any that can be proven.
  for (int v = 0; v < view; ++v) {
    if (v == top || outranks(v, top)) out |= locks[static_cast<std::size_t>(v)];
  }
  return out;
}

unsigned Model::justified(const Voters& all, const Voter& self, int view,
                          const ValueSets& locks) const {
  const int byzantine = rules_.f * (rules_.mutant == Mutant::byzantine_counted_twice ? 2 : 1);
  unsigned sent = 0;
  for (int i = 0; i < rules_.honest(); ++i) {
    const Voter& voter = all[static_cast<std::size_t>(i)];
    if (self.height == 1 && (voter.height != 1 || voter.base != self.base)) continue;
    if (voter.votes[self.height].view_change[static_cast<std::size_t>(view)] != 0) {
      sent |= 1U << i;
    }
  }
  unsigned out = 0;
  for (unsigned senders = sent;; senders = (senders - 1) & sent) {
    const int size = std::popcount(senders);
    if (size <= rules_.q && size + byzantine >= rules_.q) {
      out |= choices_of(all, self, view, senders, locks);
    }
    if (senders == 0) return out;
  }
}

/// R2 in view 0, R8 and R9 above: once in a view, never in one that was left.
void Model::prepare(const Voters& all, const Voter& self, const ValueSets& locks,
                    const Step& step) const {
  const Votes& votes = self.votes[self.height];
  for (int v = votes.view; v < rules_.views; ++v) {
    const auto view = static_cast<std::size_t>(v);
    const bool forgets = rules_.mutant == Mutant::forgotten_vote;
    if (votes.prepared[view] != 0 && !forgets) continue;
    const unsigned allowed = v == 0 ? (1U << rules_.values) - 1U : justified(all, self, v, locks);
    for (int value = 1; value <= rules_.all_values(); ++value) {
      if ((allowed & bit(value)) == 0 || (votes.prepared[view] & bit(value)) != 0) continue;
      Voter next = self;
      next.votes[self.height].view = static_cast<std::uint8_t>(v);
      next.votes[self.height].prepared[view] |= bit(value);
      step(next);
    }
  }
}

/// R3: only in the current view.
void Model::commit(const Voter& self, const ValueSets& locks, const Step& step) const {
  const Votes& votes = self.votes[self.height];
  const bool late = rules_.mutant == Mutant::view_0_commit_after_view_change;
  for (int v = 0; v < rules_.views; ++v) {
    const auto view = static_cast<std::size_t>(v);
    if (v != votes.view && !(late && v == 0)) continue;
    if (votes.committed[view] != 0) continue;
    for (int value = 1; value <= rules_.all_values(); ++value) {
      if ((locks[view] & bit(value)) == 0) continue;
      Voter next = self;
      next.votes[self.height].committed[view] = static_cast<std::uint8_t>(value);
      step(next);
    }
  }
}

/// R6: at any time, to any higher view, with the highest lock.
void Model::change_view(const Voter& self, const Step& step) const {
  const Votes& votes = self.votes[self.height];
  for (int v = votes.view + 1; v < rules_.views; ++v) {
    Voter next = self;
    next.votes[self.height].view = static_cast<std::uint8_t>(v);
    next.votes[self.height].view_change[static_cast<std::size_t>(v)] = lock_of(votes);
    step(next);
  }
}

/// R10: with a certificate the voter goes on from what it certifies, and is silent below.
void Model::close(const Voters& all, const Voter& self, const Step& step) const {
  if (rules_.heights < 2 || self.height != 0) return;
  const bool careless = rules_.mutant == Mutant::next_height_without_certificate;
  for (int value = 1; value <= rules_.all_values(); ++value) {
    const bool guessed = careless && (self.votes[0].prepared[0] & bit(value)) != 0;
    if (!guessed && !certified(all, 0, 0, value)) continue;
    Voter next = self;
    next.height = 1;
    next.base = static_cast<std::uint8_t>(value);
    step(next);
  }
}

void Model::each_next(const State& state, const std::function<void(const State&)>& visit) const {
  const Voters all = unpack(state);
  for (int i = 0; i < rules_.honest(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (i > 0 && state[at] == state[at - 1]) continue;  // the same steps as its twin
    const Step step = [&](const Voter& voter) {
      Voters next = all;
      next[at] = voter;
      visit(pack(next));
    };
    const ValueSets locks = provable(all, all[at]);
    prepare(all, all[at], locks, step);
    commit(all[at], locks, step);
    change_view(all[at], step);
    close(all, all[at], step);
  }
}

bool Model::violated(const State& state) const {
  const Voters all = unpack(state);
  int first = 0;
  for (int value = 1; value <= rules_.all_values(); ++value) {
    if (!certified(all, 0, 0, value)) continue;
    if (first != 0) return true;
    first = value;
  }
  int second = 0;
  for (int base = 1; rules_.heights > 1 && base <= rules_.all_values(); ++base) {
    for (int value = 1; value <= rules_.all_values(); ++value) {
      if (!certified(all, 1, base, value)) continue;
      if (second != 0 || base != first) return true;
      second = value;
    }
  }
  return false;
}

std::string Model::text(const State& state) const {
  const Voters all = unpack(state);
  std::string out;
  for (int i = 0; i < rules_.honest(); ++i) {
    const Voter& voter = all[static_cast<std::size_t>(i)];
    out += fmt::format("| H{}", i + 1);
    for (std::size_t h = 0; h <= voter.height; ++h) {
      const Votes& votes = voter.votes[h];
      out += fmt::format(" g{} v{}", h + 1, votes.view);
      for (std::size_t v = 0; v < static_cast<std::size_t>(rules_.views); ++v) {
        out +=
            fmt::format(" [{} {} {}]", votes.prepared[v], votes.committed[v], votes.view_change[v]);
      }
    }
    out += ' ';
  }
  return out;
}

}  // namespace vouch::model
