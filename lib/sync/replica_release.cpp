// How the state lets go of streams that are over, and of proposals. A voter that has nothing more
// to say of one says so; when all have, nothing is left of it but that it was there. Nothing of it
// can come back by an honest log: what a voter said of it stands before that word of its, and logs
// are read in order. What others still say of it is left out everywhere, so equal logs go on giving
// equal states.
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <set>

#include "vouch/schemas/batch_codec.hpp"
#include "vouch/state/cells.hpp"
#include "vouch/sync/replica.hpp"

namespace vouch::sync {
namespace {

/// Erases the entries of `news` that `held` lacks and `over` knows. O(news).
template <class Cells, class Over>
void erase_over(Cells& news, const Cells& held, const Over& over) {
  std::vector<typename std::decay_t<decltype(news.entries().begin()->first)>> gone;
  for (const auto& [key, cells] : news.entries()) {
    if (held.find(key) == nullptr && over(key)) gone.push_back(key);
  }
  for (const auto& key : gone) news.erase(key);
}

template <class Cells, class Key>
void take(const Cells& from, const Key& key, Cells& to) {
  const auto* cells = from.find(key);
  if (cells != nullptr) to.join_at(key, *cells);
}

void take_votes(const state::State& from, const SubjectId& subject, state::State& to) {
  take(from.prepares, subject, to.prepares);
  take(from.commits, subject, to.commits);
  take(from.certificates, subject, to.certificates);
}

}  // namespace

void Replica::leave_out_released(state::State& news) const {
  if (config_.released == nullptr) return;
  const auto by_id = [this](const SubjectId& id) { return config_.released->contains(id); };
  const auto by_name = [this](const std::string& name) { return config_.released->contains(name); };
  // What other cells here still speak of is not over: most that comes is told so without a look at
  // the store.
  const auto unless = [](const auto& cells, const auto& over) {
    return [&](const auto& key) { return cells.find(key) == nullptr && over(key); };
  };
  erase_over(news.streams, state_.streams, by_name);
  const auto by_name_unless_held = unless(state_.streams, by_name);
  erase_over(news.finished, state_.finished, by_name_unless_held);
  erase_over(news.prepares, state_.prepares, by_id);
  erase_over(news.commits, state_.commits, unless(state_.prepares, by_id));
  erase_over(news.certificates, state_.certificates, by_id);
  erase_over(news.finished_proposals, state_.finished_proposals,
             unless(state_.certificates, by_id));
  erase_over(news.runs, state_.runs, [&](const state::RunPlace& place) {
    return news.streams.find(place.stream) == nullptr && by_name_unless_held(place.stream);
  });
}

bool Replica::finished_by_all(const state::FinishedCells& cells) const {
  // Those of any epoch that the logs tell of: who joins later has nothing to say of what was over.
  const std::uint32_t last = logged_epoch();
  for (std::uint32_t epoch = rosters().first().epoch(); epoch <= last; ++epoch) {
    const membership::Roster* roster = rosters().find(epoch);
    const bool by_all =
        roster != nullptr && std::ranges::all_of(roster->voters(), [&](const PeerId& voter) {
          return cells.find(voter) != nullptr || proven(voter);
        });
    if (by_all) return true;
  }
  return false;
}

void Replica::release_finished(const state::State& touched, Outbox& out) {
  if (config_.released == nullptr) return;
  Over over;
  for (const auto& [stream, ignored] : touched.finished.entries()) {
    const auto* cells = state_.finished.find(stream);
    if (cells != nullptr && finished_by_all(*cells)) over.streams.insert(stream);
  }
  for (const auto& [proposal, ignored] : touched.finished_proposals.entries()) {
    const auto* cells = state_.finished_proposals.find(proposal);
    if (cells != nullptr && finished_by_all(*cells)) over.proposals.insert(proposal);
  }
  if (!over.empty()) let_go(over, out);
}

void Replica::let_go(const SubjectId& proposal, state::State& gone) {
  take(state_.finished_proposals, proposal, gone.finished_proposals);
  take_votes(state_, proposal, gone);
  std::optional<Certificate> held;
  if (const auto* cell = gone.certificates.find(proposal)) {
    auto certificate = decode_certificate(*cell->claims().begin()->second.value());
    if (certificate) held = std::move(*certificate);
  }
  ReleasedRow row = row_of({}, std::move(held));
  config_.released->add(proposal, row.size);
  released_.push_back({proposal, std::move(row)});
}

void Replica::let_go(const Over& over, Outbox& out) {
  state::State gone;
  for (const SubjectId& proposal : over.proposals) let_go(proposal, gone);
  for (const std::string& stream : over.streams) {
    const SubjectId subject = config_.released->subject_of(stream);
    take(state_.streams, stream, gone.streams);
    take(state_.finished, stream, gone.finished);
    take_votes(state_, subject, gone);
    const state::StreamCells* cells = gone.streams.find(stream);
    ReleasedRow row = row_of(stream, cells == nullptr ? state::StreamCells() : *cells);
    config_.released->add(subject, row.size);
    released_.push_back({subject, std::move(row)});
  }
  // By thread, not by stream: voters finish many at a time.
  for (const auto& [place, peers] : state_.runs.entries()) {
    if (over.streams.contains(place.stream)) gone.runs.join_at(place, peers);
  }
  sum_.take(state_, gone);
  state::visit_keys(gone,
                    [&out](Bytes key) { out.persist(Table::cells, std::move(key), std::nullopt); });
  const auto erase = [](auto& from, const auto& what) {
    for (const auto& [key, cells] : what.entries()) from.erase(key);
  };
  erase(state_.streams, gone.streams);
  erase(state_.finished, gone.finished);
  erase(state_.prepares, gone.prepares);
  erase(state_.commits, gone.commits);
  erase(state_.certificates, gone.certificates);
  erase(state_.runs, gone.runs);
  erase(state_.finished_proposals, gone.finished_proposals);
}

}  // namespace vouch::sync
