// What a Byzantine voter signs: anything. It knows every branch, keeps the view-changes and votes
// that it hears, and makes votes, view-changes and new views of them that look right. What it
// proposes it also votes for.
// SPDX-License-Identifier: MIT
#pragma once

#include "tests/sim/dispute/voter.hpp"

namespace vouch::sim {

/// Adversaries that make up words of their own.
bool acts(Adversary adversary);
/// Adversaries that use what they heard.
bool listens(Adversary adversary);

struct MischiefContext {
  const ClusterId& cluster;
  const membership::Roster& roster;  ///< the newest that the copy knows
  const Signer& signer;
  const std::vector<Branch>& branches;
  const std::vector<BranchHeads>& heads;
  const std::vector<std::unique_ptr<Copy>>& copies;
  const std::vector<std::string>& subjects;  ///< that values were proposed for
  Copy& copy;
  transport::SplitMix64& random;
  bool changes = false;  ///< of the roster are about
};
struct Mischief {
  std::vector<std::pair<PeerId, Bytes>> words;
  std::vector<Statement> proposed;  ///< for users' subjects
  std::optional<Ballot> ballot;
};

/// Remembers what can be used later.
void collect(Copy& copy, const std::vector<consensus::Word>& words);
Mischief make_mischief(const MischiefContext& context);

}  // namespace vouch::sim
