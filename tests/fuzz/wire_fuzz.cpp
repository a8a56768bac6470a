// Bytes of strangers: frames, bodies of batches, messages, parts. Whatever decodes is encoded and
// decoded again to the same value; what an assembler holds stays inside its bounds. Half of the
// inputs are values that are encoded first: as they are they come back, bent they may be refused.
// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz.hpp"
#include "tests/fuzz/wire_values.hpp"

#include "vouch/consensus/handover.hpp"
#include "vouch/consensus/word_bundle.hpp"
#include "vouch/ingest/verdict_codec.hpp"
#include "vouch/membership/roster.hpp"
#include "vouch/schemas/batch_codec.hpp"
#include "vouch/schemas/envelope.hpp"
#include "vouch/schemas/messages.hpp"
#include "vouch/schemas/proof.hpp"
#include "vouch/state/cells.hpp"
#include "vouch/state/state_sum.hpp"
#include "vouch/transport/parts.hpp"

namespace vouch::fuzz {
namespace {

void vote_proof(ByteView bytes) {
  const auto proof = decode_vote_proof(bytes);
  if (!proof) return;
  VOUCH_CHECK(encode_vote_proof(*proof) == Bytes(bytes.begin(), bytes.end()));
}

void proof(ByteView bytes) {
  if (is_vote_proof(bytes)) return vote_proof(bytes);
  const auto view = decode_proof(bytes);
  if (!view) return;
  VOUCH_CHECK(encode_proof(view->kind, view->one, view->other) ==
              Bytes(bytes.begin(), bytes.end()));
}

void frame(ByteView bytes) {
  if (is_proof(bytes)) return proof(bytes);
  const auto view = split_frame(bytes);
  if (!view) return;
  VOUCH_CHECK(join_frame(view->header, view->signature, view->body) ==
              Bytes(bytes.begin(), bytes.end()));
  if (view->kind == FrameKind::heartbeat) {
    const auto heartbeat = decode_heartbeat(*view);
    if (!heartbeat) return;
    const HeartbeatParts parts = encode_heartbeat(*heartbeat);
    VOUCH_CHECK(parts.header == Bytes(view->header.begin(), view->header.end()));
    VOUCH_CHECK(parts.body == Bytes(view->body.begin(), view->body.end()));
    return;
  }
  const auto header = decode_batch_header(*view);
  if (!header) return;
  VOUCH_CHECK(header->count >= 1 && header->last() >= header->first);
  VOUCH_CHECK(encode_header(*header, view->body.size()) ==
              Bytes(view->header.begin(), view->header.end()));
  (void)decode_records(view->body);
}

void records(ByteView bytes) {
  const auto first = decode_records(bytes);
  if (!first) return;
  const auto again = decode_records(encode_records(*first));
  VOUCH_CHECK(again && *again == *first);
}

void message(ByteView bytes) {
  const auto first = decode_message(bytes);
  if (!first) return;
  const auto again = decode_message(encode_message(*first));
  VOUCH_CHECK(again && *again == *first);
}

void verdicts(ByteView bytes) {
  const auto first = ingest::decode_submitted(bytes);
  if (!first) return;
  const auto again = ingest::decode_submitted(ingest::encode_submitted(*first));
  VOUCH_CHECK(again && again->index == first->index && again->verdicts == first->verdicts);
}

/// Parts of two senders, each with its length in front (u16 LE).
void parts(ByteView bytes) {
  constexpr std::size_t bound = 96U << 10;
  transport::PartAssembler assembler(bound);
  for (std::size_t n = 0; bytes.size() >= 2; ++n) {
    const std::size_t length = std::min<std::size_t>(bytes[0] | bytes[1] << 8, bytes.size() - 2);
    const ByteView part = bytes.subspan(2, length);
    bytes = bytes.subspan(2 + length);
    const auto added = assembler.add(n % 3 == 0 ? "a" : "b", Bytes(part.begin(), part.end()));
    if (added && *added) VOUCH_CHECK((*added)->size() <= bound);
    VOUCH_CHECK(assembler.held_bytes() <= 2 * bound);
  }
}

/// What a splitter cuts comes back, in whatever order its parts arrive.
void round_trip(ByteView bytes, std::uint8_t shift) {
  transport::PartSplitter splitter(shift);
  Bytes large(bytes.begin(), bytes.end());
  while (!bytes.empty() && large.size() < limits::part_bytes * (shift % 4U)) {
    large.insert(large.end(), bytes.begin(), bytes.end());
  }
  const Bytes sent = large;
  auto cut = splitter.split(std::move(large));
  transport::PartAssembler assembler;
  for (std::size_t i = 0; i < cut.size(); ++i) {
    auto added = assembler.add("a", cut[(i + shift) % cut.size()]);
    VOUCH_CHECK(added);
    VOUCH_CHECK(added->has_value() == (i + 1 == cut.size()));
    if (*added) VOUCH_CHECK(**added == sent);
  }
  VOUCH_CHECK(assembler.held_bytes() == 0);
}

/// Flips bits: place (u16 LE) and mask, as often as the input says.
void bend(Bytes& bytes, Draw& draw) {
  while (!draw.done() && !bytes.empty()) {
    const std::size_t low = draw.byte();
    const std::size_t place = (low | std::size_t{draw.byte()} << 8) % bytes.size();
    bytes[place] = static_cast<std::uint8_t>(bytes[place] ^ draw.byte());
  }
}

void bent_records(Draw draw) {
  const Records made = draw.records();
  Bytes bytes = encode_records(made);
  const auto back = decode_records(bytes);
  VOUCH_CHECK(!back || *back == made);
  bend(bytes, draw);
  records(bytes);
}

void bent_message(Draw draw) {
  const Message made{draw.number(), draw.body()};
  Bytes bytes = encode_message(made);
  const auto back = decode_message(bytes);
  VOUCH_CHECK(!back || *back == made);
  bend(bytes, draw);
  message(bytes);
}

void bent_frame(Draw draw) {
  Bytes bytes;
  const auto signature = draw.fixed<Signature>();
  if (draw.flag()) {
    const HeartbeatParts parts = encode_heartbeat(draw.heartbeat());
    bytes = join_frame(parts.header, signature, parts.body);
  } else {
    const Bytes body = encode_records(draw.records());
    BatchHeader header{
        draw.fixed<ClusterId>(), draw.writer(), 1 + draw.number() / 2, 1 + draw.byte() % 4U, {}, 7};
    bytes = join_frame(encode_header(header, body.size()), signature, body);
  }
  frame(bytes);
  bend(bytes, draw);
  frame(bytes);
}

void bent_proof(Draw draw) {
  const VoteProof made = draw.vote_proof();
  Bytes bytes = encode_vote_proof(made);
  const auto back = decode_vote_proof(bytes);
  VOUCH_CHECK(back && back->cluster == made.cluster && back->one == made.one &&
              back->other == made.other);
  bend(bytes, draw);
  frame(bytes);
}

/// Finds no signature good.
class Unsigned final : public Signer {
 public:
  const PeerId& id() const override { return id_; }
  Signature sign(ByteView) const override { return {}; }
  bool verify(const PeerId&, ByteView, const Signature&) const override { return false; }

