// Who may certify, as a file: what `vouch-dump roster` prints, or the config of a peer.
//   {"cluster": name, "epoch": 0, "f": 1, "q": 3, "voters": [{"key": hex, "incarnation": 1}]}
// From the second roster on also
//   "bytes"   of the roster, hexadecimal, as certificates name them: they must say the same
//   "first"   the roster that the chain begins with, in this form
//   "chain"   [{"epoch": 1, "voters": [...], "certificate": hex}], one for each later roster
// and "rules" [{"epoch": 0, "rule_set": id}], for people: under what streams begin, from when on.
// The bytes of a roster that changes them say it, too.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vouch/membership/roster.hpp"
#include "vouch/schemas/error.hpp"
#include "vouch/schemas/json_value.hpp"
#include "vouch/schemas/votes.hpp"

namespace vouch::tools {

struct NamedRoster {
  std::string cluster;        ///< its name
  membership::Roster roster;  ///< the newest
  std::optional<membership::Roster> first = std::nullopt;
  std::vector<Certificate> chain = {};  ///< rising; not verified
  json::Array rules = {};               ///< as the peer tells them, for people
};

/// Errc::malformed for a file that is neither, or whose members contradict each other.
Result<NamedRoster> read_roster(const std::string& file);
/// The roster that a running peer uses; Errc::unknown when the dump holds none.
Result<NamedRoster> roster_of_dump(const json::Value& dump);
json::Value roster_json(const NamedRoster& named);

}  // namespace vouch::tools
