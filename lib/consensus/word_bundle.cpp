// SPDX-License-Identifier: MIT
#include "vouch/consensus/word_bundle.hpp"

#include <algorithm>

#include "vouch/base/bundle.hpp"
#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/limits.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::consensus {
namespace {

enum class LeafForm : std::uint8_t { hash = 0, statement = 1, proposal = 2, slate = 3 };

constexpr std::size_t leaf_bytes_min = 5;
constexpr std::size_t bundle_bytes_min = Signature::size + 1 + leaf_bytes_min;

/// The statement of a word that has nothing else to it.
const Statement* bare_statement(const Body& body) {
  if (const auto* vote = std::get_if<SignedStatement>(&body)) return &vote->statement;
  const auto* view = std::get_if<NewView>(&body);
  return view != nullptr && view->basis.empty() ? &view->vote.statement : nullptr;
}

bool rides(Phase phase) {
  return phase == Phase::prepare || phase == Phase::commit || phase == Phase::new_view;
}

ByteWriter begin_leaf(LeafForm form, const Word& word) {
  ByteWriter out(128);
  out.u8(static_cast<std::uint8_t>(form));
  out.u8(static_cast<std::uint8_t>(word.kind));
  out.text(word.name);
  return out;
}

Body read_bare(ByteReader& in) {
  Statement s;
  s.phase = static_cast<Phase>(in.u8());
  if (!rides(s.phase)) in.spoil();
  for (std::uint32_t* number : {&s.height, &s.view, &s.epoch, &s.incarnation}) {
    const std::uint64_t read = in.leb();
    if (read > UINT32_MAX) in.spoil();
    *number = static_cast<std::uint32_t>(read);
  }
  if (s.height == 0) in.spoil();
  s.value = read_value(in);
  SignedStatement vote{{}, s, {}, {}};
  if (vote.statement.phase == Phase::new_view) return NewView{std::move(vote), {}};
  return vote;
}

/// Its name and value follow from the entries.
Word read_slate(ByteReader& in) {
  SlateOffer offer;
  Statement& s = offer.vote.statement;
  s.phase = Phase::new_view;
  s.view = 1;
  for (std::uint32_t* number : {&s.epoch, &s.incarnation}) {
    const std::uint64_t read = in.leb();
    if (read > UINT32_MAX) in.spoil();
    *number = static_cast<std::uint32_t>(read);
  }
  offer.entries = read_slate_entries(in);
  return {SubjectKind::slate, {}, std::move(offer)};
}

BundleLeaf read_leaf(ByteReader& in) {
  const std::uint8_t form = in.u8();
  if (form == static_cast<std::uint8_t>(LeafForm::hash)) return in.fixed<Hash>();
  if (form == static_cast<std::uint8_t>(LeafForm::slate)) return read_slate(in);
  Word word;
  const std::uint8_t kind = in.u8();
  word.kind = static_cast<SubjectKind>(kind);
  word.name = in.text();
  const bool named = kind >= 1 && kind <= 4 && !word.name.empty() &&
                     word.name.size() <= limits::stream_name_bytes_max;
  if (!named) in.spoil();
  if (form == static_cast<std::uint8_t>(LeafForm::statement)) {
    word.body = read_bare(in);
  } else {
    Proposal proposal;
    proposal.bytes = to_bytes(in.sized());
    const bool fits = form == static_cast<std::uint8_t>(LeafForm::proposal) &&
                      word.kind == SubjectKind::proposal &&
                      proposal.bytes.size() <= bundled_bytes_max;
    if (!fits) in.spoil();
    word.body = std::move(proposal);
  }
  return word;
}

WordBundle read_bundle(ByteReader& in) {
  WordBundle bundle;
  bundle.signature = in.fixed<Signature>();
  const std::size_t count = in.count(leaf_bytes_min);
  if (count == 0 || count > bundle_statements_max) in.spoil();
  if (in.ok()) bundle.leaves.reserve(count);
  for (std::size_t i = 0; in.ok() && i < count; ++i) bundle.leaves.push_back(read_leaf(in));
  return bundle;
}

SignedStatement& vote_in(Body& body) {
  if (auto* offer = std::get_if<SlateOffer>(&body)) return offer->vote;
  auto* view = std::get_if<NewView>(&body);
  return view != nullptr ? view->vote : std::get<SignedStatement>(body);
}

/// What the bundle says of all its words, and does not repeat.
void name_signer(const PeerId& voter, const Signature& signature, BundledWord& held) {
  if (auto* proposal = std::get_if<Proposal>(&held.word.body)) {
    proposal->proposer = voter;
    proposal->signature = signature;
    return;
  }
  SignedStatement& vote = vote_in(held.word.body);
  vote.voter = voter;
  vote.signature = signature;
  vote.statement.subject = held.subject;
}

Hash leaf_of(const ClusterId& cluster, BundledWord& held) {
  if (const auto* proposal = std::get_if<Proposal>(&held.word.body)) {
    // Proposals of users have no epoch of their own.
    return bundle_leaf(cluster,
                       proposal_statement(held.subject, 0, crypto::blake2b(proposal->bytes)));
  }
  return bundle_leaf(cluster, vote_in(held.word.body).statement);
}

void hang_on(Body& body, TreePath path) {
  auto* proposal = std::get_if<Proposal>(&body);
  TreePath& place = proposal != nullptr ? proposal->path : vote_in(body).path;
  place = std::move(path);
}

/// What a word of a bundle is about, which a slate's word does not say.
SubjectId resolve(const ClusterId& cluster, Word& word) {
  auto* offer = std::get_if<SlateOffer>(&word.body);
  if (offer == nullptr) return subject_id(cluster, word.kind, word.name);
  offer->slate = std::make_shared<const Slate>(cluster, offer->entries);
  offer->vote.statement.value = offer->slate->value();
  word.name = offer->slate->name();
  return offer->slate->id();
}

}  // namespace

