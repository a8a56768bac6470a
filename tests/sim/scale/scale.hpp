// How a large cluster behaves: voters, relays and observers in five regions, streams in rounds, and
// what was measured beside what arithmetic expects.
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string>
#include <vector>

#include "tests/sim/scale/tree.hpp"

namespace vouch::sim {

struct ScaleSettings {
  std::uint64_t seed = 1;
  std::size_t peers = 1000;
  std::size_t voters = 31;   ///< of the peers
  std::size_t fan_out = 16;  ///< subscribers of a relay
  std::size_t rounds = 2;    ///< in each, one stream a region is submitted and must be certified
};

struct Spread {
  double median = 0, max = 0;
};
struct Times {
  double p50 = 0, p99 = 0, max = 0;  ///< ms
};
/// Per peer and second.
struct RoleFigures {
  std::size_t peers = 0;
  Spread received, sent;                                          ///< bytes
  Spread checks;                                                  ///< signatures
  double heartbeat_bytes = 0, batch_bytes = 0, direct_bytes = 0;  ///< received, medians
};

/// What arithmetic says, from sizes, counts and the tree alone.
struct Expected {
  double batches = 0;       ///< per second: a prepare and a commit of each voter for a certificate
  double gossip_bytes = 0;  ///< received by who has no vote, per second
  double relay_sent = 0;    ///< by a relay with all its subscribers, per second
  double voter_sent = 0;    ///< gossip of a voter, per second
  double to_all_max = 0;    ///< ms
};

struct ScaleReport {
  ScaleSettings settings;
  std::uint64_t trace_hash = 0, steps = 0;
  double measured_s = 0;     ///< of virtual time
  std::size_t hops = 0;      ///< from a voter to the farthest peer
  std::size_t attested = 0;  ///< attestations that were followed
  Times to_voters, to_all;   ///< from an attestation until they hold it
  Times to_equal;  ///< from the events of a round until all states are equal and certified
  std::array<RoleFigures, roles_count> roles;
  double certificates = 0;              ///< per second
  double batches = 0, batch_bytes = 0;  ///< of all voters, per second; of one batch
  double heartbeat_bytes = 0;           ///< of one
  Expected expected;
  std::uint64_t asked_in_vain = 0;  ///< requests that a voter refused
  std::vector<std::string> breaches;

  bool ok() const { return breaches.empty(); }
};

ScaleReport run_scale(const ScaleSettings& settings);

}  // namespace vouch::sim
