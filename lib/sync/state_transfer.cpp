// SPDX-License-Identifier: MIT
#include "vouch/sync/state_transfer.hpp"

#include <algorithm>

#include "vouch/crdt/check.hpp"
#include "vouch/membership/quorum.hpp"
#include "vouch/schemas/limits.hpp"
#include "vouch/state/cells.hpp"
#include "vouch/state/state_sum.hpp"
#include "vouch/sync/replica.hpp"

namespace vouch::sync {
namespace {

/// So often too few voters answer a question before the ends of another voter are taken.
constexpr int failures_max = 4;
/// Logs whose last batches are more than this wait for the next transfer.
constexpr std::size_t ends_bytes_max = 8U << 20;

/// Joins the cells that so many of these states hold alike, each with the evidence of the first
/// that convinces. Proofs are told with the ends.
void join_alike(const std::map<PeerId, const state::State*>& told, std::size_t enough,
                const Replica& replica, state::State& into) {
  std::map<Bytes, std::map<Bytes, std::vector<Bytes>>> rows;  // by key and value
  for (const auto& [teller, cells] : told) {
    state::visit_forms(*cells, *cells, [&rows](Bytes key, const Bytes& value, Bytes row) {
      if (!state::is_proof_key(key)) rows[std::move(key)][value].push_back(std::move(row));
    });
  }
  for (const auto& [key, values] : rows) {
    for (const auto& [value, alike] : values) {
      if (alike.size() < enough) continue;
      for (const Bytes& row : alike) {
        state::State cell;
        VOUCH_CHECK(state::restore_cell(key, row, cell).has_value());
        if (!replica.convinces(cell)) continue;
        into.join(cell);
        break;
      }
    }
  }
}

template <class Told>
std::set<PeerId> tellers_of(const std::map<PeerId, Told>& told) {
  std::set<PeerId> out;
  for (const auto& [teller, what] : told) out.insert(teller);
  return out;
}

}  // namespace

void StateTransfer::on_pulled(const PeerId& peer, bool behind) {
  if (behind) {
    wanted_ = behind_.insert(peer).second || wanted_;
  } else {
    behind_.erase(peer);
  }
}

void StateTransfer::note_end(const LogEnd& end, Bytes frame) {
  std::size_t bytes = frame.size();
  for (const End& held : ends_) bytes += held.batch.size();
  if (ends_.size() == limits::log_ends_max || bytes > ends_bytes_max) return;
  ends_.push_back({end, std::move(frame)});
}

void StateTransfer::on_ends(Instant now, const std::optional<Writer>& upto) {
  asking_ = false;
  until_ = now;
  if (upto && (!listed_ || *listed_ < *upto)) {
    listed_ = upto;
  } else if (ends_.empty()) {
    end(now);  // nothing is lacked any more
  } else {
    step_ = Step::released;
  }
}

bool StateTransfer::heard(Step step, const PeerId& from, std::uint64_t number,
                          const std::vector<std::uint16_t>& lacks) {
  if (!asking_ || step_ != step || number != number_ || asked_.erase(from) == 0) return false;
  lacks_[from] = {lacks.begin(), lacks.end()};
  return true;
}

void StateTransfer::on_released(const PeerId& from, std::uint64_t number,
                                const ReleasedSubjects& told) {
  if (heard(Step::released, from, number, told.lacks)) streams_[from] = told;
}

void StateTransfer::on_leaves(const PeerId& from, std::uint64_t number, const Leaves& leaves) {
  if (heard(Step::leaves, from, number, leaves.lacks)) sums_[from] = leaves.sums;
}

void StateTransfer::on_cells(const PeerId& from, std::uint64_t number, const Cells& cells) {
  if (!heard(Step::cells, from, number, cells.lacks)) return;
  auto leaves = cells_by_leaf(cells, left_);
  if (leaves) {
    cells_[from] = std::move(*leaves);
  } else {
    lacks_.erase(from);
  }
}

std::vector<LogEnd> StateTransfer::read() const {
  std::vector<LogEnd> out;
  for (const End& end : ends_) out.push_back(end.end);
  return out;
}

/// For who may still answer, or for enough answers.
bool StateTransfer::waits() const {
  return step_ == Step::ends || lacks_.size() < enough_ || !std::ranges::includes(silent_, asked_);
}

bool StateTransfer::whole(const PeerId& teller) const {
  return lacks_.at(teller).empty();
}

/// Of all ends so many who answered say that they have read them.
bool StateTransfer::all_read_by(std::size_t need) const {
  for (std::size_t i = 0; i < ends_.size(); ++i) {
    const auto readers = std::ranges::count_if(lacks_, [i](const auto& teller) {
      return !teller.second.contains(static_cast<std::uint16_t>(i));
    });
    if (static_cast<std::size_t>(readers) < need) return false;
  }
  return true;
}

/// Ends that too few of these tellers have read are not taken.
void StateTransfer::weigh(const std::set<PeerId>& tellers, std::size_t enough) {
  for (std::size_t i = 0; i < ends_.size(); ++i) {
    const auto number = static_cast<std::uint16_t>(i);
    const auto readers = std::ranges::count_if(
        tellers, [&](const PeerId& teller) { return !lacks_.at(teller).contains(number); });
    ends_[i].told = ends_[i].told && static_cast<std::size_t>(readers) >= enough;
  }
}

void StateTransfer::begin(Instant now) {
  ++begun_;
  // Anew after a success only: what fewer know than 2f+1 must not be waited for for ever.
  const bool fresh = !patient_until_ || now - *patient_until_ > times_.timeout * 60;
  if (fresh) patient_until_ = now + times_.timeout * 3;
  silent_.clear();
  failures_ = 0;
  released_.reset();
  seek();
}

/// Asks the next voter for ends.
void StateTransfer::seek() {
  step_ = Step::ends;
  asking_ = false;
  ++turn_;
  listed_.reset();
  ends_.clear();
  left_.clear();
}

void StateTransfer::end(Instant now) {
  step_ = Step::idle;
  asking_ = false;
  wanted_ = false;
  behind_.clear();
  until_ = now + times_.timeout;
}

void StateTransfer::fail(Instant now) {
  asking_ = false;
  until_ = now + std::min(times_.timeout, times_.rest * (1 << failures_));
  if (++failures_ < failures_max) return;
  failures_ = 0;
  seek();
}

void StateTransfer::ask(Instant now, const Replica& replica, const std::vector<PeerId>& others,
                        std::uint64_t salt, Outbox& out) {
  asking_ = true;
  until_ = now + times_.timeout;
  ++number_;
  streams_.clear();
  sums_.clear();
  cells_.clear();
  lacks_.clear();
  if (step_ == Step::ends) {
    source_ = others[turn_ % others.size()];
    asked_ = {source_};
    out.send(source_, AskEnds{listed_, replica.newest_epoch()}, number_);
    return;
  }
  asked_ = {others.begin(), others.end()};
  MessageBody question = AskReleased{released_, read()};
  if (step_ == Step::leaves) {
    salt_ = salt;
    question = AskLeaves{salt, read()};
  } else if (step_ == Step::cells) {
    AskCells cells{{}, read()};
    for (const Leaf leaf : left_) {
      if (cells.leaves.size() < limits::asked_leaves_max) cells.leaves.push_back(leaf);
    }
    question = std::move(cells);
  }
  for (const PeerId& peer : others) out.send(peer, question, number_);
}

/// Of the page that is told by enough: without the f voters that tell least it reaches as far as
/// all others do.
TakenState StateTransfer::agreed_released(const Replica& replica, std::size_t voters) {
  const std::size_t enough = membership::one_honest(voters);
  using Reach = std::pair<bool, SubjectId>;  // true: to the end
  std::vector<Reach> reaches;
  std::map<ReleasedSubjects::Stream, std::size_t> counts;
  std::map<SubjectId, std::size_t> proposals;
  for (const auto& [peer, told] : streams_) {
    Reach reach{!told.more, released_.value_or(SubjectId{})};
    for (const ReleasedSubjects::Stream& stream : told.streams) {
      reach.second = std::max(reach.second, replica.subject_of(stream.name));
    }
    for (const SubjectId& proposal : told.proposals) ++proposals[proposal];
    if (!told.proposals.empty()) reach.second = std::max(reach.second, told.proposals.back());
    reaches.push_back(reach);
    const std::set<ReleasedSubjects::Stream> once(told.streams.begin(), told.streams.end());
    for (const ReleasedSubjects::Stream& stream : once) ++counts[stream];
  }
  std::ranges::sort(reaches);
  const Reach reach = reaches[std::min(enough - 1, reaches.size() - enough)];
  weigh(tellers_of(streams_), enough);
  TakenState out;
  for (const auto& [stream, count] : counts) {
    if (count >= enough) out.released.push_back(stream);
  }
  for (const auto& [proposal, count] : proposals) {
    if (count >= enough) out.released_proposals.push_back(proposal);
  }
  if (reach.first) {
    step_ = Step::leaves;
  } else {
    released_ = reach.second;
  }
  return out;
}

/// What is left to be taken.
void StateTransfer::compare(const Replica& replica, std::size_t voters) {
  const std::vector<std::uint64_t> own = state::salted_leaves(replica.state(), salt_);
  for (Leaf leaf = 0; leaf < limits::state_leaves; ++leaf) {
    const auto alike = std::ranges::count_if(sums_, [&](const auto& told) {
      return whole(told.first) && told.second[leaf] == own[leaf];
    });
    const bool held = static_cast<std::size_t>(alike) >= membership::one_honest(voters);
    if (!held || !compares_) left_.insert(leaf);
  }
  step_ = Step::cells;
}

TakenState StateTransfer::agreed_cells(const Replica& replica, std::size_t voters) {
  const std::size_t enough = membership::one_honest(voters);
  std::map<Leaf, std::map<PeerId, const state::State*>> told;
  for (const auto& [peer, leaves] : cells_) {
    for (const auto& [leaf, cells] : leaves) told[leaf][peer] = &cells;
  }
  TakenState out;
  for (const auto& [leaf, states] : told) {
    if (states.size() < enough) continue;
    weigh(tellers_of(states), enough);
    join_alike(states, enough, replica, out.cells);
    left_.erase(leaf);
  }
  return out;
}

std::optional<TakenState> StateTransfer::take(Instant now, const Replica& replica,
                                              std::size_t voters) {
  std::optional<TakenState> out;
  bool progress = true;
  if (step_ == Step::released) {
    const auto before = std::pair(step_, released_);
    out = agreed_released(replica, voters);
    progress = before != std::pair(step_, released_);
  } else if (step_ == Step::leaves) {
    compare(replica, voters);
  } else {
    const std::size_t before = left_.size();
    out = agreed_cells(replica, voters);
    progress = left_.empty() || left_.size() != before;
  }
  if (progress) {
    failures_ = 0;
  } else {
    fail(now);
  }
  if (step_ != Step::cells || !left_.empty()) return out;
  if (!out) out.emplace();
  out->done = true;
  for (End& end : ends_) {
    if (end.told) out->ends.push_back(std::move(end.batch));
  }
  if (out->ends.size() == ends_.size()) patient_until_.reset();
  end(now);
  return out;
}

std::optional<TakenState> StateTransfer::on_tick(Instant now, const Replica& replica,
                                                 const std::vector<PeerId>& others,
                                                 std::size_t voters, std::uint64_t salt,
                                                 Outbox& out) {
  const std::size_t enough = enough_ = membership::one_honest(voters);
  if (others.size() < enough) {
    if (running()) end(now);
    wanted_ = false;
    return std::nullopt;
  }
  if (step_ == Step::idle) {
    const auto lacking = std::ranges::count_if(
        others, [this](const PeerId& voter) { return behind_.contains(voter); });
    wanted_ = static_cast<std::size_t>(lacking) >= enough;
    if (!wanted_ || (until_ && now < *until_)) return std::nullopt;
    begin(now);
  } else if (step_ != Step::ends && replica.unread(read()).empty()) {
    end(now);
    return std::nullopt;
  }
  if (!asking_) {
    if (!until_ || now >= *until_) ask(now, replica, others, salt, out);
    return std::nullopt;
  }
  if (waits() && now < *until_) return std::nullopt;
  silent_ = asked_;
  // Of 2f+1 who have read all, f+1 are honest and tell the same, whatever the others say. They have
  // some time to be so many.
  const bool patient = patient_until_ && now < *patient_until_;
  const std::size_t need = patient ? std::min(2 * enough - 1, others.size()) : enough;
  if (lacks_.size() < need || (patient && !all_read_by(need))) {
    fail(now);
    if (step_ == Step::ends) seek();
    return std::nullopt;
  }
  asking_ = false;
  until_ = now;
  return take(now, replica, voters);
}

std::optional<Instant> StateTransfer::next_deadline() const {
  if (step_ == Step::idle && !wanted_) return std::nullopt;
  if (asking_ && !waits()) return Instant{};
  return until_.value_or(Instant{});
}

}  // namespace vouch::sync
