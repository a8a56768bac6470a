// Keys: 'p' subject, voter of a prepare | 'c' subject, voter of a commit | 'd' subject decided.
// SPDX-License-Identifier: MIT
#include "vouch/state/vote_cells.hpp"

namespace vouch::state {
namespace {

std::uint32_t read_height(ByteReader& in) {
  const std::uint64_t height = in.leb();
  if (height == 0 || height > UINT32_MAX) in.spoil();
  return static_cast<std::uint32_t>(height);
}

std::uint32_t read_epoch(ByteReader& in) {
  const std::uint64_t epoch = in.leb();
  if (epoch > UINT32_MAX) in.spoil();
  return static_cast<std::uint32_t>(epoch);
}

void write_rank(ByteWriter& out, std::uint32_t height) {
  out.leb(height);
}

void write_rank(ByteWriter& out, const VoteRank& rank) {
  out.leb(rank.height);
  out.leb(rank.epoch);
}

void read_rank(ByteReader& in, std::uint32_t& height) {
  height = read_height(in);
}

void read_rank(ByteReader& in, VoteRank& rank) {
  rank.height = read_height(in);
  rank.epoch = read_epoch(in);
}

template <class Cell, class WriteEvidence>
Bytes write_claims(const Cell& cell, bool evidence, const WriteEvidence& write) {
  ByteWriter out(evidence ? 512 : 64);
  write_rank(out, cell.rank());
  out.leb(cell.claims().size());
  for (const auto& [value, claim] : cell.claims()) {
    write_value(out, value);
    if (evidence) write(out, *claim.value());
  }
  return out.take();
}

template <class Cell, class ReadEvidence>
Cell read_claims(ByteReader& in, const ReadEvidence& read) {
  Cell cell;
  std::decay_t<decltype(cell.rank())> rank{};
  read_rank(in, rank);
  for (std::size_t left = in.count(Hash::size + 2); left > 0 && in.ok(); --left) {
    const Value value = read_value(in);
    cell.join(Cell(rank, value, crdt::least(read(in))));
  }
  return cell;
}

}  // namespace

Bytes vote_key(Phase phase, const SubjectId& subject, const PeerId& voter) {
  ByteWriter out(1 + SubjectId::size + PeerId::size);
  out.u8(phase == Phase::prepare ? 'p' : 'c');
  out.raw(subject.view());
  out.raw(voter.view());
  return out.take();
}

Bytes certificate_key(const SubjectId& subject) {
  ByteWriter out(1 + SubjectId::size);
  out.u8('d');
  out.raw(subject.view());
  return out.take();
}

Bytes write_vote(const VoteCell& cell, bool evidence) {
  return write_claims(cell, evidence, [](ByteWriter& out, const VoteEvidence& e) {
    out.leb(e.incarnation);
    write_path(out, e.path);
    out.raw(e.signature.view());
  });
}

VoteCell read_vote(ByteReader& in) {
  return read_claims<VoteCell>(in, [](ByteReader& from) {
    VoteEvidence e;
    e.incarnation = static_cast<std::uint32_t>(from.leb());
    e.path = read_path(from);
    e.signature = from.fixed<Signature>();
    return e;
  });
}

Bytes write_certificate(const CertificateCell& cell, bool evidence) {
  return write_claims(cell, evidence,
                      [](ByteWriter& out, const Bytes& certificate) { out.sized(certificate); });
}

CertificateCell read_certificate(ByteReader& in) {
  return read_claims<CertificateCell>(in, [](ByteReader& from) { return to_bytes(from.sized()); });
}

}  // namespace vouch::state