 private:
  PeerId id_;
};

/// A bundle of what was drawn, as the only thing that is said.
Bytes drawn_bundle(Draw& draw) {
  std::vector<Bytes> leaves;
  for (int n = 1 + draw.byte() % 5; n > 0; --n) {
    consensus::Word word{consensus::SubjectKind::proposal, "x" + draw.text(), {}};
    SignedStatement vote{{}, draw.statement(), {}, {}};
    if (draw.flag()) {
      word.body = consensus::Proposal{to_bytes(as_bytes(draw.text())), {}, {}, {}};
    } else if (vote.statement.phase == Phase::new_view) {
      word.body = consensus::NewView{vote, {}};
    } else {
      word.body = vote;
    }
    auto leaf = consensus::encode_leaf(word);
    leaves.push_back(leaf ? *leaf : consensus::encode_leaf(draw.fixed<Hash>()));
  }
  const std::vector bundles{
      std::make_shared<const Bytes>(consensus::encode_bundle(draw.fixed<Signature>(), leaves))};
  return consensus::join_speech(bundles, {});
}

void words(ByteView bytes) {
  const auto first = consensus::decode_speech(bytes);
  if (!first) return;
  std::vector<std::shared_ptr<const Bytes>> bundles, words;
  for (const consensus::WordBundle& bundle : first->bundles) {
    std::vector<Bytes> leaves;
    for (const consensus::BundleLeaf& leaf : bundle.leaves) {
      const auto* word = std::get_if<consensus::Word>(&leaf);
      const auto encoded = word != nullptr ? consensus::encode_leaf(*word)
                                           : consensus::encode_leaf(std::get<Hash>(leaf));
      VOUCH_CHECK(encoded.has_value());
      leaves.push_back(*encoded);
    }
    bundles.push_back(
        std::make_shared<const Bytes>(consensus::encode_bundle(bundle.signature, leaves)));
  }
  for (const consensus::Word& word : first->words) {
    words.push_back(std::make_shared<const Bytes>(consensus::encode_word(word)));
  }
  const Bytes encoded = consensus::join_speech(bundles, words);
  const auto again = consensus::decode_speech(encoded);
  VOUCH_CHECK(again && *again == *first);
  // Nobody signed it.
  const auto all = [](const consensus::BundledWord&) { return true; };
  for (const consensus::WordBundle& bundle : first->bundles) {
    const auto opened = consensus::open_bundle({}, Unsigned(), {}, bundle, all);
    VOUCH_CHECK(!opened || opened->words.empty());
  }
}

/// A cell as a voter tells it: key (its length, u8, in front) and row.
void cell(ByteView bytes) {
  if (bytes.empty()) return;
  const std::size_t length = std::min<std::size_t>(bytes[0], bytes.size() - 1);
  state::State state, again;
  if (!state::restore_cell(bytes.subspan(1, length), bytes.subspan(1 + length), state)) return;
  state::visit_forms(state, state, [&again](const Bytes& key, const Bytes&, const Bytes& row) {
    VOUCH_CHECK(state::restore_cell(key, row, again).has_value());
  });
  VOUCH_CHECK(again == state);
  VOUCH_CHECK(state::StateSum(again).digest() == state::StateSum(state).digest());
}

/// Attestations, runs, last words, sessions, members and puts of a batch as cells.
void bent_cells(Draw draw) {
  const Writer writer = draw.writer();
  const state::State made = state::delta_from(writer, 1 + draw.byte(), draw.records());
  std::vector<Bytes> told;
  state::visit_cells(made, made, [&told](const Bytes& key, const Bytes& row) {
    if (key.size() > UINT8_MAX) return;
    Bytes& one = told.emplace_back(1, static_cast<std::uint8_t>(key.size()));
    one.insert(one.end(), key.begin(), key.end());
    one.insert(one.end(), row.begin(), row.end());
  });
  for (Bytes& one : told) {
    cell(one);
    Draw places = draw;
    bend(one, places);
    cell(one);
  }
}

void roster(ByteView bytes) {
  const auto first = membership::decode_roster(bytes);
  if (!first) return;
  VOUCH_CHECK(membership::encode_roster(*first) == Bytes(bytes.begin(), bytes.end()));
}

void handover(ByteView bytes) {
  if (const auto index = consensus::decode_index(bytes)) {
    const auto again = consensus::decode_index(consensus::encode_index(*index));
    VOUCH_CHECK(again && *again == *index);
  }
  if (const auto page = consensus::decode_page(bytes)) {
    const auto again = consensus::decode_page(consensus::encode_page(*page));
    VOUCH_CHECK(again && *again == *page);
  }
}

void bent_roster(Draw draw) {
  std::vector<PeerId> voters;
  for (int n = 1 + draw.byte() % 5; n > 0; --n) voters.push_back(draw.fixed<PeerId>());
  membership::Roster made(voters, draw.byte());
  for (const PeerId& voter : voters) made.list(voter, 1U + draw.byte());
  if (draw.flag()) made = made.next();
  Bytes bytes = membership::encode_roster(made);
  const auto back = membership::decode_roster(bytes);
  VOUCH_CHECK(back && *back == made);
  bend(bytes, draw);
  roster(bytes);
}

consensus::HandoverIndex drawn_index(Draw& draw) {
  consensus::HandoverIndex out;
  for (int n = draw.byte() % 4; n > 0; --n) {
    out.logs.push_back({draw.fixed<PeerId>(), draw.byte(), draw.number()});
  }
  for (int n = draw.byte() % 4; n > 0; --n) out.pages.push_back(draw.fixed<Hash>());
  return out;
}

consensus::SubjectStates drawn_page(Draw& draw) {
  consensus::SubjectStates out;
  for (int n = draw.byte() % 4; n > 0; --n) {
    consensus::SubjectState state{draw.fixed<SubjectId>(), draw.byte(), {}};
    for (int votes = draw.byte() % 3; votes > 0; --votes) {
      state.prepares.push_back(
          {draw.fixed<PeerId>(), draw.statement(), draw.path(), draw.fixed<Signature>()});
    }
    out.push_back(std::move(state));
  }
  return out;
}

void bent_bundle(Draw draw) {
  Bytes bytes = drawn_bundle(draw);
  VOUCH_CHECK(consensus::decode_speech(bytes).has_value());
  words(bytes);
  bend(bytes, draw);
  words(bytes);
}

void bent_handover(Draw draw) {
  const consensus::HandoverIndex index = drawn_index(draw);
  Bytes bytes = consensus::encode_index(index);
  const auto back = consensus::decode_index(bytes);
  VOUCH_CHECK(!back || *back == index);
  const consensus::SubjectStates page = drawn_page(draw);
  Bytes paged = consensus::encode_page(page);
  const auto read = consensus::decode_page(paged);
  VOUCH_CHECK(!read || *read == page);
  const SignedStatement vote{draw.fixed<PeerId>(), draw.statement(), draw.path(),
                             draw.fixed<Signature>()};
  const consensus::AskHandovers ask{draw.byte(), {draw.fixed<PeerId>()}};
  Bytes said = consensus::encode_words(
      {{consensus::SubjectKind::roster, "roster", consensus::Handover{vote, bytes}},
       {consensus::SubjectKind::roster, "roster", ask},
       {consensus::SubjectKind::roster, "roster", consensus::AskPages{index.pages}},
       consensus::page_word(paged),
       {consensus::SubjectKind::roster, "roster", draw.certificate()}});
  words(said);
  bend(bytes, draw);
  handover(bytes);
  bend(paged, draw);
  handover(paged);
  bend(said, draw);
  words(said);
}

/// What came later has the highest kinds, so that those before keep their bytes.
bool run_later(std::uint8_t which, ByteView bytes) {
  switch (which) {
    case 255:
      words(bytes);
      return true;
    case 254:
      roster(bytes);
      return true;
    case 253:
      handover(bytes);
      return true;
    case 252:
      bent_roster(Draw(bytes));
      return true;
    case 251:
      bent_handover(Draw(bytes));
      return true;
    case 250:
      bent_bundle(Draw(bytes));
      return true;
    case 249:
      cell(bytes);
      return true;
    case 248:
      bent_cells(Draw(bytes));
      return true;
    default:
      return false;
  }
}

}  // namespace

void run(std::string_view input) {
  const std::uint8_t which = take_byte(input);
  const ByteView bytes = as_bytes(input);
  if (run_later(which, bytes)) return;
  switch (which % 9) {
    case 0:
      return frame(bytes);
    case 1:
      return records(bytes);
    case 2:
      return message(bytes);
    case 3:
      return verdicts(bytes);
    case 4:
      return parts(bytes);
    case 5:
      return round_trip(bytes, which / 9);
    case 6:
      return bent_records(Draw(bytes));
    case 7:
      return bent_message(Draw(bytes));
    default:
      return which / 9 % 4 == 3 ? bent_proof(Draw(bytes)) : bent_frame(Draw(bytes));
  }
}

}  // namespace vouch::fuzz
