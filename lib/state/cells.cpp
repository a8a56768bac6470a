// Keys: 's' stream text, voter | 'n' peer, incarnation | 'm' peer | 'x' proven peer | 't' thread,
// run and stream texts, peer | 'f' stream text, peer | 'v' slot, peer | 'g' proposal, peer | those
// of vote_cells.cpp.
// Values: see the write_ functions.
// SPDX-License-Identifier: MIT
#include "vouch/state/cells.hpp"

#include "vouch/schemas/batch_codec.hpp"
#include "vouch/schemas/byte_io.hpp"
#include "vouch/state/vote_cells.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::state {
namespace {

enum class Form { row, canonical };

Bytes stream_key(char kind, const std::string& stream, const PeerId& voter) {
  ByteWriter out(2 + stream.size() + PeerId::size);
  out.u8(static_cast<std::uint8_t>(kind));
  out.text(stream);
  out.raw(voter.view());
  return out.take();
}

Bytes member_key(const PeerId& peer) {
  ByteWriter out;
  out.u8('m');
  out.raw(peer.view());
  return out.take();
}

Bytes proof_key(const PeerId& peer) {
  ByteWriter out;
  out.u8('x');
  out.raw(peer.view());
  return out.take();
}

Bytes run_key(const RunPlace& place, const PeerId& peer) {
  ByteWriter out(64 + place.thread.size() + place.run.size() + place.stream.size());
  out.u8('t');
  for (const std::string* text : {&place.thread, &place.run, &place.stream}) out.text(*text);
  out.raw(peer.view());
  return out.take();
}

Bytes finished_key(const SubjectId& proposal, const PeerId& peer) {
  ByteWriter out(1 + SubjectId::size + PeerId::size);
  out.u8('g');
  out.raw(proposal.view());
  out.raw(peer.view());
  return out.take();
}

FinishedCells finished_by(const PeerId& peer) {
  FinishedCells cells;
  cells.join_at(peer, crdt::Max<bool>(true));
  return cells;
}

Bytes put_key(std::uint16_t slot, const PeerId& peer) {
  ByteWriter out;
  out.u8('v');
  out.u16(slot);
  out.raw(peer.view());
  return out.take();
}

Bytes write_put(const Put& put) {
  ByteWriter out(64 + put.key.size());
  vouch::write_put(out, put);
  return out.take();
}

void write_evidence(ByteWriter& out, const crdt::Least<Evidence>& evidence, Form form) {
  if (form == Form::canonical) return;
  out.leb(evidence.value()->incarnation);
  out.leb(evidence.value()->number);
}

crdt::Least<Evidence> read_evidence(ByteReader& in) {
  Evidence evidence;
  evidence.incarnation = static_cast<std::uint32_t>(in.leb());
  evidence.number = in.leb();
  return crdt::least(evidence);
}

Bytes write_attestation(const AttestationCell& cell, Form form) {
  ByteWriter out(64);
  out.leb(cell.rank().height);
  out.leb(cell.rank().upto);
  out.leb(cell.claims().size());
  for (const auto& [head, claim] : cell.claims()) {
    out.raw(head.view());
    write_summary(out, *claim.value.value());
    write_evidence(out, claim.evidence, form);
  }
  return out.take();
}

AttestationCell read_attestation(ByteReader& in) {
  AttestationCell cell;
  Reach reach;
  reach.height = static_cast<std::uint32_t>(in.leb());
  reach.upto = in.leb();
  for (std::size_t left = in.count(34); left > 0 && in.ok(); --left) {
    const Hash head = in.fixed<Hash>();
    Summary summary = read_summary(in);
    const auto evidence = read_evidence(in);
    cell.join(AttestationCell(reach, head, {crdt::least(std::move(summary)), evidence}));
  }
  return cell;
}

Bytes write_session(const SessionCell& cell, Form form) {
  ByteWriter out;
  out.leb(cell.rank());
  out.leb(cell.claims().size());
  for (const auto& [nonce, claim] : cell.claims()) {
    out.u64(nonce);
    write_evidence(out, claim.evidence, form);
  }
  return out.take();
}

SessionCell read_session(ByteReader& in) {
  SessionCell cell;
  const std::uint64_t session = in.leb();
  for (std::size_t left = in.count(10); left > 0 && in.ok(); --left) {
    const std::uint64_t nonce = in.u64();
    const auto evidence = read_evidence(in);
    cell.join(SessionCell(session, nonce, {crdt::least(nonce), evidence}));
  }
  return cell;
}

Bytes write_member(const MemberCell& cell) {
  const MemberClaim& claim = *cell.value();
  Records one;
  one.members = {claim.member};
  ByteWriter out;
  out.leb(claim.incarnation);
  out.raw(encode_records(one));
  return out.take();
}

MemberCell read_member(ByteReader& in) {
  MemberClaim claim;
  claim.incarnation = static_cast<std::uint32_t>(in.leb());
  const auto records = decode_records(in.rest());
  if (!records || records->members.size() != 1) {
    in.spoil();
    return {};
  }
  claim.member = records->members.front();
  return MemberCell(std::move(claim));
}

// Visitors of cells get a key, and what writes the cell in the form that they want.

/// The cells two keys deep in `held` that have an entry in `touched`, as (outer, inner, cell).
template <class Map, class Visit>
void each_touched(const Map& held, const Map& touched, const Visit& visit) {
  typename Map::Map::Finger finger;
  for (const auto& [outer, inners] : touched.entries()) {
    const auto* cells = held.entries().find(outer, finger);
    if (cells == nullptr) continue;
    for (const auto& [inner, ignored] : inners.entries()) {
      if (const auto* cell = cells->find(inner)) visit(outer, inner, *cell);
    }
  }
}

template <class Visit>
void visit_votes(Phase phase, const State& state, const State& touched, const Visit& visit) {
  const auto votes = phase == Phase::prepare ? &State::prepares : &State::commits;
  each_touched(state.*votes, touched.*votes,
               [&](const SubjectId& subject, const PeerId& voter, const VoteCell& cell) {
                 visit(vote_key(phase, subject, voter),
                       [&cell](Form form) { return write_vote(cell, form == Form::row); });
               });
}

template <class Visit>
void visit_certificates(const State& state, const State& touched, const Visit& visit) {
  for (const auto& [subject, ignored] : touched.certificates.entries()) {
    const CertificateCell* cell = state.certificates.find(subject);
    if (cell == nullptr) continue;
    visit(certificate_key(subject),
          [cell](Form form) { return write_certificate(*cell, form == Form::row); });
  }
}

template <class Visit>
void visit_runs(const State& state, const State& touched, const Visit& visit) {
  each_touched(state.runs, touched.runs,
               [&](const RunPlace& place, const PeerId& peer, const auto& cell) {
                 visit(run_key(place, peer),
                       [&cell](Form) { return Bytes{static_cast<std::uint8_t>(*cell.value())}; });
               });
}

template <class Visit>
void visit_finished(const State& state, const State& touched, const Visit& visit) {
  each_touched(state.finished, touched.finished,
               [&](const std::string& stream, const PeerId& peer, const auto&) {
                 visit(stream_key('f', stream, peer), [](Form) { return Bytes{1}; });
               });
  each_touched(state.finished_proposals, touched.finished_proposals,
               [&](const SubjectId& proposal, const PeerId& peer, const auto&) {
                 visit(finished_key(proposal, peer), [](Form) { return Bytes{1}; });
               });
}

template <class Visit>
void visit_puts(const State& state, const State& touched, const Visit& visit) {
  each_touched(state.puts, touched.puts,
               [&](std::uint16_t slot, const PeerId& peer, const auto& cell) {
                 visit(put_key(slot, peer), [&cell](Form) { return write_put(*cell.value()); });
               });
}

template <class Visit>
void visit_all(const State& state, const State& touched, const Visit& visit) {
  each_touched(state.streams, touched.streams,
               [&](const std::string& stream, const PeerId& voter, const AttestationCell& cell) {
                 visit(stream_key('s', stream, voter),
                       [&cell](Form form) { return write_attestation(cell, form); });
               });
  for (const auto& [writer, ignored] : touched.sessions.entries()) {
    const SessionCell* cell = state.sessions.find(writer);
    if (cell == nullptr) continue;
    visit(session_cell_key(writer), [cell](Form form) { return write_session(*cell, form); });
  }
  for (const auto& [peer, ignored] : touched.members.entries()) {
    const MemberCell* cell = state.members.find(peer);
    if (cell != nullptr) visit(member_key(peer), [cell](Form) { return write_member(*cell); });
  }
  visit_votes(Phase::prepare, state, touched, visit);
  visit_votes(Phase::commit, state, touched, visit);
  visit_certificates(state, touched, visit);
  visit_runs(state, touched, visit);
  visit_finished(state, touched, visit);
  visit_puts(state, touched, visit);
  for (const auto& [peer, ignored] : touched.proofs.entries()) {
    const auto* proof = state.proofs.find(peer);
    if (proof == nullptr) continue;
    // Who is proven is the value; by which bytes is evidence.
    visit(proof_key(peer),
          [proof](Form form) { return form == Form::row ? proof->value()->bytes : Bytes{}; });
  }
}

}  // namespace

