// SPDX-License-Identifier: MIT
#include "vouch/state/state.hpp"

#include <algorithm>

#include "vouch/crdt/check.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::state {

void State::join(const State& other) {
  if (!proofs.empty() && !other.free_of(proofs)) return join(other.without(proofs));
  streams.join(other.streams);
  sessions.join(other.sessions);
  members.join(other.members);
  prepares.join(other.prepares);
  commits.join(other.commits);
  certificates.join(other.certificates);
  runs.join(other.runs);
  finished.join(other.finished);
  puts.join(other.puts);
  finished_proposals.join(other.finished_proposals);
  proofs.join(other.proofs);
  if (!free_of(other.proofs)) *this = without(other.proofs);
}

bool State::empty() const {
  return streams.empty() && sessions.empty() && members.empty() && prepares.empty() &&
         commits.empty() && certificates.empty() && runs.empty() && finished.empty() &&
         puts.empty() && finished_proposals.empty() && proofs.empty();
}

bool State::leq(const State& other) const {
  if (!free_of(other.proofs)) return without(other.proofs).leq(other);
  return streams.leq(other.streams) && sessions.leq(other.sessions) && members.leq(other.members) &&
         prepares.leq(other.prepares) && commits.leq(other.commits) &&
         certificates.leq(other.certificates) && runs.leq(other.runs) &&
         finished.leq(other.finished) && puts.leq(other.puts) &&
         finished_proposals.leq(other.finished_proposals) && proofs.leq(other.proofs);
}

State State::delta_of(const State& local) const& {
  return State(*this).delta_of(local);
}

State State::delta_of(const State& local) && {
  if (!free_of(local.proofs)) return without(local.proofs).delta_of(local);
  const auto news = [](auto& received, const auto& held) {
    return std::move(received).delta_of(held);
  };
  return {news(streams, local.streams), news(sessions, local.sessions),
          news(members, local.members), news(prepares, local.prepares),
          news(commits, local.commits), news(certificates, local.certificates),
          news(runs, local.runs),       news(finished, local.finished),
          news(puts, local.puts),       news(finished_proposals, local.finished_proposals),
          news(proofs, local.proofs)};
}

namespace {

/// Of a map from anything to a map from voters.
template <class Cells>
bool none_proven(const Cells& cells, const Proofs& offenders) {
  return std::ranges::none_of(cells.entries(), [&](const auto& entry) {
    return std::ranges::any_of(entry.second.entries(), [&](const auto& voter) {
      return offenders.find(voter.first) != nullptr;
    });
  });
}

template <class Cells>
Cells unproven(const Cells& cells, const Proofs& offenders) {
  Cells out;
  for (const auto& [key, voters] : cells.entries()) {
    std::decay_t<decltype(voters)> kept;
    for (const auto& [voter, cell] : voters.entries()) {
      if (offenders.find(voter) == nullptr) kept.join_at(voter, cell);
    }
    out.join_at(key, kept);
  }
  return out;
}

}  // namespace

bool State::free_of(const Proofs& offenders) const {
  if (offenders.empty()) return true;
  const auto proven = [&offenders](const PeerId& peer) { return offenders.find(peer) != nullptr; };
  return std::ranges::none_of(sessions.entries(),
                              [&](const auto& s) { return proven(s.first.peer); }) &&
         std::ranges::none_of(members.entries(), [&](const auto& m) { return proven(m.first); }) &&
         none_proven(streams, offenders) && none_proven(prepares, offenders) &&
         none_proven(commits, offenders) && none_proven(runs, offenders) &&
         none_proven(finished, offenders) && none_proven(puts, offenders) &&
         none_proven(finished_proposals, offenders);
}

State State::without(const Proofs& offenders) const {
  State out;
  out.streams = unproven(streams, offenders);
  out.prepares = unproven(prepares, offenders);
  out.commits = unproven(commits, offenders);
  out.runs = unproven(runs, offenders);
  out.finished = unproven(finished, offenders);
  out.puts = unproven(puts, offenders);
  out.finished_proposals = unproven(finished_proposals, offenders);
  // More than one key stands behind a certificate: it stays.
  out.certificates = certificates;
  out.proofs = proofs;
  for (const auto& [writer, cell] : sessions.entries()) {
    if (offenders.find(writer.peer) == nullptr) out.sessions.join_at(writer, cell);
  }
  for (const auto& [peer, cell] : members.entries()) {
    if (offenders.find(peer) == nullptr) out.members.join_at(peer, cell);
  }
  return out;
}

