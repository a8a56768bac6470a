// What a peer tells of its voters, as values: observe/rosters.hpp read back.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "vouch/membership/roster.hpp"
#include "vouch/schemas/error.hpp"
#include "vouch/schemas/json_value.hpp"

namespace vouch::tools {

struct ProposedRoster {
  membership::Roster roster;
  std::set<PeerId> by;
  std::size_t needed = 0;  ///< of them, before the voters may decide it
};

struct ToldRosters {
  std::string cluster;
  PeerId peer;
  std::map<std::uint32_t, membership::Roster> rosters;  ///< by epoch, without gaps; never empty
  bool in_force = false;                                ///< the newest one, at this peer
  std::map<std::uint32_t, std::string> rules;           ///< by the epoch that brought them
  bool votes = false;
  std::optional<std::set<PeerId>> handed_over;  ///< while this peer waits for the last voters
  std::vector<ProposedRoster> proposed;
  json::Value deciding;  ///< height, view and who said what about the next one; null when unknown
  std::set<PeerId> heard;
  std::map<PeerId, std::uint32_t> writes_as;

  const membership::Roster& newest() const { return rosters.rbegin()->second; }
  /// Id of the rule set under which streams begin now; "" where the peer does not tell.
  std::string rules_now() const { return rules.empty() ? "" : rules.rbegin()->second; }
};

/// Errc::malformed for anything that no peer tells. Certificates are not verified: this is for the
/// operator of the peer that tells it.
Result<ToldRosters> read_told(const std::string& text);

}  // namespace vouch::tools
