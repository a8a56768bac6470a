// From an operator's words to the roster that is wanted, and from what a peer tells to how far it
// is. Pure: sockets and time are in peer_roster.cpp.
// SPDX-License-Identifier: MIT
#pragma once

#include "tools/roster_told.hpp"

#include "vouch/membership/roster_change.hpp"
#include "vouch/schemas/json_value.hpp"

namespace vouch::tools {

struct ChangeWords {
  std::vector<std::string> list, remove, renew;  ///< keys, or the first digits of known ones
  std::uint32_t incarnation = 0;                 ///< of the one that is listed; 0: as it is known
  std::string rule_set = {};                     ///< also by its protocol alone; "": as now
};

/// A whole key, or the first digits of one that the peer knows. Errors: malformed.
Result<PeerId> key_of(const ToldRosters& told, const std::string& word);
/// Errors: malformed (a key that none, or more than one, is meant by; see membership::changed),
/// invalid_config (a rule set that is not known here).
Result<membership::Roster> wanted_roster(const ToldRosters& told, const ChangeWords& words);
/// Why a roster would decide nothing, as far as the peer hears; nothing when it would.
std::optional<std::string> too_few_heard(const ToldRosters& told, const membership::Roster& wanted);

struct ChangeOutcome {
  enum class End : std::uint8_t {
    unchanged,   ///< the voters are those already
    refused,     ///< and not proposed, or not at all peers
    open,        ///< proposed, nothing is decided
    handover,    ///< certified; the peer waits for the voters of the last roster
    in_force,    ///< certified, and the peer follows it
    superseded,  ///< another roster was certified for this epoch: it cannot be any more
  };
  End end = End::open;
  membership::Roster wanted;
  std::set<PeerId> by;     ///< open: who proposes it; handover: who has handed over
  std::set<PeerId> asked;  ///< of a forced one: who has to, beside those
  std::size_t needed = 0;  ///< of them
  std::string reason;      ///< of a refusal

  bool done() const { return end == End::unchanged || end == End::in_force; }
  bool over() const { return done() || end == End::refused || end == End::superseded; }
};

ChangeOutcome outcome_of(const ToldRosters& told, const membership::Roster& wanted);
/// One line.
std::string outcome_text(const ChangeOutcome& outcome);
json::Value outcome_json(const ChangeOutcome& outcome);
/// What is proposed, a line for each voter that differs.
std::string change_text(const ToldRosters& told, const membership::Roster& wanted);
/// Who votes, what is proposed, who is heard.
std::string told_text(const ToldRosters& told);
json::Value told_json(const ToldRosters& told);

}  // namespace vouch::tools
