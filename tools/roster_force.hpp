// The roster that an operator forces because too many voters are lost: which it is, what speaks
// against it, and what it costs (docs/ROSTER.md). Pure; peer_roster.cpp asks the peers.
// SPDX-License-Identifier: MIT
#pragma once

#include "tools/roster_change.hpp"

namespace vouch::tools {

/// All of `words` vote, and nobody else; of each the first digits are enough where it is known.
/// Who writes under another incarnation than the one listed is listed as it writes, and does not
/// remain. Errors: malformed (a key that is not known; none of them votes now; see
/// membership::changed).
Result<membership::Roster> forced_roster(const ToldRosters& told, const ChangeWords& words);
/// The command is repeated, and it is so by now.
bool is_forced_already(const ToldRosters& told, const membership::Roster& forced);
/// Why a roster should not be forced, as far as the peer hears; nothing when nothing speaks against
/// it.
std::optional<std::string> objection(const ToldRosters& told, const membership::Roster& forced);
/// Who remains, who is lost, and what that means.
std::string loss_text(const ToldRosters& told, const membership::Roster& forced);
/// What to do once it is in force.
std::string after_text(const membership::Roster& forced);

}  // namespace vouch::tools