SubjectId subject_id(const ClusterId& cluster, SubjectKind kind, std::string_view name) {
  if (kind == SubjectKind::roster) return roster_subject(cluster);
  if (kind == SubjectKind::slate) {
    const auto root = Hash::from(as_bytes(name));
    return root ? slate_subject(cluster, *root) : SubjectId{};
  }
  return kind == SubjectKind::stream ? stream_subject(cluster, name)
                                     : proposal_subject(cluster, name);
}

Bytes join_speech(std::span<const std::shared_ptr<const Bytes>> bundles,
                  std::span<const std::shared_ptr<const Bytes>> words) {
  std::size_t room = 8;
  for (const auto& all : {bundles, words}) {
    for (const auto& bytes : all) room += bytes->size();
  }
  ByteWriter out(room);
  for (const auto& all : {bundles, words}) {
    out.leb(all.size());
    for (const auto& bytes : all) out.raw(*bytes);
  }
  return out.take();
}

Result<Speech> decode_speech(ByteView bytes) {
  ByteReader in(bytes);
  Speech speech;
  const std::size_t bundles = in.count(bundle_bytes_min);
  for (std::size_t i = 0; in.ok() && i < bundles; ++i) speech.bundles.push_back(read_bundle(in));
  const std::size_t words = in.count(word_bytes_min);
  for (std::size_t i = 0; in.ok() && i < words; ++i) speech.words.push_back(read_word(in));
  if (!in.done()) return fail(Errc::malformed, "these bytes are no words of a voter");
  return speech;
}

std::optional<Bytes> encode_leaf(const Word& word) {
  if (const auto* proposal = std::get_if<Proposal>(&word.body)) {
    const bool fits =
        word.kind == SubjectKind::proposal && proposal->bytes.size() <= bundled_bytes_max;
    if (!fits) return std::nullopt;
    ByteWriter out = begin_leaf(LeafForm::proposal, word);
    out.sized(proposal->bytes);
    return out.take();
  }
  if (const auto* offer = std::get_if<SlateOffer>(&word.body)) {
    ByteWriter out(64 + offer->entries.size() * 64);
    out.u8(static_cast<std::uint8_t>(LeafForm::slate));
    out.leb(offer->vote.statement.epoch);
    out.leb(offer->vote.statement.incarnation);
    write_slate_entries(out, offer->entries);
    return out.take();
  }
  const Statement* s = bare_statement(word.body);
  const bool bare = s != nullptr && rides(s->phase) && s->value && !s->lock && s->basis == Hash{};
  if (!bare) return std::nullopt;
  ByteWriter out = begin_leaf(LeafForm::statement, word);
  out.u8(static_cast<std::uint8_t>(s->phase));
  for (const std::uint32_t number : {s->height, s->view, s->epoch, s->incarnation}) out.leb(number);
  write_value(out, *s->value);
  return out.take();
}

Bytes encode_leaf(const Hash& leaf) {
  ByteWriter out(1 + Hash::size);
  out.u8(static_cast<std::uint8_t>(LeafForm::hash));
  out.raw(leaf.view());
  return out.take();
}

Bytes encode_bundle(const Signature& signature, const std::vector<Bytes>& leaves) {
  std::size_t room = Signature::size + 2;
  for (const Bytes& leaf : leaves) room += leaf.size();
  ByteWriter out(room);
  out.raw(signature.view());
  out.leb(leaves.size());
  for (const Bytes& leaf : leaves) out.raw(leaf);
  return out.take();
}

std::optional<OpenedBundle> open_bundle(const ClusterId& cluster, const Signer& signer,
                                        const PeerId& voter, WordBundle bundle,
                                        const Counts& counts) {
  OpenedBundle out;
  std::vector<std::size_t> places;
  std::vector<Hash> leaves(bundle.leaves.size());
  places.reserve(leaves.size());
  out.words.reserve(leaves.size());
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    if (const auto* hash = std::get_if<Hash>(&bundle.leaves[i])) {
      leaves[i] = *hash;
      continue;
    }
    Word& word = std::get<Word>(bundle.leaves[i]);
    const SubjectId subject = resolve(cluster, word);
    places.push_back(i);
    out.words.push_back({subject, std::move(word)});
  }
  for (BundledWord& word : out.words) name_signer(voter, bundle.signature, word);
  out.checked = std::ranges::any_of(out.words, counts);
  if (!out.checked) return out;
  for (std::size_t i = 0; i < places.size(); ++i) {
    leaves[places[i]] = leaf_of(cluster, out.words[i]);
  }
  BundleTree tree = hang(std::move(leaves));
  if (!signer.verify(voter, bundle_statement(tree.root), bundle.signature)) return std::nullopt;
  for (std::size_t i = 0; i < places.size(); ++i) {
    hang_on(out.words[i].word.body, std::move(tree.paths[places[i]]));
  }
  return out;
}

}  // namespace vouch::consensus
