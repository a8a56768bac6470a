// Four voters, each with a key and a replica that has read nothing.
// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "tests/sync/offender.hpp"

namespace vouch::sync::four {

inline constexpr std::size_t voters = 4;

inline const Ed25519Signer& key(std::uint8_t n) {
  static const Ed25519Signer keys[voters]{Ed25519Signer(seed_of(1)), Ed25519Signer(seed_of(2)),
                                          Ed25519Signer(seed_of(3)), Ed25519Signer(seed_of(4))};
  return keys[n];
}

inline std::vector<PeerId> ids() {
  std::vector<PeerId> out;
  for (std::uint8_t n = 0; n < voters; ++n) out.push_back(key(n).id());
  return out;
}

inline ReplicaConfig config() {
  return {cluster_id("tests"), {}, membership::Roster(ids(), 0)};
}

struct Voter {
  Outbox out;
  Replica replica;

  explicit Voter(std::uint8_t n) : replica(config(), key(n), {}, {}) {}
};

}  // namespace vouch::sync::four
