// Words whose statements were signed together, as they travel: all leaves in their order, with one
// signature. Whoever has all leaves has the root, so no word needs a path on its way; who opens a
// bundle gives each the path that makes it transferable. A leaf that is not for the hearer is its
// hash alone, and so is one whose word is long.
//   bundle  signature 64, count, leaf each
//   leaf    0, hash 32
//           1, kind, name, phase, height, view, epoch, incarnation, value    no basis
//           2, kind, name, bytes                                             of a proposal
//           3, epoch, incarnation, count, then each name, hash 32            of a slate
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include "vouch/base/signer.hpp"
#include "vouch/consensus/messages.hpp"
#include "vouch/schemas/envelope.hpp"

namespace vouch::consensus {

/// Longer words travel alone, so that a bundle fits into a message.
inline constexpr std::size_t bundled_bytes_max = 1024;

/// A word whose statement names neither voter nor subject, or the hash of another leaf.
using BundleLeaf = std::variant<Hash, Word>;
struct WordBundle {
  Signature signature;
  std::vector<BundleLeaf> leaves;
  bool operator==(const WordBundle&) const = default;
};

/// All that one message says.
struct Speech {
  std::vector<WordBundle> bundles;
  std::vector<Word> words;
  bool operator==(const Speech&) const = default;
};

/// Encoded bundles and words as one message.
Bytes join_speech(std::span<const std::shared_ptr<const Bytes>> bundles,
                  std::span<const std::shared_ptr<const Bytes>> words);
/// Errc::malformed for anything no encoder makes.
Result<Speech> decode_speech(ByteView bytes);

/// One word as a leaf; nothing when it is too long, or of another form.
std::optional<Bytes> encode_leaf(const Word& word);
/// A leaf that is not told.
Bytes encode_leaf(const Hash& leaf);
Bytes encode_bundle(const Signature& signature, const std::vector<Bytes>& leaves);

/// A word, and what it is about.
struct BundledWord {
  SubjectId subject;
  Word word;
};
/// The words of a bundle. Those that were `checked` are as the voter signed them, and have paths.
struct OpenedBundle {
  std::vector<BundledWord> words;
  bool checked = false;
};
using Counts = std::function<bool(const BundledWord&)>;
/// Nothing when the voter did not sign it. Unless some word counts nobody looks at that.
std::optional<OpenedBundle> open_bundle(const ClusterId& cluster, const Signer& signer,
                                        const PeerId& voter, WordBundle bundle,
                                        const Counts& counts);

SubjectId subject_id(const ClusterId& cluster, SubjectKind kind, std::string_view name);

}  // namespace vouch::consensus
