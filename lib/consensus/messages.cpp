// SPDX-License-Identifier: MIT
#include "vouch/consensus/messages.hpp"

#include "vouch/base/bundle.hpp"
#include "vouch/consensus/handover.hpp"
#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/limits.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::consensus {
namespace {

constexpr std::size_t entry_bytes = Hash::size + 2;
constexpr std::size_t signed_bytes_min = PeerId::size + Signature::size + SubjectId::size;

void write_links(ByteWriter& out, const LinkList& links) {
  out.leb(links.first);
  out.raw(links.previous.view());
  out.leb(links.entries.size());
  for (const validator::Entry& entry : links.entries) {
    out.raw(entry.digest.view());
    out.u16(entry.code);
  }
}

LinkList read_links(ByteReader& in) {
  LinkList links;
  links.first = in.leb();
  links.previous = in.fixed<Hash>();
  const std::size_t count = in.count(entry_bytes);
  if (count > limits::segment_entries_max || links.first > UINT64_MAX - count) in.spoil();
  if (in.ok()) links.entries.resize(count);
  for (validator::Entry& entry : links.entries) {
    entry.digest = in.fixed<Hash>();
    entry.code = in.u16();
  }
  return links;
}

void write_votes(ByteWriter& out, const std::vector<SignedStatement>& votes) {
  out.leb(votes.size());
  for (const SignedStatement& vote : votes) write_signed(out, vote);
}

std::vector<SignedStatement> read_votes(ByteReader& in) {
  const std::size_t count = in.count(signed_bytes_min);
  if (count > limits::voters_max) in.spoil();
  std::vector<SignedStatement> votes;
  for (std::size_t i = 0; in.ok() && i < count; ++i) votes.push_back(read_signed(in));
  return votes;
}

ViewChange read_view_change(ByteReader& in) {
  ViewChange change;
  change.vote = read_signed(in);
  const std::uint8_t listed = in.u8();
  if (listed > 1) in.spoil();
  if (listed == 1) change.links = read_links(in);
  change.lock_proof = read_votes(in);
  return change;
}

struct Writer {
  ByteWriter& out;
  void operator()(const SignedStatement& vote) const { write_signed(out, vote); }
  void operator()(const ViewChange& change) const { write_view_change(out, change); }
  void operator()(const NewView& view) const {
    write_signed(out, view.vote);
    out.leb(view.basis.size());
    for (const ViewChange& change : view.basis) write_view_change(out, change);
  }
  void operator()(const Certificate& certificate) const {
    out.sized(encode_certificate(certificate));
  }
  void operator()(const AskCertificate& ask) const { out.leb(ask.height); }
  void operator()(const Request& request) const { out.leb(request.size); }
  void operator()(const AskLinks& ask) const {
    out.leb(ask.from);
    out.leb(ask.size);
  }
  void operator()(const LinkList& links) const { write_links(out, links); }
  void operator()(const Proposal& proposal) const {
    out.sized(proposal.bytes);
    out.raw(proposal.proposer.view());
    write_path(out, proposal.path);
    out.raw(proposal.signature.view());
  }
  void operator()(const Handover& handover) const {
    write_signed(out, handover.vote);
    out.sized(handover.index);
  }
  void operator()(const SlateOffer& offer) const {
    write_signed(out, offer.vote);
    write_slate_entries(out, offer.entries);
  }
  void operator()(const AskHandovers& ask) const {
    out.leb(ask.epoch);
    out.leb(ask.read.size());
    for (const PeerId& voter : ask.read) out.raw(voter.view());
  }
  void operator()(const AskPages& ask) const {
    out.leb(ask.pages.size());
    for (const Hash& page : ask.pages) out.raw(page.view());
  }
  void operator()(const HandoverPage& page) const { out.sized(page.bytes); }
};

NewView read_new_view(ByteReader& in) {
  NewView view;
  view.vote = read_signed(in);
  const std::size_t count = in.count(signed_bytes_min);
  if (count > limits::voters_max) in.spoil();
  for (std::size_t i = 0; in.ok() && i < count; ++i) view.basis.push_back(read_view_change(in));
  return view;
}

Proposal read_proposal(ByteReader& in) {
  Proposal proposal;
  proposal.bytes = to_bytes(in.sized());
  if (proposal.bytes.size() > proposal_bytes_max) in.spoil();
  proposal.proposer = in.fixed<PeerId>();
  proposal.path = read_path(in);
  proposal.signature = in.fixed<Signature>();
  return proposal;
}

AskHandovers read_ask_handovers(ByteReader& in) {
  AskHandovers ask;
  const std::uint64_t epoch = in.leb();
  const std::size_t count = in.count(PeerId::size);
  if (epoch > UINT32_MAX || count > limits::voters_max) in.spoil();
  ask.epoch = static_cast<std::uint32_t>(epoch);
  for (std::size_t i = 0; in.ok() && i < count; ++i) {
    ask.read.push_back(in.fixed<PeerId>());
    if (i > 0 && ask.read[i] <= ask.read[i - 1]) in.spoil();
  }
  return ask;
}

Handover read_handover(ByteReader& in) {
  Handover handover;
  handover.vote = read_signed(in);
  const ByteView index = in.sized();
  if (index.size() > handover_index_bytes_max) in.spoil();
  if (in.ok()) handover.index = to_bytes(index);
  return handover;
}

AskPages read_ask_pages(ByteReader& in) {
  AskPages ask;
  const std::size_t count = in.count(Hash::size);
  if (count > asked_pages_max) in.spoil();
  for (std::size_t i = 0; in.ok() && i < count; ++i) ask.pages.push_back(in.fixed<Hash>());
  return ask;
}

HandoverPage read_page(ByteReader& in) {
  const ByteView bytes = in.sized();
  if (bytes.size() > handover_page_bytes_max) in.spoil();
  return {in.ok() ? to_bytes(bytes) : Bytes{}};
}

/// In the order of the variant.
Body read_body(ByteReader& in, std::uint8_t kind) {
  switch (kind) {
    case 0:
      return read_signed(in);
    case 1:
      return read_view_change(in);
    case 2:
      return read_new_view(in);
    case 3: {
      auto certificate = decode_certificate(in.sized());
      if (!certificate) break;
      return std::move(*certificate);
    }
    case 4: {
      const std::uint64_t height = in.leb();
      if (height == 0 || height > UINT32_MAX) break;
      return AskCertificate{static_cast<std::uint32_t>(height)};
    }
    case 5:
      return Request{in.leb()};
    case 6: {
      AskLinks ask;
      ask.from = in.leb();
      ask.size = in.leb();
      return ask;
    }
    case 7:
      return read_links(in);
    case 8:
      return read_proposal(in);
    case 9:
      return read_handover(in);
    case 10:
      return read_ask_handovers(in);
    case 11:
      return read_ask_pages(in);
    case 12:
      return read_page(in);
    case 13: {
      SlateOffer offer{read_signed(in), {}};
      offer.entries = read_slate_entries(in);
      return offer;
    }
    default:
      break;
  }
  in.spoil();
  return Request{};
}

}  // namespace

