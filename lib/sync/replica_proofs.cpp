// What a replica does about misbehaviour: contradictions in the state become wishes for the signed
// batches behind them, batches become proofs, and a proof takes everything of its offender away.
// Votes stand in the state with their signatures: two that contradict each other are a proof there.
// SPDX-License-Identifier: MIT
#include "vouch/state/cell_of.hpp"
#include "vouch/state/cells.hpp"
#include "vouch/sync/misbehaviour.hpp"
#include "vouch/sync/replica.hpp"

namespace vouch::sync {
namespace {

/// Asks for the batches of the two claims of a cell, if one log holds both.
template <class Cell>
void want_batches(const PeerId& writer, const Cell& cell, Outbox& out) {
  if (!cell.contradicts_itself()) return;
  const state::Evidence& one = *cell.claims().begin()->second.evidence.value();
  const state::Evidence& other = *cell.claims().rbegin()->second.evidence.value();
  if (one.incarnation != other.incarnation) return;
  out.evidence.push_back({{writer, one.incarnation}, one.number, other.number, {}});
}

}  // namespace

void Replica::find_contradictions(const state::State& touched, Outbox& out) const {
  decltype(touched.streams)::Map::Finger finger;
  for (const auto& [stream, voters] : touched.streams.entries()) {
    const state::StreamCells& cells = *state_.streams.entries().find(stream, finger);
    for (const auto& [voter, ignored] : voters.entries()) {
      if (voter != self_.peer) want_batches(voter, *cells.find(voter), out);
    }
  }
  for (const auto& [writer, ignored] : touched.sessions.entries()) {
    if (writer.peer != self_.peer) {
      want_batches(writer.peer, *state_.sessions.find(writer), out);
    }
  }
}

void Replica::look_for_contradictions(Outbox& out) {
  find_contradictions(state_, out);
  std::vector<SignedStatement> doubled;
  for (const auto* cells : {&state_.prepares, &state_.commits}) {
    const Phase phase = cells == &state_.prepares ? Phase::prepare : Phase::commit;
    for (const auto& [subject, voters] : cells->entries()) {
      for (const auto& [voter, cell] : voters.entries()) {
        if (!cell.contradicts_itself()) continue;
        doubled.push_back(state::votes_of(phase, subject, voter, cell).front());
      }
    }
  }
  find_double_votes(doubled, out);
}

void Replica::find_double_votes(std::span<const SignedStatement> votes, Outbox& out) {
  for (const SignedStatement& vote : votes) {
    const Phase phase = vote.statement.phase;
    const SubjectId& subject = vote.statement.subject;
    const auto& cells = phase == Phase::prepare ? state_.prepares : state_.commits;
    const state::VoteCell* cell = state::cell_of(cells, subject, vote.voter);
    if (cell == nullptr || !cell->contradicts_itself()) continue;
    const auto both = state::votes_of(phase, subject, vote.voter, *cell);
    accuse(both.front(), both.back(), out);
  }
}

void Replica::accuse(const SignedStatement& one, const SignedStatement& other, Outbox& out) {
  // Nobody accuses itself, and one proof is enough.
  if (one.voter == self_.peer || proven(one.voter)) return;
  if (const auto proof = prove(config_.cluster, one, other)) receive_proof(*proof, out);
}

void Replica::weigh(ByteView frame, ByteView other, Outbox& out) {
  const auto proof = prove(frame, other);
  if (proof) receive_proof(*proof, out);
}

Receipt Replica::receive_proof(ByteView raw, Outbox& out) {
  // Proofs that are known come often: each peer tells of each once. They are not checked again.
  const Hash hash = crypto::blake2b(raw);
  for (const auto& [peer, proof] : state_.proofs.entries()) {
    if (proof.value()->hash == hash) return {Accepted::duplicate, {}};
  }
  const auto offence =
      verify_proof(raw, [this](const PeerId& by, ByteView text, const Signature& s) {
        return signer_.verify(by, text, s);
      });
  if (!offence) {
    ++counters_.bad_proofs;
    return {};
  }
  const PeerId& offender = offence->writer.peer;
  if (offence->cluster != config_.cluster || !takes_from(offender)) {
    ++counters_.bad_proofs;
    return {};
  }
  const bool first = !proven(offender);
  convict(offender, to_bytes(raw), out);
  ++counters_.proofs;
  if (!first) return {Accepted::duplicate, {}};
  // Before all else that waits. One that fits no frame is pulled: the frontier says who lacks it.
  if (raw.size() <= limits::frame_bytes_max) {
    out.publish.insert(out.publish.begin(), to_bytes(raw));
  }
  out.notices.push_back(Proven{offender, std::string(name_of(offence->kind)), offence->what});
  return {Accepted::news, {}};
}

void Replica::convict(const PeerId& offender, Bytes proof, Outbox& out) {
  const bool first = !proven(offender);
  if (first) forget(offender, out);
  const state::State delta = state::delta_from_proof(offender, std::move(proof));
  state_.join(delta);
  // A further proof is only other evidence, and there can be any number.
  if (first) sum_ = state::StateSum(state_);
  state::visit_cells(state_, delta, [&out](const Bytes& key, const Bytes& row) {
    out.persist(Table::cells, key, row);
  });
  advance(proven_logs(offender), proven_entry.last, proven_entry.chain, out);
  if (first) look_for_finished(out);  // some may have waited for nobody else
  out.synced = true;
}

void Replica::forget(const PeerId& offender, Outbox& out) {
  for (Bytes& key : state::cell_keys_of(state_, offender)) {
    out.persist(Table::cells, std::move(key), std::nullopt);
  }
  std::erase_if(frontier_, [&](const auto& entry) { return entry.first.peer == offender; });
  out.erase_all(Table::frontier, to_bytes(offender.view()));
  out.erase_all(Table::batches, to_bytes(offender.view()));
  out.withdraw(proven_logs(offender));
  std::erase_if(out.evidence,
                [&](const LoadEvidence& wanted) { return wanted.writer.peer == offender; });
}

}  // namespace vouch::sync
