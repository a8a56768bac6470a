// SPDX-License-Identifier: MIT
#include "vouch/consensus/handover.hpp"

#include <utility>

#include "vouch/schemas/limits.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::consensus {
namespace {

constexpr std::size_t log_bytes_min = PeerId::size + 2;
constexpr std::size_t vote_bytes_min = PeerId::size + Signature::size + SubjectId::size;

/// From here on a page ends behind an id that ends with nine bits of zeros, one of 512;
constexpr std::size_t cut_bytes_min = 32U << 10;
/// from here on behind any. What one subject adds to that fits below handover_page_bytes_max.
constexpr std::size_t cut_bytes_max = 64U << 10;

bool ends_page(const SubjectId& subject) {
  return subject.bytes[SubjectId::size - 1] == 0 && (subject.bytes[SubjectId::size - 2] & 1U) == 0;
}

std::uint32_t read_number(ByteReader& in) {
  const std::uint64_t number = in.leb();
  if (number > UINT32_MAX) in.spoil();
  return static_cast<std::uint32_t>(number);
}

void write_state(ByteWriter& out, const SubjectState& state) {
  out.raw(state.subject.view());
  out.leb(state.height);
  out.leb(state.prepares.size());
  for (const SignedStatement& vote : state.prepares) write_signed(out, vote);
}

SubjectState read_state(ByteReader& in) {
  SubjectState state;
  state.subject = in.fixed<SubjectId>();
  state.height = read_number(in);
  const std::size_t votes = in.count(vote_bytes_min);
  if (votes > limits::voters_max || (votes == 0 && state.height == 0)) in.spoil();
  for (std::size_t i = 0; in.ok() && i < votes; ++i) state.prepares.push_back(read_signed(in));
  return state;
}

}  // namespace

Bytes encode_index(const HandoverIndex& index) {
  ByteWriter out;
  out.leb(index.logs.size());
  for (const LogEnd& log : index.logs) {
    out.raw(log.writer.peer.view());
    out.leb(log.writer.incarnation);
    out.leb(log.last);
  }
  out.leb(index.pages.size());
  for (const Hash& page : index.pages) out.raw(page.view());
  return out.take();
}

Result<HandoverIndex> decode_index(ByteView bytes) {
  ByteReader in(bytes);
  if (bytes.size() > handover_index_bytes_max) in.spoil();
  HandoverIndex index;
  for (std::size_t left = in.count(log_bytes_min); in.ok() && left > 0; --left) {
    LogEnd log;
    log.writer.peer = in.fixed<PeerId>();
    log.writer.incarnation = read_number(in);
    log.last = in.leb();
    if (!index.logs.empty() && !(index.logs.back().writer < log.writer)) in.spoil();
    index.logs.push_back(log);
  }
  const std::size_t pages = in.count(Hash::size);
  if (pages > handover_pages_max) in.spoil();
  for (std::size_t i = 0; in.ok() && i < pages; ++i) index.pages.push_back(in.fixed<Hash>());
  if (!in.done()) return fail(Errc::malformed, "these bytes are no index of a handover");
  return index;
}

Bytes encode_page(const SubjectStates& page) {
  ByteWriter out;
  for (const SubjectState& state : page) write_state(out, state);
  return out.take();
}

Result<SubjectStates> decode_page(ByteView bytes) {
  ByteReader in(bytes);
  if (bytes.empty() || bytes.size() > handover_page_bytes_max) in.spoil();
  SubjectStates page;
  while (in.ok() && in.left() > 0) {
    SubjectState state = read_state(in);
    if (!page.empty() && state.subject <= page.back().subject) in.spoil();
    page.push_back(std::move(state));
  }
  if (!in.done()) return fail(Errc::malformed, "these bytes are no page of a handover");
  return page;
}

void PageCutter::add(const SubjectState& state) {
  if (page_.size() == 0) first_ = state.subject;
  last_ = state.subject;
  write_state(page_, state);
  const bool ends = page_.size() >= cut_bytes_min && ends_page(state.subject);
  if (ends || page_.size() >= cut_bytes_max) cut();
}

void PageCutter::cut() {
  Bytes bytes = std::exchange(page_, {}).take();
  const Hash hash = crypto::blake2b(bytes);
  pages_.push_back({hash, std::move(bytes), first_, last_});
}

std::vector<CutPage> PageCutter::take() {
  if (page_.size() > 0) cut();
  return std::exchange(pages_, {});
}

}  // namespace vouch::consensus
