// From the roster that somebody trusts to the one of another epoch. Forwards each step is a
// certificate of the roster before; backwards each roster names the one before by its hash.
// SPDX-License-Identifier: MIT
#pragma once

#include <set>

#include "tools/roster_file.hpp"

namespace vouch::tools {

/// `told` needs no trust: what it says is checked against `trusted`. Errors, with what to do:
/// unknown (it does not reach that epoch), bad_signature (a certificate does not hold, or a roster
/// is another one than the next one names).
Result<membership::Roster> roster_of_epoch(const NamedRoster& trusted, const NamedRoster& told,
                                           std::uint32_t epoch);
/// Epochs up to that of `roster` that an operator forced, as far back as `told` leads.
std::set<std::uint32_t> forced_epochs(const membership::Roster& roster, const NamedRoster& told);

}  // namespace vouch::tools