Bytes session_cell_key(const Writer& writer) {
  ByteWriter out;
  out.u8('n');
  out.raw(writer.peer.view());
  out.u32(writer.incarnation);
  return out.take();
}

std::vector<Bytes> cell_keys_of(const State& state, const PeerId& peer) {
  std::vector<Bytes> keys;
  for (const auto& [stream, voters] : state.streams.entries()) {
    if (voters.find(peer) != nullptr) keys.push_back(stream_key('s', stream, peer));
  }
  for (const auto& [writer, cell] : state.sessions.entries()) {
    if (writer.peer == peer) keys.push_back(session_cell_key(writer));
  }
  if (state.members.find(peer) != nullptr) keys.push_back(member_key(peer));
  for (const Phase phase : {Phase::prepare, Phase::commit}) {
    const auto& votes = phase == Phase::prepare ? state.prepares : state.commits;
    for (const auto& [subject, voters] : votes.entries()) {
      if (voters.find(peer) != nullptr) keys.push_back(vote_key(phase, subject, peer));
    }
  }
  for (const auto& [place, peers] : state.runs.entries()) {
    if (peers.find(peer) != nullptr) keys.push_back(run_key(place, peer));
  }
  for (const auto& [stream, peers] : state.finished.entries()) {
    if (peers.find(peer) != nullptr) keys.push_back(stream_key('f', stream, peer));
  }
  for (const auto& [slot, peers] : state.puts.entries()) {
    if (peers.find(peer) != nullptr) keys.push_back(put_key(slot, peer));
  }
  for (const auto& [proposal, peers] : state.finished_proposals.entries()) {
    if (peers.find(peer) != nullptr) keys.push_back(finished_key(proposal, peer));
  }
  return keys;
}

