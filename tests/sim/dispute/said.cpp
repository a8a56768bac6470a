// SPDX-License-Identifier: MIT
#include "tests/sim/dispute/said.hpp"

#include "tests/consensus/words_in.hpp"

#include "vouch/base/bundle.hpp"

namespace vouch::sim {

Said::Said(const ClusterId& cluster, const Signer& signer, const PeerId& from, Bytes message)
    : bytes(std::move(message)) {
  words =
      consensus::words_in(cluster, signer, from, bytes).value_or(std::vector<consensus::Word>());
  const SubjectId disputed = stream_subject(cluster, disputed_stream);
  for (const consensus::Word& word : words) {
    const auto* vote = std::get_if<SignedStatement>(&word.body);
    const bool named = word.kind == consensus::SubjectKind::stream && word.name == disputed_stream;
    const bool counts = named && vote != nullptr && vote->statement.subject == disputed &&
                        is_signed(cluster, signer, *vote);
    votes.push_back(counts ? vote : nullptr);
  }
}

}  // namespace vouch::sim
