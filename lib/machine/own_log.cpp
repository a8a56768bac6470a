// Identity over restarts: which incarnation writes, what opens a session, and when a log is given
// up. Invariant: no record number of one incarnation is ever signed with two contents by an honest
// peer that kept its log; a peer that lost or rolled back its log goes on under the next
// incarnation.
// SPDX-License-Identifier: MIT
#include "vouch/machine/peer_machine.hpp"
#include "vouch/schemas/byte_io.hpp"

namespace vouch::machine {
namespace {

const Bytes& incarnation_key() {
  static const Bytes key = to_bytes(as_bytes("incarnation"));
  return key;
}

}  // namespace

void PeerMachine::begin_log(std::uint32_t incarnation, Outbox& out) {
  own_incarnation_ = incarnation;
  replica_.write_as(incarnation);
  ByteWriter row;
  row.u32(incarnation);
  out.persist(Table::meta, incarnation_key(), row.take());
  const state::SessionCell* before = replica_.state().sessions.find(replica_.self());
  session_ = before == nullptr ? 1 : before->rank() + 1;
  writing_ = true;
  open_session(out);
}

void PeerMachine::open_session(Outbox& out) {
  Records records;
  records.sessions = {{session_, nonce_}};
  config_.self.session = session_;
  config_.self.status = MemberStatus::alive;
  records.members = {config_.self};
  replica_.write(records, out);
}

void PeerMachine::stop(Outbox& out) {
  if (!writing_) return;
  Records records;
  config_.self.status = MemberStatus::left;
  records.members = {config_.self};
  replica_.write(records, out);
  writing_ = false;
}

void PeerMachine::watch_own_log(const sync::Receipt& receipt, Outbox& out) {
  const bool ours = writing_ && receipt.writer == replica_.self();
  // Somebody holds batches of this log that we do not: it was rolled back, or it was copied.
  if (ours && (receipt.result == sync::Accepted::news || receipt.result == sync::Accepted::gap ||
               receipt.result == sync::Accepted::forked)) {
    reincarnate(out);
  }
}

void PeerMachine::reincarnate(Outbox& out) {
  ++counters_.reincarnations;
  const std::uint32_t next = replica_.highest_own_incarnation() + 1;
  replica_.disown(out);
  begin_log(next, out);
  // What the lost log said is said again, so that nothing hangs on batches that others refuse.
  Records again;
  for (const auto& [stream, cells] : replica_.state().streams.entries()) {
    const state::AttestationCell* own = cells.find(signer_.id());
    if (own == nullptr) continue;
    const auto& [head, claim] = *own->claims().begin();
    again.attestations.push_back(
        {stream, own->rank().height, own->rank().upto, head, *claim.value.value()});
  }
  replica_.write(again, out);
}

}  // namespace vouch::machine
