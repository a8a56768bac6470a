// Streams that are over: when this peer has nothing more to say of one, and what it does when no
// voter has. The last config.finished_kept stay in the state, for people and late questions; those
// before are finished, so the state has an end whatever the number of streams there ever were.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "vouch/base/bundle.hpp"
#include "vouch/machine/peer_machine.hpp"
#include "vouch/machine/reopen.hpp"
#include "vouch/schemas/byte_io.hpp"
#include "vouch/state/cell_of.hpp"

namespace vouch::machine {

const Bytes& finished_key() {
  static const Bytes key = to_bytes(as_bytes("finished"));
  return key;
}

std::size_t finished_from(std::size_t kept) {
  return kept + std::clamp<std::size_t>(kept / 16, 1, finish_max);
}

Bytes encode_finished(const FinishedLately& finished) {
  ByteWriter out;
  out.leb(finished.streams.size());
  for (const std::string& stream : finished.streams) out.text(stream);
  out.leb(finished.proposals.size());
  for (const SubjectId& proposal : finished.proposals) out.raw(proposal.view());
  return out.take();
}

Result<FinishedLately> decode_finished(ByteView row) {
  ByteReader in(row);
  FinishedLately out;
  out.streams.resize(in.count(1));
  for (std::string& stream : out.streams) stream = in.text();
  out.proposals.resize(in.count(SubjectId::size));
  for (SubjectId& proposal : out.proposals) proposal = in.fixed<SubjectId>();
  if (!in.done()) return fail(Errc::malformed, "what was finished last is stored in another form");
  return out;
}

bool PeerMachine::is_over(const std::string& stream, const End& end) const {
  const state::StreamCells* cells = replica_.state().streams.find(stream);
  if (cells == nullptr) return false;
  const auto agrees = [&](const PeerId& voter) {
    const state::AttestationCell* cell = cells->find(voter);
    return cell != nullptr && cell->rank().upto == end.reach.upto &&
           cell->claims().contains(end.head);
  };
  // Of whatever epoch: who votes later has nothing to say of what was over.
  bool agreed = false;
  const std::uint32_t first = rosters_.first().epoch();
  for (std::uint32_t e = roster().epoch() + 1; e > first && !agreed; --e) {
    const auto& voters = rosters_.find(e - 1)->voters();
    const auto agreeing = std::ranges::count_if(voters, agrees);
    agreed = static_cast<std::size_t>(agreeing) >= membership::quorum(voters.size());
  }
  if (!agreed) return false;
  const std::size_t quorum = membership::quorum(roster().size());
  // Who has retired a stream has no chain to vote with: the votes come first, where there can be
  // enough of them.
  const Value certified = agreement_.certified(stream).value;
  const bool whole = certified.size == end.reach.upto + 1 && certified.head == end.head;
  return whole || able_voters() < quorum;
}

void PeerMachine::note_over(const std::string& stream) {
  if (!roster().contains(signer_.id()) || rows_.contains(stream)) return;
  if (over_.contains(stream)) return;
  if (state::cell_of(replica_.state().finished, stream, signer_.id()) != nullptr) return;
  const state::StreamCells* cells = replica_.state().streams.find(stream);
  if (cells == nullptr) return;
  bool closed = false, over = false;
  for (const auto& [voter, cell] : cells->entries()) {
    const auto& [head, claim] = *cell.claims().begin();
    if (!claim.value.value()->closed) continue;
    closed = true;
    over = over || is_over(stream, {cell.rank(), head});
  }
  if (!closed) return;
  // Its certificate may name it by its hash alone.
  const SubjectId subject = subject_of(stream);
  if (!over) {
    ending_.emplace(subject, stream);
    return;
  }
  ending_.erase(subject);
  over_.push(stream);
}

std::vector<std::string> PeerMachine::take_finished(Outbox& out) {
  std::vector<std::string> due;
  if (over_.size() < finished_from(config_.finished_kept)) return due;
  while (over_.size() > config_.finished_kept && due.size() < finish_max) {
    due.push_back(over_.pop());
  }
  std::ranges::sort(due);
  note_finished(due, finished_lately_.streams);
  out.persist(Table::meta, finished_key(), encode_finished(finished_lately_));
  return due;
}

void PeerMachine::store_released(const SubjectId& subject, const sync::ReleasedRow& row,
                                 Outbox& out) {
  Bytes bytes = encode_released_row(row);
  released_.describe(subject, bytes);
  out.persist(Table::released, to_bytes(subject.view()), std::move(bytes));
}

void PeerMachine::finish_released(Outbox& out) {
  for (auto& [subject, row] : replica_.take_released()) {
    if (row.proposal) {
      finish_released_proposal(subject, row, out);
      continue;
    }
    const std::string& name = row.name;
    row.certificate = agreement_.certificate(consensus::SubjectKind::stream, name);
    store_released(subject, row, out);
    agreement_.release(subject, out);
    owed_.erase(subject);
    ending_.erase(subject);
    attestor_.release(name);
    pusher_.release(name);
    const Bytes key = sync::stream_row_key(name);
    out.persist(Table::streams, key, std::nullopt);
    // Not settled here only where a life or a log was lost.
    if (rows_.erase(name) != 0) {
      out.erase_all(Table::payloads, key);
      forget_states(name, out);
    }
    over_.erase(name);
    streams_.release(name);
    ++counters_.released;
  }
}

}  // namespace vouch::machine
