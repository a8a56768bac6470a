// All that a message says, each word as if it stood alone.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/consensus/word_bundle.hpp"

namespace vouch::consensus {

/// Nothing of bundles that `from` did not sign.
inline Result<std::vector<Word>> words_in(const ClusterId& cluster, const Signer& signer,
                                          const PeerId& from, ByteView bytes) {
  auto speech = decode_speech(bytes);
  if (!speech) return tl::unexpected(speech.error());
  std::vector<Word> words;
  for (WordBundle& bundle : speech->bundles) {
    const auto all = [](const BundledWord&) { return true; };
    auto opened = open_bundle(cluster, signer, from, std::move(bundle), all);
    if (!opened) continue;
    for (BundledWord& each : opened->words) words.push_back(std::move(each.word));
  }
  for (Word& word : speech->words) words.push_back(std::move(word));
  return words;
}

}  // namespace vouch::consensus