void visit_cells(const State& state, const State& touched, const CellVisitor& visit) {
  visit_all(state, touched,
            [&visit](Bytes key, const auto& write) { visit(std::move(key), write(Form::row)); });
}

void visit_keys(const State& state, const std::function<void(Bytes key)>& visit) {
  visit_all(state, state, [&visit](Bytes key, const auto&) { visit(std::move(key)); });
}

void visit_cells_if(const State& state, const std::function<bool(ByteView key)>& wanted,
                    const CellVisitor& visit) {
  visit_all(state, state, [&](Bytes key, const auto& write) {
    if (wanted(key)) visit(std::move(key), write(Form::row));
  });
}

void visit_values(const State& state, const State& touched, const CellVisitor& visit) {
  visit_all(state, touched, [&visit](Bytes key, const auto& write) {
    visit(std::move(key), write(Form::canonical));
  });
}

void visit_forms(const State& state, const State& touched, const FormsVisitor& visit) {
  visit_all(state, touched, [&visit](Bytes key, const auto& write) {
    visit(std::move(key), write(Form::canonical), write(Form::row));
  });
}

Result<void> restore_cell(ByteView key, ByteView row, State& state) {
  ByteReader name(key);
  ByteReader in(row);
  State cell;
  const std::uint8_t kind = name.u8();
  switch (kind) {
    case 's': {
      const std::string stream(name.text());
      StreamCells cells;
      cells.join_at(name.fixed<PeerId>(), read_attestation(in));
      cell.streams.join_at(stream, cells);
      break;
    }
    case 'n': {
      Writer writer;
      writer.peer = name.fixed<PeerId>();
      writer.incarnation = name.u32();
      cell.sessions.join_at(writer, read_session(in));
      break;
    }
    case 'm':
      cell.members.join_at(name.fixed<PeerId>(), read_member(in));
      break;
    case 'p':
    case 'c': {
      const auto subject = name.fixed<SubjectId>();
      VoterCells cells;
      cells.join_at(name.fixed<PeerId>(), read_vote(in));
      (kind == 'p' ? cell.prepares : cell.commits).join_at(subject, cells);
      break;
    }
    case 'd':
      cell.certificates.join_at(name.fixed<SubjectId>(), read_certificate(in));
      break;
    case 't': {
      RunPlace place;
      for (std::string* text : {&place.thread, &place.run, &place.stream}) *text = name.text();
      const auto status = static_cast<RunStatus>(in.u8());
      if (status != RunStatus::open && status != RunStatus::ended) in.spoil();
      RunCells cells;
      cells.join_at(name.fixed<PeerId>(), crdt::Max<RunStatus>(status));
      cell.runs.join_at(place, cells);
      break;
    }
    case 'f': {
      const std::string stream(name.text());
      if (in.u8() != 1) in.spoil();
      cell.finished.join_at(stream, finished_by(name.fixed<PeerId>()));
      break;
    }
    case 'g': {
      const auto proposal = name.fixed<SubjectId>();
      if (in.u8() != 1) in.spoil();
      cell.finished_proposals.join_at(proposal, finished_by(name.fixed<PeerId>()));
      break;
    }
    case 'v': {
      const std::uint16_t slot = name.u16();
      Put put = read_put(in);
      if (put.slot != slot) in.spoil();
      PutCells cells;
      cells.join_at(name.fixed<PeerId>(), crdt::Max<Put>(std::move(put)));
      cell.puts.join_at(slot, cells);
      break;
    }
    case 'x':
      cell = delta_from_proof(name.fixed<PeerId>(), to_bytes(in.rest()));
      break;
    default:
      name.spoil();
  }
  if (!name.done() || !in.done()) return fail(Errc::malformed, "a stored cell has another form");
  state.join(cell);
  return {};
}

Hash state_hash(const State& state) {
  crypto::Hasher hasher;
  hasher.update(as_bytes(std::string_view("vouch/state/1\0", 14)));
  visit_values(state, state, [&hasher](const Bytes& key, const Bytes& value) {
    ByteWriter lengths;
    lengths.u32(static_cast<std::uint32_t>(key.size()));
    lengths.u32(static_cast<std::uint32_t>(value.size()));
    hasher.update(lengths.bytes());
    hasher.update(key);
    hasher.update(value);
  });
  return hasher.finish();
}

Hash frontier_hash(const FrontierMap& frontier) {
  ByteWriter out;
  write_frontier(out, frontier);
  return crypto::blake2b(out.bytes());
}

}  // namespace vouch::state
