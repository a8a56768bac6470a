// A frontier as short as a question needs it: 4 bytes for the name of a log and 4 for the hash of
// its end, both salted. Invariant: what one salt hides shows under the next, and nobody can choose
// a log for what it hides, because no salt is known to others before its question is. Deliberately
// absent: names of writers that both ends would have to agree on.
// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "vouch/base/signer.hpp"
#include "vouch/schemas/messages.hpp"

namespace vouch::sync {

/// What the salts of one start come from. `nonce` is new for every start and need not be secret:
/// only the key can sign it, and the signature never leaves.
Hash salt_secret(const Signer& signer, std::uint64_t nonce);
/// The salt of question `number` of that start.
std::uint64_t salt_of(const Hash& secret, std::uint64_t number);

/// The question for all that is beyond `held`. About 1 µs a log.
Pull pull_beyond(const FrontierMap& held, std::uint64_t salt);

/// What the asker holds, as the one who answers reads it. Of two logs with one short name it holds
/// nothing: in doubt too much is sent.
class Marks {
 public:
  explicit Marks(const Pull& pull);

  /// How much of a log the asker holds: 0 when it did not name it.
  std::uint64_t last(const Writer& writer) const;
  /// Its log ends as `entry` does.
  bool same(const Writer& writer, const FrontierEntry& entry) const;

 private:
  const Mark* find(const Writer& writer) const;

  std::uint64_t salt_;
  std::vector<Mark> marks_;  ///< by writer; as many as a stranger likes, so no nodes
};

}  // namespace vouch::sync
