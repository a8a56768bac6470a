// SPDX-License-Identifier: MIT
#include "vouch/state/state.hpp"

namespace vouch::state {

void State::join(const State& other) {
  streams.join(other.streams);
  sessions.join(other.sessions);
  members.join(other.members);
}

bool State::leq(const State& other) const {
  return streams.leq(other.streams) && sessions.leq(other.sessions) && members.leq(other.members);
}

State State::delta_of(const State& local) const {
  return {streams.delta_of(local.streams), sessions.delta_of(local.sessions),
          members.delta_of(local.members)};
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

}  // namespace vouch::state
