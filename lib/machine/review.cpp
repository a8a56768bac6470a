// After every step: what others attested is compared with our own chain, and a closed stream on
// which a quorum agrees is settled, whichever came last: the word of a voter, the acknowledgement
// of a validator, the collection of our own news, or a start. A dispute is told to the agreement.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "vouch/machine/peer_machine.hpp"
#include "vouch/state/cell_of.hpp"

namespace vouch::machine {
namespace {

/// Of a chain that ends here: the close mark is an entry, and no event.
std::uint64_t events_up_to(const ingest::Checkpoint& tip) {
  return tip.upto + (tip.summary.closed ? 0 : 1);
}

}  // namespace

void PeerMachine::review(Instant now, Outbox& out) {
  const std::size_t count = out.notices.size();
  for (std::size_t i = 0; i < count; ++i) {
    const auto* attested = std::get_if<Attested>(&out.notices[i]);
    if (attested == nullptr || attested->reviewed) continue;
    std::get<Attested>(out.notices[i]).reviewed = true;
    const Attested fact = *attested;
    const auto own = streams_.head_at(fact.stream, fact.upto);
    if (own && *own != fact.head) {
      ++counters_.disputes;
      out.notices.push_back(Disputed{fact.stream, fact.upto, signer_.id(), fact.voter});
      agreement_.on_evidence(now, fact.stream, fact.voter, {fact.upto + 1, fact.head});
    }
    mind_chain(now, fact.stream, fact.voter);
    if (rows_.contains(fact.stream)) still_.watch(now, fact.stream);
    mind_height(now, fact.stream, fact.voter);
    forget_events(fact.stream, out);
    settle(fact.stream, out);
    note_over(fact.stream);
  }
  finish_released(out);
}

void PeerMachine::mind_chain(Instant now, const std::string& stream, const PeerId& voter) {
  const auto row = rows_.find(stream);
  if (row == rows_.end() || !row->second.local || voter == signer_.id()) return;
  const auto* cell = state::cell_of(replica_.state().streams, stream, voter);
  const auto own = cell == nullptr ? std::nullopt : streams_.head_at(stream, cell->rank().upto);
  const auto tip = streams_.tip(stream);
  if (!own || !tip) return;
  if (cell->claims().contains(*own)) {
    pusher_.on_same(stream, voter, cell->rank().height, cell->rank().upto + 1);
  } else {
    pusher_.on_other(now, stream, voter, events_up_to(*tip), tip->summary.closed,
                     validators_of(stream));
  }
}

/// It attests as many entries, ours or others, or will never again.
bool PeerMachine::attests(const std::string& stream, const PeerId& voter,
                          std::uint64_t upto) const {
  const auto* cell = state::cell_of(replica_.state().streams, stream, voter);
  return replica_.proven(voter) || (cell != nullptr && cell->rank().upto >= upto);
}

bool PeerMachine::is_there(Instant now, const PeerId& voter) const {
  const auto neighbour = neighbours_.find(voter);
  return neighbour != neighbours_.end() &&
         now - neighbour->second.heard <= config_.heartbeat_interval * 3;
}

void PeerMachine::mind_still(Instant now) {
  for (const std::string& stream : still_.due(now)) {
    const auto row = rows_.find(stream);
    const auto tip = streams_.tip(stream);
    if (row == rows_.end() || !tip) {
      still_.forget(stream);
      continue;
    }
    const bool moved = still_.seen(stream) != tip->upto + 1;
    still_.again(now, stream, tip->upto + 1);
    if (moved || pusher_.tells(stream, tip->upto + 1)) continue;
    const std::vector<PeerId> validators = validators_of(stream);
    const auto lags = [&](const PeerId& voter) { return !attests(stream, voter, tip->upto); };
    if (std::ranges::none_of(validators, lags)) {
      still_.forget(stream);
      continue;
    }
    if (std::ranges::any_of(
            validators, [&](const PeerId& voter) { return lags(voter) && is_there(now, voter); })) {
      pusher_.adopt(now, stream, events_up_to(*tip), tip->summary.closed, validators);
    }
  }
}

/// A voter whose word rests on a certificate that we lack is asked for it.
void PeerMachine::mind_height(Instant now, const std::string& stream, const PeerId& voter) {
  const auto* cell = state::cell_of(replica_.state().streams, stream, voter);
  if (cell != nullptr) agreement_.on_attested(now, stream, voter, cell->rank().height);
}

void PeerMachine::attest_again(const std::string& stream, std::uint32_t height) {
  const auto* own = state::cell_of(replica_.state().streams, stream, signer_.id());
  if (own == nullptr || own->rank().height < height) return;
  const auto tip = streams_.tip(stream);
  if (tip && tip->upto > own->rank().upto) streams_.attest(stream);
}

std::optional<PeerMachine::End> PeerMachine::own_end(const std::string& stream) const {
  if (proven()) {
    const auto tip = streams_.tip(stream);
    if (!tip || !tip->summary.closed) return std::nullopt;
    return End{{0, tip->upto}, tip->head};
  }
  const auto* own = state::cell_of(replica_.state().streams, stream, signer_.id());
  if (own == nullptr || own->contradicts_itself()) return std::nullopt;
  const auto& [head, claim] = *own->claims().begin();
  if (!claim.value.value()->closed) return std::nullopt;
  return End{own->rank(), head};
}

/// Voters that write under the incarnation that the roster lists, as far as anybody here knows.
std::size_t PeerMachine::able_voters() const {
  const auto& voters = roster().voters();
  return static_cast<std::size_t>(
      std::count_if(voters.begin(), voters.end(), [this](const PeerId& voter) {
        if (replica_.state().proven(voter)) return false;
        const state::MemberCell* member = replica_.state().members.find(voter);
        return member == nullptr || roster().lists(voter, member->value()->incarnation);
      }));
}

bool PeerMachine::all_came_to(const std::string& stream, const End& end) const {
  const state::StreamCells* cells = replica_.state().streams.find(stream);
  const std::vector<PeerId> validators = validators_of(stream);
  return std::ranges::all_of(roster().voters(), [&](const PeerId& voter) {
    if (voter == signer_.id() || replica_.proven(voter)) return true;
    const auto* cell = cells == nullptr ? nullptr : cells->find(voter);
    if (cell == nullptr) return std::ranges::find(validators, voter) == validators.end();
    return cell->rank().upto == end.reach.upto && cell->claims().contains(end.head);
  });
}

void PeerMachine::settle(const std::string& stream, Outbox& out) {
  const auto row = rows_.find(stream);
  if (row == rows_.end() || !row->second.closed) return;
  if (row->second.local && !pusher_.delivered(stream)) return;
  const auto end = own_end(stream);
  if (!end || !is_over(stream, *end)) return;
  if (row->second.local && !all_came_to(stream, *end)) return;
  if (!streams_.retire(stream)) return;
  pusher_.release(stream);
  row->second.settled = true;
  row->second.size = end->reach.upto + 1;
  out.persist(Table::streams, sync::stream_row_key(stream), sync::encode_stream_row(row->second));
  out.erase_all(Table::payloads, sync::stream_row_key(stream));
  forget_states(stream, out);
  rows_.erase(row);
  note_over(stream);
}

}  // namespace vouch::machine
