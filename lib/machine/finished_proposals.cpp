// Proposals that are decided: when this voter has nothing more to say of one, and what is kept when
// no voter has (docs/decisions/0055). The last config.finished_kept stay in the state, as do those
// streams.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "vouch/machine/peer_machine.hpp"
#include "vouch/machine/reopen.hpp"
#include "vouch/membership/quorum.hpp"
#include "vouch/state/cell_of.hpp"

namespace vouch::machine {

bool PeerMachine::has_finished(const SubjectId& proposal) const {
  return state::cell_of(replica_.state().finished_proposals, proposal, signer_.id()) != nullptr;
}

void PeerMachine::note_decided_proposal(const SubjectId& proposal) {
  if (!has_finished(proposal)) decided_.push(proposal);
}

/// Who knows it by its certificate alone does not know that it is a proposal, until one honest
/// voter says so.
void PeerMachine::follow_finished(const SubjectId& proposal) {
  const auto* cells = replica_.state().finished_proposals.find(proposal);
  if (cells == nullptr || has_finished(proposal)) return;
  const auto& voters = roster().voters();
  const auto count =
      std::ranges::count_if(voters, [&](const PeerId& v) { return cells->find(v) != nullptr; });
  if (static_cast<std::size_t>(count) < membership::one_honest(voters.size())) return;
  following_.insert(proposal);
}

void PeerMachine::note_proposals() {
  agreement_.each([this](const consensus::Agreement::View& view) {
    const bool decided = view.kind == consensus::SubjectKind::proposal && view.finished;
    if (decided) note_decided_proposal(view.subject);
  });
  for (const auto& [proposal, cells] : replica_.state().finished_proposals.entries()) {
    follow_finished(proposal);
  }
}

/// A log has its certificate, and not only one that decides nothing: whoever has read the last
/// words of all has read it as well.
bool PeerMachine::may_finish(const SubjectId& proposal) const {
  const auto* cell = replica_.state().certificates.find(proposal);
  return cell != nullptr && cell->claims().begin()->first.size != 0;
}

std::vector<SubjectId> PeerMachine::take_finished_proposals(Outbox& out) {
  std::vector<SubjectId> due;
  if (!writing_ || !roster().contains(signer_.id())) return due;
  std::erase_if(following_, [&](const SubjectId& proposal) {
    if (has_finished(proposal)) return true;
    if (due.size() == finish_max || !may_finish(proposal)) return false;
    decided_.erase(proposal);
    due.push_back(proposal);
    return true;
  });
  if (decided_.size() >= finished_from(config_.finished_kept)) {
    std::vector<SubjectId> later;
    const auto more = [&] {
      return decided_.size() > 0 && decided_.size() + later.size() > config_.finished_kept &&
             due.size() < finish_max && later.size() < finish_max;
    };
    while (more()) {
      const SubjectId oldest = decided_.pop();
      (may_finish(oldest) ? due : later).push_back(oldest);
    }
    for (const SubjectId& proposal : later) decided_.push(proposal);
  }
  if (due.empty()) return due;
  std::ranges::sort(due);
  note_finished(due, finished_lately_.proposals);
  out.persist(Table::meta, finished_key(), encode_finished(finished_lately_));
  return due;
}

void PeerMachine::finish_released_proposal(const SubjectId& proposal, sync::ReleasedRow& row,
                                           Outbox& out) {
  row.name = agreement_.name_of(proposal);
  auto decided = agreement_.decision(proposal);
  if (!decided && !row.name.empty()) {  // whoever waits for it here waits no more
    const std::uint32_t height = row.certificate ? row.certificate->height : 1;
    out.notices.push_back(Certified{true, row.name, height, 0, row.size, row.head, false, {}});
  }
  if (decided) {
    row.head = decided->certificate.value.head;
    row.certificate = std::move(decided->certificate);
    row.value = std::move(decided->value).value_or(Bytes{});
  }
  store_released(proposal, row, out);
  agreement_.release(proposal, out);
  owed_.erase(proposal);
  decided_.erase(proposal);
  following_.erase(proposal);
  ++counters_.released_proposals;
}

}  // namespace vouch::machine
