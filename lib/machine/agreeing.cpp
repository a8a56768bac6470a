// The agreement within the peer: what it hears, what it says, and what follows from a decision.
// Votes of view 0 leave in own batches with the attestations that are due; a certificate that only
// words carried is written down, so that everybody learns of it by the logs: by one voter, and by
// the next ones in turn only when nothing is heard of that.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "vouch/consensus/messages.hpp"
#include "vouch/machine/peer_machine.hpp"

namespace vouch::machine {
namespace {

/// By how much each voter waits longer than the one before, until it writes a certificate down.
constexpr Duration turn_time = std::chrono::milliseconds(200);

/// How long certificates gather before they are written down, so that many share a batch. Whoever
/// was heard has them by the words already.
constexpr Duration gather_time = std::chrono::milliseconds(25);

std::vector<Certificate> certificates_in(const state::State& state) {
  std::vector<Certificate> out;
  for (const auto& [subject, cell] : state.certificates.entries()) {
    for (const auto& [value, bytes] : cell.claims()) {
      auto certificate = decode_certificate(*bytes.value());
      if (certificate) out.push_back(std::move(*certificate));
    }
  }
  return out;
}

}  // namespace

/// What the store kept, before anything is heard. False when a row cannot be read.
bool PeerMachine::restore_agreement(const std::vector<std::pair<Bytes, Bytes>>& rows) {
  return agreement_.restore(rows) == 0;
}

/// The votes of others live in the state: what was counted before the start is counted again.
void PeerMachine::recount(Instant now) {
  const state::State& state = replica_.state();
  for (const auto* cells : {&state.prepares, &state.commits}) {
    const Phase phase = cells == &state.prepares ? Phase::prepare : Phase::commit;
    for (const auto& [subject, voters] : cells->entries()) {
      for (const auto& [voter, cell] : voters.entries()) {
        for (const SignedStatement& vote : state::votes_of(phase, subject, voter, cell)) {
          agreement_.on_vote(now, vote);
        }
      }
    }
  }
  for (const Certificate& certificate : certificates_in(state)) {
    agreement_.on_certificate(now, certificate);
  }
  for (const auto& [stream, cells] : state.streams.entries()) {
    for (const auto& [voter, cell] : cells.entries()) {
      agreement_.on_attested(now, stream, voter, cell.rank().height);
    }
  }
  // The last life may have ended between a certificate and its record.
  agreement_.each([&](const consensus::Agreement::View& subject) {
    if (subject.last) owe(now, *subject.last);
  });
  note_proposals();
}

void PeerMachine::hear(Instant now, const sync::Absorbed& absorbed) {
  for (const SignedStatement& vote : absorbed.votes) agreement_.on_vote(now, vote);
  for (const Certificate& certificate : absorbed.certificates) {
    const auto owed = owed_.find(certificate.subject);
    if (owed != owed_.end() && owed->second.certificate.height <= certificate.height) {
      owed_.erase(owed);
    }
    agreement_.on_certificate(now, certificate);
    follow_finished(certificate.subject);
  }
  for (const SubjectId& proposal : absorbed.finished_proposals) follow_finished(proposal);
}

/// Commits of view 0 are in everybody's logs, but for those of keys that are proven: these logs are
/// gone, and some may have counted what others never read. What words brought is in no log.
bool PeerMachine::follows_from_logs(const Certificate& certificate) const {
  return certificate.view == 0 && std::ranges::none_of(certificate.commits, [this](const auto& c) {
           return replica_.proven(c.voter);
         });
}

void PeerMachine::owe(Instant now, Certificate certificate) {
  if (follows_from_logs(certificate) || !(joining_ || writing_)) return;
  const auto turn = agreement_.setting().turn(certificate.subject, certificate.height,
                                              std::max(certificate.view, 1U));
  if (!turn) return;
  const SubjectId subject = certificate.subject;
  Owed owed{std::move(certificate),
            now + gather_time + turn_time * static_cast<std::int64_t>(*turn)};
  owed_.insert_or_assign(subject, std::move(owed));
}

/// Writes down what is owed and due, unless somebody else did; with it what soon will be.
void PeerMachine::pay(Instant now, Records& records) {
  if (std::ranges::none_of(owed_, [now](const auto& e) { return e.second.due <= now; })) return;
  for (auto it = owed_.begin(); it != owed_.end();) {
    if (it->second.due > now + gather_time) {
      ++it;
      continue;
    }
    Certificate& owed = it->second.certificate;
    const auto* held = replica_.state().certificates.find(owed.subject);
    const bool written = held != nullptr && held->rank() >= owed.height;
    if (!written) records.certificates.push_back(std::move(owed));
    it = owed_.erase(it);
  }
}

/// Attestations that are due, runs and votes, in as few batches as possible.
void PeerMachine::write_due(Instant now, Outbox& out) {
  Records records;
  for (Attestation& due : attestor_.take(now, streams_)) {
    // A chain that leaves what was certified is not spoken for.
    if (!agreement_.on_track(due.stream)) continue;
    due.height = agreement_.certified(due.stream).height;
    records.attestations.push_back(std::move(due));
  }
  if (!records.attestations.empty()) records.runs = take_runs();
  records.finished = take_finished(out);
  records.finished_proposals = take_finished_proposals(out);
  say_again(now, records);
  // In each log before the votes of its epoch: so any one log is enough for who comes later.
  if (std::exchange(roster_due_, false)) {
    records.certificates.push_back(rosters_.certificates().back());
  }
  for (bool more = true; more;) {
    const auto ballot = agreement_.next_ballot(now, out);
    if (ballot) records.ballot = *ballot;
    more = ballot.has_value();
    decide(now, out);
    pay(now, records);
    if (!records.empty()) replica_.write(records, out);
    records = {};
  }
  agreement_.flush(now, out);
}

/// The logs of a proven key are gone, and with them certificates that stood nowhere else: whoever
/// holds some says them again, and writes down what follows from no log any more.
void PeerMachine::say_again(Instant now, Records& records) {
  const std::size_t proven = replica_.state().proofs.entries().size();
  if (proven == proven_) return;
  proven_ = proven;
  records.certificates = certificates_in(replica_.state());
  agreement_.each([&](const consensus::Agreement::View& subject) {
    if (subject.last && subject.last->view == 0) owe(now, *subject.last);
  });
}

/// Losers ask for the links of the last segment that was certified: it stays.
void PeerMachine::note_certified(const std::string& stream) {
  const std::uint64_t size = agreement_.certified(stream).value.size;
  if (size != 0) streams_.certified(stream, size - 1);
}

/// Of what is no roster.
void PeerMachine::note_decided(consensus::Decided& decided, Outbox& out) {
  const Certificate& c = decided.certificate;
  if (decided.kind == consensus::SubjectKind::stream && !decided.name.empty()) {
    note_certified(decided.name);
    name_state(decided.name, c, out);
    attest_again(decided.name, c.height);
    settle(decided.name, out);
  }
  if (decided.kind == consensus::SubjectKind::proposal && !decided.null) {
    note_decided_proposal(c.subject);
  }
  const auto ending = ending_.find(c.subject);
  if (ending != ending_.end()) note_over(std::string(ending->second));
  out.notices.push_back(Certified{decided.kind == consensus::SubjectKind::proposal,
                                  std::move(decided.name), c.height, c.view, c.value.size,
                                  c.value.head, decided.null, std::move(decided.proposal)});
}

void PeerMachine::decide(Instant now, Outbox& out) {
  for (consensus::Decided& decided : agreement_.take_decided()) {
    if (decided.kind != consensus::SubjectKind::roster) note_decided(decided, out);
    owe(now, std::move(decided.certificate));
  }
  for (consensus::FoldRequest& request : agreement_.take_folds()) {
    const Value& target = request.wanted.target;
    refold(now,
           {request.stream,
            {target.size, target.head},
            std::move(request.wanted.links),
            request.base,
            std::move(request.wanted.holders),
            request.adopt,
            target.state},
           out);
  }
  for (const consensus::Contradiction& found : agreement_.take_contradictions()) {
    ++counters_.contradictions;
    replica_.accuse(found.one, found.other, out);
  }
}

/// The own chain has grown: a vote may be due, and what others attested ahead of it can be
/// compared.
void PeerMachine::grow(Instant now, const ingest::Progress& progress) {
  if (progress.tainted) return;
  agreement_.on_chain(now, progress.stream);
  compare_words(now, progress.stream, progress.first, progress.size);
}

void PeerMachine::compare_words(Instant now, const std::string& stream, std::uint64_t from,
                                std::uint64_t size) {
  const state::StreamCells* cells = replica_.state().streams.find(stream);
  if (cells == nullptr) return;
  for (const auto& [voter, cell] : cells->entries()) {
    const std::uint64_t upto = cell.rank().upto;
    if (voter == signer_.id() || upto < from || upto >= size) continue;
    const auto own = streams_.head_at(stream, upto);
    if (own && (cell.contradicts_itself() || !cell.claims().contains(*own))) {
      const auto& claims = cell.claims();
      const bool first_is_ours = claims.begin()->first == *own;
      const Hash& other = first_is_ours ? std::prev(claims.end())->first : claims.begin()->first;
      agreement_.on_evidence(now, stream, voter, {upto + 1, other});
      mind_chain(now, stream, voter);
    }
  }
}

void PeerMachine::on_certificate(const LoadCertificate& wanted, ByteView row, Outbox& out) {
  const auto certificate = decode_certificate(row);
  if (!certificate) return;
  out.send(wanted.to,
           Agree{consensus::encode_words(
               {{static_cast<consensus::SubjectKind>(wanted.kind), wanted.name, *certificate}})});
}

void PeerMachine::on_page(const LoadPage& wanted, ByteView row, Outbox& out) {
  if (wanted.to == signer_.id()) return agreement_.on_page(row);
  out.send(wanted.to, Agree{consensus::encode_words({consensus::page_word(row)})});
}

void PeerMachine::request(Instant now, const std::string& stream, std::uint64_t size) {
  agreement_.request(now, stream, size);
}

Result<void> PeerMachine::propose(Instant now, const std::string& subject, ByteView value) {
  return agreement_.propose(now, subject, value);
}

}  // namespace vouch::machine