void write_view_change(ByteWriter& out, const ViewChange& change) {
  write_signed(out, change.vote);
  out.u8(change.links ? 1 : 0);
  if (change.links) write_links(out, *change.links);
  write_votes(out, change.lock_proof);
}

Word page_word(ByteView bytes) {
  return {SubjectKind::roster, std::string(roster_name), HandoverPage{to_bytes(bytes)}};
}

Bytes encode_word(const Word& word) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(word.kind));
  out.text(word.name);
  out.u8(static_cast<std::uint8_t>(word.body.index()));
  std::visit(Writer{out}, word.body);
  return out.take();
}

Word read_word(ByteReader& in) {
  Word word;
  const std::uint8_t kind = in.u8();
  if (kind < 1 || kind > 4) in.spoil();
  word.kind = static_cast<SubjectKind>(kind);
  word.name = in.text();
  if (word.name.size() > limits::stream_name_bytes_max) in.spoil();
  const std::uint8_t body = in.u8();
  word.body = read_body(in, body);
  return word;
}

Bytes encode_words(const std::vector<Word>& words) {
  ByteWriter out;
  out.leb(0);  // no bundles
  out.leb(words.size());
  for (const Word& word : words) out.raw(encode_word(word));
  return out.take();
}

Hash basis_hash(const std::vector<ViewChange>& basis) {
  ByteWriter out;
  out.raw(as_bytes(std::string_view("vouch/basis/1\0", 14)));
  for (const ViewChange& change : basis) {
    out.raw(change.vote.voter.view());
    write_statement(out, change.vote.statement);
  }
  return crypto::blake2b(out.bytes());
}

Statement proposal_statement(const SubjectId& subject, std::uint32_t epoch, const Hash& value) {
  Statement out;
  out.phase = Phase::propose;
  out.subject = subject;
  out.epoch = epoch;
  out.value = Value{1, value, epoch};
  return out;
}

Statement roster_statement(const SubjectId& subject, const Value& value) {
  Statement out;
  out.phase = Phase::propose;
  out.subject = subject;
  out.epoch = value.epoch - 1;
  out.value = value;
  return out;
}

}  // namespace vouch::consensus
