// From stored rows to what a machine starts with.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/base/row_store.hpp"
#include "vouch/ingest/intake.hpp"
#include "vouch/machine/peer_machine.hpp"

namespace vouch::machine {

/// Reads everything a peer kept and folds the events of unsettled streams again into `intake`.
/// Errors: io; malformed (rows that this version did not write).
Result<Restored> reopen(const RowStore& store, ingest::Intake& intake);

}  // namespace vouch::machine