State delta_from_proof(const PeerId& offender, Bytes proof) {
  State delta;
  const Hash hash = crypto::blake2b(proof);
  delta.proofs.join_at(offender, crdt::least(Proof{hash, std::move(proof)}));
  return delta;
}

State delta_from(const Writer& writer, std::uint64_t first, const Records& records) {
  State delta;
  Evidence at{writer.incarnation, first};
  for (const Session& s : records.sessions) {
    const Claim<std::uint64_t> claim{crdt::least(s.nonce), crdt::least(at)};
    delta.sessions.join_at(writer, SessionCell(s.session, s.nonce, claim));
    ++at.number;
  }
  for (const Member& m : records.members) {
    delta.members.join_at(writer.peer, MemberCell(MemberClaim{writer.incarnation, m}));
    ++at.number;
  }
  for (const Attestation& a : records.attestations) {
    StreamCells cells;
    Claim<Summary> claim{crdt::least(a.summary), crdt::least(at)};
    cells.join_at(writer.peer, AttestationCell(Reach{a.height, a.upto}, a.head, std::move(claim)));
    delta.streams.join_at(a.stream, std::move(cells));
    ++at.number;
  }
  for (const ThreadRun& r : records.runs) {
    RunCells cells;
    cells.join_at(writer.peer, crdt::Max<RunStatus>(r.ended ? RunStatus::ended : RunStatus::open));
    delta.runs.join_at({r.thread, r.run, r.stream}, std::move(cells));
  }
  for (const std::string& stream : records.finished) {
    FinishedCells cells;
    cells.join_at(writer.peer, crdt::Max<bool>(true));
    delta.finished.join_at(stream, std::move(cells));
  }
  for (const SubjectId& proposal : records.finished_proposals) {
    FinishedCells cells;
    cells.join_at(writer.peer, crdt::Max<bool>(true));
    delta.finished_proposals.join_at(proposal, std::move(cells));
  }
  for (const Put& put : records.puts) {
    if (put.mark.incarnation > writer.incarnation) continue;  // no honest writer's
    PutCells cells;
    cells.join_at(writer.peer, crdt::Max<Put>(put));
    delta.puts.join_at(put.slot, std::move(cells));
  }
  return delta;
}

State delta_from(std::span<const SignedStatement> votes) {
  State delta;
  for (const SignedStatement& vote : votes) {
    const Statement& s = vote.statement;
    VOUCH_CHECK(s.phase == Phase::prepare || s.phase == Phase::commit);
    VOUCH_CHECK(s.view == 0 && s.value);
    VoteEvidence evidence{s.incarnation, vote.path, vote.signature};
    VoterCells cells;
    cells.join_at(vote.voter,
                  VoteCell({s.height, s.epoch}, *s.value, crdt::least(std::move(evidence))));
    (s.phase == Phase::prepare ? delta.prepares : delta.commits).join_at(s.subject, cells);
  }
  return delta;
}

State delta_from(std::span<const Certificate> certificates) {
  State delta;
  for (const Certificate& c : certificates) {
    const CertificateCell cell(c.height, c.value, crdt::least(encode_certificate(c)));
    delta.certificates.join_at(c.subject, cell);
  }
  return delta;
}

std::vector<SignedStatement> votes_of(Phase phase, const SubjectId& subject, const PeerId& voter,
                                      const VoteCell& cell) {
  std::vector<SignedStatement> out;
  for (const auto& [value, claim] : cell.claims()) {
    const VoteEvidence& evidence = *claim.value();
    Statement s;
    s.phase = phase;
    s.subject = subject;
    s.height = cell.rank().height;
    s.epoch = cell.rank().epoch;
    s.incarnation = evidence.incarnation;
    s.value = value;
    out.push_back({voter, s, evidence.path, evidence.signature});
  }
  return out;
}

}  // namespace vouch::state
