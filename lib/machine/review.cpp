// After every step: what others attested is compared with our own chain, and a closed stream on
// which a quorum agrees is settled, whichever came last: the word of a voter, the acknowledgement
// of a validator, the collection of our own news, or a start. A dispute is told to the agreement.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "vouch/machine/peer_machine.hpp"
#include "vouch/state/cell_of.hpp"

namespace vouch::machine {

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
      agreement_.on_evidence(now, fact.stream, fact.upto + 1);
    }
    mind_height(now, fact.stream, fact.voter);
    settle(fact.stream, out);
    note_over(fact.stream);
  }
  finish_released(out);
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

void PeerMachine::settle(const std::string& stream, Outbox& out) {
  const auto row = rows_.find(stream);
  if (row == rows_.end() || !row->second.closed || !pusher_.delivered(stream)) return;
  const auto end = own_end(stream);
  if (!end || !is_over(stream, *end) || !streams_.retire(stream)) return;
  row->second.settled = true;
  row->second.size = end->reach.upto + 1;
  out.persist(Table::streams, sync::stream_row_key(stream), sync::encode_stream_row(row->second));
  out.erase_all(Table::payloads, sync::stream_row_key(stream));
  rows_.erase(row);
  note_over(stream);
}

}  // namespace vouch::machine
