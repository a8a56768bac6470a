// The arithmetic of quorums, alone: tested against a dumb twin that counts subsets.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace vouch::membership {

/// Faulty voters that n voters tolerate: floor((n - 1) / 3); at n < 4 crashes only.
constexpr std::size_t faults_tolerated(std::size_t n) {
  return n == 0 ? 0 : (n - 1) / 3;
}

/// Votes that decide: ceil((n + f + 1) / 2). Two quorums share f + 1 voters; n - f voters suffice.
constexpr std::size_t quorum(std::size_t n) {
  return (n + faults_tolerated(n) + 2) / 2;
}

/// Voters among whom one at least is honest.
constexpr std::size_t one_honest(std::size_t n) {
  return faults_tolerated(n) + 1;
}

/// Peers that validate a stream by default, the ingesting one included: one more than a quorum if
/// there is.
constexpr std::size_t default_validators(std::size_t n) {
  return n > quorum(n) ? quorum(n) + 1 : quorum(n);
}

}  // namespace vouch::membership
