// A stream that was put on another chain: rows, pushes and attestations follow it.
// SPDX-License-Identifier: MIT
#include "vouch/machine/peer_machine.hpp"

namespace vouch::machine {

void PeerMachine::refold(Instant now, sync::Fold fold, Outbox& out) {
  if (!streams_.judges(fold.stream)) return;  // nothing that comes of it could be compared
  refolder_.want(now, std::move(fold), out);
  finish_folds(now, out);
}

void PeerMachine::finish_folds(Instant now, Outbox& out) {
  for (const sync::Folded& folded : refolder_.take_folded()) {
    if (folded.rebased) on_rebased(now, folded, out);
    const Value target{folded.target.size, folded.target.head, 0, folded.state};
    agreement_.on_folded(now, folded.stream, target, folded.equal, folded.own);
  }
}

void PeerMachine::on_rebased(Instant now, const sync::Folded& folded, Outbox& out) {
  const std::uint64_t size = folded.target.size;
  sync::StreamRow& row = rows_[folded.stream];
  row = {folded.stream,   row.local, folded.closed, false, folded.closed ? size : 0,
         folded.kept_from};
  out.persist(Table::streams, sync::stream_row_key(row.name), sync::encode_stream_row(row));
  // Whoever asks how far we are forgets what is before: a push without events answers at once.
  out.synced = true;
  note_certified(folded.stream);
  agreement_.on_replaced(folded.stream);
  attestor_.rebase(folded.stream);
  streams_.attest(folded.stream);  // whoever knows our old chain should know this one
  if (!row.local) return;
  note_all_runs({row.name});
  const std::uint64_t events = size - (folded.closed ? 1 : 0);
  pusher_.adopt(now, row.name, events, row.closed, validators_of(row.name));
}

}  // namespace vouch::machine
