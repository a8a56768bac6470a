// Identity over restarts: which incarnation writes, what opens a session, and when a log is given
// up. Invariant: no record number of one incarnation is ever signed with two contents by an honest
// peer that kept its log; a peer that lost or rolled back its log goes on under an incarnation
// above all that anybody it asked knows of.
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <deque>
#include <set>

#include "vouch/machine/peer_machine.hpp"
#include "vouch/schemas/byte_io.hpp"

namespace vouch::machine {
namespace {

/// A voter that lies about our incarnations can waste so many of them with one answer, not all.
constexpr std::uint32_t reported_step_max = 1U << 16;

/// So often a process gives its log up; once more, and it takes another one for its copy.
constexpr std::uint64_t reincarnations_max = 3;

const Bytes& incarnation_key() {
  static const Bytes key = to_bytes(as_bytes("incarnation"));
  return key;
}

/// What `self` said that it has finished: `lately`, and what stands unreleased. Rising.
template <class Id, class Cells>
std::vector<Id> said_by(const PeerId& self, const std::deque<Id>& lately, const Cells& unreleased) {
  std::set<Id> out(lately.begin(), lately.end());
  for (const auto& [id, peers] : unreleased.entries()) {
    if (peers.find(self) != nullptr) out.insert(id);
  }
  return {out.begin(), out.end()};
}

}  // namespace

void PeerMachine::join(Instant now, Outbox& out) {
  const std::size_t told = puller_.told_all() + 1;
  if (join_until_ && now >= *join_until_) join_until_.reset();
  const std::size_t enough = join_until_ ? roster().size() : membership::quorum(roster().size());
  if (told < enough && !remaining_told()) return;
  joining_ = false;
  if (own_incarnation_) {
    begin_log(now, *own_incarnation_, out);
  } else {
    begin_new_life(now, out);
  }
}

/// Where the operator forces a roster nobody waits for those that are lost.
bool PeerMachine::remaining_told() const {
  const auto& forced = agreement_.wanted_roster();
  if (!forced || join_until_) return false;
  const std::vector<PeerId> voters = membership::remaining(roster(), *forced);
  const auto told = [this](const PeerId& voter) {
    return voter == signer_.id() || puller_.told_all(voter);
  };
  return std::ranges::binary_search(voters, signer_.id()) && std::ranges::all_of(voters, told);
}

void PeerMachine::begin_log(Instant now, std::uint32_t incarnation, Outbox& out) {
  own_incarnation_ = incarnation;
  known_incarnation_ = std::max(known_incarnation_, incarnation);
  replica_.write_as(incarnation);
  ByteWriter row;
  row.u32(incarnation);
  out.persist(Table::meta, incarnation_key(), row.take());
  const state::SessionCell* before = replica_.state().sessions.find(replica_.self());
  session_ = before == nullptr ? 1 : before->rank() + 1;
  writing_ = true;
  // The last log may have been given up before anybody else had it.
  Records records = last_words();
  records.sessions = {{session_, nonce_}};
  config_.self.session = session_;
  config_.self.status = MemberStatus::alive;
  records.members = {config_.self};
  records.runs = take_runs();
  replica_.write(records, out);
  agreement_.write_as(now, incarnation);
}

Records PeerMachine::last_words() const {
  const state::State& state = replica_.state();
  Records out;
  out.finished = said_by(signer_.id(), finished_lately_.streams, state.finished);
  out.finished_proposals =
      said_by(signer_.id(), finished_lately_.proposals, state.finished_proposals);
  return out;
}

/// Where a state was taken over, its parts may have come from voters that held some of these words
/// and from others that had let go of them (docs/decisions/0056).
void PeerMachine::say_last_words_again(Outbox& out) {
  if (writing_) replica_.write(last_words(), out);
}

void PeerMachine::begin_new_life(Instant now, Outbox& out) {
  begin_log(now, known_incarnation_ + 1, out);
  // What the lost log said is said again, so that nothing hangs on batches that others refuse.
  Records again;
  for (const auto& [stream, cells] : replica_.state().streams.entries()) {
    const state::AttestationCell* own = cells.find(signer_.id());
    if (own == nullptr) continue;
    const auto& [head, claim] = *own->claims().begin();
    again.attestations.push_back(
        {stream, own->rank().height, own->rank().upto, head, *claim.value.value()});
  }
  again.runs = own_runs();
  again.puts = own_puts();
  replica_.write(again, out);
}

void PeerMachine::mind_proof() {
  if (!proven()) return;
  writing_ = false;
  joining_ = false;
  own_incarnation_.reset();
}

void PeerMachine::stop(Outbox& out) {
  if (!writing_) return;
  Records records;
  config_.self.status = MemberStatus::left;
  records.members = {config_.self};
  replica_.write(records, out);
  writing_ = false;
}

void PeerMachine::note_reported(std::uint32_t incarnation) {
  if (incarnation > known_incarnation_ + reported_step_max) return;
  known_incarnation_ = std::max(known_incarnation_, incarnation);
}

void PeerMachine::watch_own_log(Instant now, const sync::Receipt& receipt, Outbox& out) {
  if (receipt.writer.peer != signer_.id()) return;
  const bool old =
      receipt.result == sync::Accepted::refused || receipt.result == sync::Accepted::duplicate;
  if (old) return;
  // Signed by our key, and we do not hold it.
  known_incarnation_ = std::max(known_incarnation_, receipt.writer.incarnation);
  if (!own_incarnation_ || receipt.writer.incarnation < *own_incarnation_) return;
  // The log was rolled back, or it was copied. What others hold in its place is pulled again, whole
  // where it does not follow on ours: whoever was asked for what comes next sends no gap otherwise.
  const bool ours = receipt.writer.incarnation == *own_incarnation_;
  if (ours && receipt.result != sync::Accepted::news) replica_.disown(receipt.writer, out);
  own_incarnation_.reset();
  if (!writing_) return;
  // A log that was lost comes back and ends. Who answers each new life with another one is alive.
  copied_ = counters_.reincarnations == reincarnations_max;
  if (copied_) {
    writing_ = false;
    return;
  }
  ++counters_.reincarnations;
  begin_new_life(now, out);
}

}  // namespace vouch::machine
