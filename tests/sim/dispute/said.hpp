// A message as it travels between voters, and what everybody finds in it: read once, for all who
// get it and for the referee.
// SPDX-License-Identifier: MIT
#pragma once

#include "tests/sim/dispute/branches.hpp"

#include "vouch/consensus/word_bundle.hpp"

namespace vouch::sim {

struct Said {
  /// Nothing of bundles that `from` did not sign.
  Said(const ClusterId& cluster, const Signer& signer, const PeerId& from, Bytes bytes);
  Said(const Said&) = delete;
  Said& operator=(const Said&) = delete;

  Bytes bytes;
  std::vector<consensus::Word> words;
  /// Of each word the vote on the disputed stream, its signature checked; null for other words.
  std::vector<const SignedStatement*> votes;
};

}  // namespace vouch::sim
