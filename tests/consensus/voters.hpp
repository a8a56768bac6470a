// Voters with keys made from their places, and what they sign.
// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <map>
#include <vector>

#include "vouch/base/bundle.hpp"
#include "vouch/base/signer.hpp"
#include "vouch/membership/certificate.hpp"
#include "vouch/membership/roster.hpp"

namespace vouch {

struct Voters {
  std::deque<Ed25519Signer> signers;
  membership::Roster roster;  ///< epoch 0, all of them

  /// The key of voter i is made from 32 bytes of value i + 1.
  explicit Voters(std::uint8_t count) {
    std::vector<PeerId> ids;
    for (std::uint8_t i = 0; i < count; ++i) {
      crypto::Seed seed;
      seed.bytes.fill(static_cast<std::uint8_t>(i + 1));
      signers.emplace_back(seed);
      ids.push_back(signers.back().id());
    }
    roster = membership::Roster(ids, 0);
  }

  /// The first `count` voters commit to `value` at `height`, each signing nothing else.
  Certificate certify(const ClusterId& cluster, const SubjectId& subject, const Value& value,
                      std::size_t count, std::uint32_t height = 1) const {
    Statement commit;
    commit.phase = Phase::commit;
    commit.subject = subject;
    commit.height = height;
    commit.incarnation = 1;
    commit.value = value;
    std::map<PeerId, SignedStatement> commits;
    for (std::size_t i = 0; i < count; ++i) {
      commits[signers[i].id()] = sign_bundle(cluster, signers[i], {commit}).front();
    }
    return membership::certificate_from(commits);
  }
};

}  // namespace vouch
