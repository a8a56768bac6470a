// SPDX-License-Identifier: MIT
#include "vouch/consensus/handover.hpp"

#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/limits.hpp"

namespace vouch::consensus {
namespace {

constexpr std::size_t log_bytes_min = PeerId::size + 2;
constexpr std::size_t subject_bytes_min = SubjectId::size + 2;
constexpr std::size_t vote_bytes_min = PeerId::size + Signature::size + SubjectId::size;

std::uint32_t read_number(ByteReader& in) {
  const std::uint64_t number = in.leb();
  if (number > UINT32_MAX) in.spoil();
  return static_cast<std::uint32_t>(number);
}

}  // namespace

Bytes encode_handover(const HandoverList& list) {
  ByteWriter out;
  out.leb(list.logs.size());
  for (const LogEnd& log : list.logs) {
    out.raw(log.writer.peer.view());
    out.leb(log.writer.incarnation);
    out.leb(log.last);
  }
  out.leb(list.subjects.size());
  for (const SubjectState& subject : list.subjects) {
    out.raw(subject.subject.view());
    out.leb(subject.height);
    out.leb(subject.prepares.size());
    for (const SignedStatement& vote : subject.prepares) write_signed(out, vote);
  }
  return out.take();
}

Result<HandoverList> decode_handover(ByteView bytes) {
  ByteReader in(bytes);
  HandoverList list;
  for (std::size_t left = in.count(log_bytes_min); in.ok() && left > 0; --left) {
    LogEnd log;
    log.writer.peer = in.fixed<PeerId>();
    log.writer.incarnation = read_number(in);
    log.last = in.leb();
    if (!list.logs.empty() && !(list.logs.back().writer < log.writer)) in.spoil();
    list.logs.push_back(log);
  }
  for (std::size_t left = in.count(subject_bytes_min); in.ok() && left > 0; --left) {
    SubjectState subject;
    subject.subject = in.fixed<SubjectId>();
    subject.height = read_number(in);
    const std::size_t votes = in.count(vote_bytes_min);
    if (votes > limits::voters_max || (votes == 0 && subject.height == 0)) in.spoil();
    for (std::size_t i = 0; in.ok() && i < votes; ++i) subject.prepares.push_back(read_signed(in));
    if (!list.subjects.empty() && subject.subject <= list.subjects.back().subject) in.spoil();
    list.subjects.push_back(std::move(subject));
  }
  if (!in.done()) return fail(Errc::malformed, "these bytes are no handover");
  return list;
}

}  // namespace vouch::consensus
