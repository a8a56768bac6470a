// Bundles that no honest voter sends: with a wrong count, with words of others, repeated or missing
// ones, with some told to some voters alone. Absent: what is said in them (chaos.hpp).
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/base/signer.hpp"
#include "vouch/consensus/word_bundle.hpp"
#include "vouch/transport/memory_random.hpp"

namespace vouch::sim {

struct TearingContext {
  const ClusterId& cluster;
  const Signer& signer;
  const std::vector<SignedStatement>& heard;  ///< votes on the disputed stream, of anybody
  transport::SplitMix64& random;
};

/// These statements on the disputed stream, signed together. Each hearer is told some of them, and
/// of the rest the hashes.
Bytes told_in_part(const TearingContext& context, const std::vector<Statement>& statements);
/// An own message with one thing wrong in each of its bundles; of the bundles that its voter did
/// sign like that some are right.
Bytes torn(const TearingContext& context, ByteView message);

}  // namespace vouch::sim
