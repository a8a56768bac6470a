// Who may certify, as a file: what `vouch-dump roster` prints, or the config of a peer.
//   {"cluster": name, "epoch": 0, "f": 1, "q": 3, "voters": [{"key": hex, "incarnation": 1}]}
// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "vouch/membership/roster.hpp"
#include "vouch/schemas/error.hpp"
#include "vouch/schemas/json_value.hpp"

namespace vouch::tools {

struct NamedRoster {
  std::string cluster;  ///< its name
  membership::Roster roster;
};

/// Errc::malformed for a file that is neither, or whose f and q do not fit its voters.
Result<NamedRoster> read_roster(const std::string& file);
/// The roster that a running peer uses; Errc::unknown when the dump holds none.
Result<NamedRoster> roster_of_dump(const json::Value& dump);
json::Value roster_json(const NamedRoster& named);

}  // namespace vouch::tools
