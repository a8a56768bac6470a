// SPDX-License-Identifier: MIT
#include "vouch/state/state.hpp"

#include "vouch/crdt/check.hpp"

namespace vouch::state {

void State::join(const State& other) {
  streams.join(other.streams);
  sessions.join(other.sessions);
  members.join(other.members);
  prepares.join(other.prepares);
  commits.join(other.commits);
  certificates.join(other.certificates);
}

bool State::empty() const {
  return streams.empty() && sessions.empty() && members.empty() && prepares.empty() &&
         commits.empty() && certificates.empty();
}

bool State::leq(const State& other) const {
  return streams.leq(other.streams) && sessions.leq(other.sessions) && members.leq(other.members) &&
         prepares.leq(other.prepares) && commits.leq(other.commits) &&
         certificates.leq(other.certificates);
}

State State::delta_of(const State& local) const {
  return {streams.delta_of(local.streams), sessions.delta_of(local.sessions),
          members.delta_of(local.members), prepares.delta_of(local.prepares),
          commits.delta_of(local.commits), certificates.delta_of(local.certificates)};
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
    const Claim<Summary> claim{crdt::least(a.summary), crdt::least(at)};
    cells.join_at(writer.peer, AttestationCell(Reach{a.height, a.upto}, a.head, claim));
    delta.streams.join_at(a.stream, cells);
    ++at.number;
  }
  return delta;
}

State delta_from(std::span<const SignedStatement> votes) {
  State delta;
  for (const SignedStatement& vote : votes) {
    const Statement& s = vote.statement;
    VOUCH_CHECK(s.phase == Phase::prepare || s.phase == Phase::commit);
    VOUCH_CHECK(s.view == 0 && s.value);
    VoteEvidence evidence{s.incarnation, s.epoch, vote.path, vote.signature};
    VoterCells cells;
    cells.join_at(vote.voter, VoteCell(s.height, *s.value, crdt::least(std::move(evidence))));
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
    s.height = cell.rank();
    s.epoch = evidence.epoch;
    s.incarnation = evidence.incarnation;
    s.value = value;
    out.push_back({voter, std::move(s), evidence.path, evidence.signature});
  }
  return out;
}

}  // namespace vouch::state
