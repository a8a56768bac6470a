// Signers of simulated peers: real ones in a share of the seeds, a cheap stand-in in the rest. The
// stand-in notices every changed byte, but anybody could make its signatures.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <vector>

#include "vouch/base/signer.hpp"

namespace vouch::sim {

/// The signer of peer `number` of a simulation with this seed.
std::unique_ptr<Signer> make_signer(std::uint64_t seed, std::size_t number, bool real);
/// The same for all of `count` peers in one thread; each real signature is checked once by all of
/// them together.
std::vector<std::unique_ptr<Signer>> make_signers(std::uint64_t seed, std::size_t count, bool real);

}  // namespace vouch::sim
