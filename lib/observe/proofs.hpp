// Misbehaviour for the dumper: the proofs a peer holds, and what is wrong with the peer itself.
//   proofs   [{peer, kind, incarnation, what, hash, proof}], the last as hexadecimal digits
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "vouch/machine/peer_machine.hpp"
#include "vouch/schemas/json_value.hpp"

namespace vouch::observe {

json::Value proofs_json(const state::Proofs& proofs);

/// What its offender did, as in "it ...".
std::string_view deed_of(const state::Proof& proof);

/// Why a peer writes nothing for good, and what to do; empty when it does.
std::string trouble_of(const machine::PeerMachine& machine);

}  // namespace vouch::observe
