// A short picture of a peer, for embedders and tools.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vouch/schemas/ids.hpp"

namespace vouch {

/// A short picture of a running peer.
struct Status {
  bool running = false;
  PeerId id;
  std::string direct, gossip, local;  ///< endpoints as bound
  std::size_t voters = 0;
  std::size_t voters_heard = 0;  ///< others of whom a heartbeat or message came lately
  std::size_t quorum = 0;
  std::size_t faults_tolerated = 0;  ///< Byzantine voters; 0 below four voters: crashes only
  std::size_t open_streams = 0;
  std::uint64_t events = 0;   ///< validated since the start
  std::uint64_t records = 0;  ///< written to the own log
  Hash state;                 ///< equal at peers that hold equal states
  /// Why the store takes no writes, and nothing new is attested; nothing while it does.
  std::optional<std::string> degraded;
};

/// How far a change of the roster is.
struct RosterStanding {
  std::uint32_t epoch = 0;      ///< that the wanted roster begins
  bool certified = false;       ///< it is the roster of this epoch
  bool lost = false;            ///< another one is: it will never be
  bool in_force = false;        ///< certified, and this peer follows it
  std::vector<PeerId> backers;  ///< voters that are known to propose it, while nothing is decided
  std::size_t backers_needed = 0;  ///< before the voters may decide it
};

}  // namespace vouch
