// SPDX-License-Identifier: MIT
#include "vouch/sync/reconciler.hpp"

#include <algorithm>

#include "vouch/membership/quorum.hpp"
#include "vouch/schemas/limits.hpp"
#include "vouch/state/cells.hpp"
#include "vouch/state/state_sum.hpp"
#include "vouch/sync/replica.hpp"

namespace vouch::sync {
namespace {

constexpr Duration rest_max{std::chrono::minutes(1)};

/// What cells come to, whatever the evidence behind them.
std::vector<std::pair<Bytes, Bytes>> values_of(const state::State& cells) {
  std::vector<std::pair<Bytes, Bytes>> out;
  state::visit_values(cells, cells, [&out](Bytes key, Bytes value) {
    out.emplace_back(std::move(key), std::move(value));
  });
  return out;
}

}  // namespace

void Reconciler::on_leaves(const PeerId& from, std::uint64_t number, Leaves leaves) {
  if (step_ != Step::leaves || number != number_ || asked_.erase(from) == 0) return;
  sums_.insert_or_assign(from, std::move(leaves));
}

void Reconciler::on_cells(const PeerId& from, std::uint64_t number, const Cells& cells) {
  if (step_ != Step::cells || number != number_ || asked_.erase(from) == 0) return;
  auto leaves = cells_by_leaf(cells, wanted_of_.at(from));
  if (leaves) told_.insert_or_assign(from, Told{cells.frontier, std::move(*leaves)});
}

void Reconciler::ask_leaves(Instant now, const std::vector<PeerId>& others, Outbox& out) {
  wanted_ = false;
  step_ = Step::leaves;
  until_ = now + timeout_;
  ++number_;
  ++rounds_;
  sums_.clear();
  asked_ = {others.begin(), others.end()};
  for (const PeerId& peer : others) out.send(peer, AskLeaves{}, number_);
}

/// False when nothing here is wrong.
bool Reconciler::ask_cells(Instant now, const Replica& replica, std::size_t voters, Outbox& out) {
  const std::vector<std::uint64_t>& own = replica.state_sum().leaves();
  const FrontierDigest frontier = replica.short_digest();
  std::erase_if(sums_, [&](const auto& answer) { return answer.second.frontier != frontier; });
  with_us_.clear();
  wanted_of_.clear();
  more_ = false;
  split_ = false;
  for (std::uint16_t leaf = 0; leaf < limits::state_leaves; ++leaf) {
    std::map<std::uint64_t, std::vector<PeerId>> holders;
    for (const auto& [peer, answer] : sums_) holders[answer.sums[leaf]].push_back(peer);
    const std::size_t with_us = 1 + holders[own[leaf]].size();
    holders.erase(own[leaf]);
    split_ = split_ || (!holders.empty() && with_us < membership::quorum(voters));
    const auto most = std::ranges::max_element(
        holders, {}, [](const auto& holder) { return holder.second.size(); });
    if (most == holders.end() || most->second.size() < membership::one_honest(voters)) continue;
    if (most->second.size() <= with_us) continue;
    more_ = with_us_.size() == limits::asked_leaves_max;
    if (more_) break;
    with_us_[leaf] = with_us;
    for (const PeerId& peer : most->second) wanted_of_[peer].insert(leaf);
  }
  if (with_us_.empty()) return false;
  step_ = Step::cells;
  until_ = now + timeout_;
  ++number_;
  told_.clear();
  asked_.clear();
  for (const auto& [peer, leaves] : wanted_of_) {
    asked_.insert(peer);
    out.send(peer, AskCells{{leaves.begin(), leaves.end()}, {}}, number_);
  }
  return true;
}

std::optional<AgreedLeaves> Reconciler::agreed(const Replica& replica, std::size_t voters) const {
  AgreedLeaves out;
  const FrontierDigest frontier = replica.short_digest();
  for (const auto& [leaf, with_us] : with_us_) {
    std::map<std::vector<std::pair<Bytes, Bytes>>, std::vector<const state::State*>> holders;
    for (const auto& [peer, told] : told_) {
      const auto cells = told.leaves.find(leaf);
      if (told.frontier != frontier || cells == told.leaves.end()) continue;
      holders[values_of(cells->second)].push_back(&cells->second);
    }
    for (const auto& [values, states] : holders) {
      if (states.size() < membership::one_honest(voters) || states.size() <= with_us) continue;
      const auto first = std::ranges::find_if(
          states, [&](const state::State* cells) { return replica.convinces(*cells); });
      if (first == states.end()) continue;
      out.leaves.insert(leaf);
      out.cells.join(**first);
    }
  }
  if (out.leaves.empty()) return std::nullopt;
  return out;
}

void Reconciler::end_round(Instant now, bool changed) {
  step_ = Step::idle;
  splits_ = changed || !split_ ? 0 : splits_ + 1;
  rest_ = changed ? timeout_ : std::min(rest_ * 2, rest_max);
  wanted_ = wanted_ || (changed && more_);
  until_ = changed && more_ ? now : now + rest_;
  sums_.clear();
  told_.clear();
}

std::optional<AgreedLeaves> Reconciler::on_tick(Instant now, const Replica& replica,
                                                const std::vector<PeerId>& others,
                                                std::size_t voters, Outbox& out) {
  if (step_ == Step::idle) {
    if (wanted_ && (!until_ || now >= *until_)) ask_leaves(now, others, out);
    return std::nullopt;
  }
  if (!asked_.empty() && now < *until_) return std::nullopt;
  if (step_ == Step::leaves) {
    if (!ask_cells(now, replica, voters, out)) end_round(now, false);
    return std::nullopt;
  }
  auto news = agreed(replica, voters);
  end_round(now, news.has_value());
  return news;
}

std::optional<Instant> Reconciler::next_deadline() const {
  if (step_ == Step::idle && !wanted_) return std::nullopt;
  if (step_ != Step::idle && asked_.empty()) return Instant{};
  return until_.value_or(Instant{});
}

}  // namespace vouch::sync
