// SPDX-License-Identifier: MIT
#include "tests/sim/dispute/tearing.hpp"

#include "tests/sim/dispute/branches.hpp"

#include "vouch/base/bundle.hpp"

namespace vouch::sim {
namespace {

using consensus::BundleLeaf;
using consensus::Word;
using consensus::WordBundle;

constexpr std::size_t joined_max = 8;  ///< statements that are signed anew

/// Nothing for what does not ride in a bundle.
std::optional<Bytes> leaf_of(const Statement& statement) {
  return consensus::encode_leaf(Word{consensus::SubjectKind::stream, disputed_stream,
                                     SignedStatement{{}, statement, {}, {}}});
}

struct Tearing {
  const TearingContext& context;

  std::uint64_t below(std::uint64_t bound) const { return context.random.below(bound); }

  Bytes encode(const BundleLeaf& leaf) const {
    if (const auto* hash = std::get_if<Hash>(&leaf)) return consensus::encode_leaf(*hash);
    return consensus::encode_leaf(std::get<Word>(leaf)).value_or(Bytes{});
  }

  /// The hash of a leaf that is told.
  Bytes withheld(const BundleLeaf& leaf) const {
    const auto* word = std::get_if<Word>(&leaf);
    const auto* vote = word == nullptr ? nullptr : std::get_if<SignedStatement>(&word->body);
    if (vote == nullptr) return encode(leaf);
    Statement s = vote->statement;
    s.subject = consensus::subject_id(context.cluster, word->kind, word->name);
    return consensus::encode_leaf(bundle_leaf(context.cluster, s));
  }

  std::optional<Statement> foreign() const {
    if (context.heard.empty()) return std::nullopt;
    return context.heard[below(context.heard.size())].statement;
  }

  /// What others said, and something twice, as if it were the own word.
  Bytes signed_anew() const {
    std::vector<Statement> statements;
    for (std::uint64_t left = 1 + below(joined_max); left > 0; --left) {
      auto statement = foreign();
      if (!statement || !leaf_of(*statement)) continue;
      statement->incarnation = 1;
      statements.push_back(*statement);
      if (below(4) == 0) statements.push_back(*statement);
    }
    if (statements.empty()) return {};
    return told_in_part(context, statements);
  }

  Bytes tear(const WordBundle& bundle) const {
    std::vector<Bytes> leaves;
    for (const BundleLeaf& leaf : bundle.leaves) leaves.push_back(encode(leaf));
    const std::size_t at = below(leaves.size());
    const auto place = leaves.begin() + static_cast<std::ptrdiff_t>(at);
    const std::uint64_t fault = below(5);
    const auto other = foreign();
    if (fault == 1 && other) {
      leaves.insert(place, leaf_of(*other).value_or(leaves[at]));
    } else if (fault == 2) {
      leaves.insert(place, Bytes(leaves[at]));
    } else if (fault == 3) {
      leaves[at] = withheld(bundle.leaves[at]);
    } else if (fault == 4 && leaves.size() > 1) {
      leaves.erase(place);
    }
    Bytes out = consensus::encode_bundle(bundle.signature, leaves);
    if (fault == 0) out[Signature::size] ^= static_cast<std::uint8_t>(1 + below(3));
    return out;
  }
};

}  // namespace

Bytes told_in_part(const TearingContext& context, const std::vector<Statement>& statements) {
  const auto votes = sign_bundle(context.cluster, context.signer, statements);
  std::vector<Bytes> leaves;
  for (const Statement& statement : statements) {
    auto leaf = leaf_of(statement);
    const bool told = leaf && context.random.below(3) != 0;
    leaves.push_back(told ? std::move(*leaf)
                          : consensus::encode_leaf(bundle_leaf(context.cluster, statement)));
  }
  return consensus::encode_bundle(votes.front().signature, leaves);
}

Bytes torn(const TearingContext& context, ByteView message) {
  const Tearing tearing{context};
  const auto speech = consensus::decode_speech(message);
  if (!speech) return to_bytes(message);
  std::vector<std::shared_ptr<const Bytes>> bundles, words;
  for (const WordBundle& bundle : speech->bundles) {
    bundles.push_back(std::make_shared<const Bytes>(tearing.tear(bundle)));
  }
  Bytes anew = context.random.below(2) == 0 ? tearing.signed_anew() : Bytes{};
  if (!anew.empty()) bundles.push_back(std::make_shared<const Bytes>(std::move(anew)));
  for (const Word& word : speech->words) {
    words.push_back(std::make_shared<const Bytes>(consensus::encode_word(word)));
  }
  return consensus::join_speech(bundles, words);
}

}  // namespace vouch::sim
