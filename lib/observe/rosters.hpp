// Who votes, since when, and who is to vote next: for tools.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/machine/peer_machine.hpp"
#include "vouch/schemas/json_value.hpp"

namespace vouch::observe {

/// {epoch, f, q, voters: [{key, incarnation}], bytes: hexadecimal, as certificates name them,
///  forced: true where an operator forced it, rule_set: where it changes it}
json::Object roster_json(const membership::Roster& roster);

/// The same of the newest one, with
///   first  the one that the chain begins with, in the same form
///   chain  [{epoch, certificate: hexadecimal}], rising; a certificate has the bytes of its roster
///   rules  [{epoch, rule_set}], rising: from which epoch on streams begin under it. That of epoch
///          0 is what this peer's config says: no certificate does
json::Object chain_json(const membership::Rosters& rosters, const std::string& first_rules);

/// Where the voters of a peer stand, as the answer to ChangeRoster:
///   cluster, peer   its name; the key
///   roster          chain_json
///   in_force        this peer follows the newest roster: nothing is handed over to it any more
///   votes           it may vote under it
///   handed_over     while it is to vote and waits for the voters of the last roster: who has
///                   handed over to it
///   proposed        [{epoch, bytes, voters, by: [key], needed}]: what voters propose to be next
///   deciding        {height, view, said: [{voter, phase, view}]} of the instance that decides
///   heard           keys of voters that were heard lately, this peer included
///   writes_as       [{key, incarnation}] of all that ever wrote
json::Object rosters_json(const machine::PeerMachine& machine, const std::string& cluster,
                          Instant now);

}  // namespace vouch::observe
