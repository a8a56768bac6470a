// From stored rows to what a machine starts with.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/base/row_store.hpp"
#include "vouch/ingest/intake.hpp"
#include "vouch/machine/peer_machine.hpp"

namespace vouch::machine {

/// Reads everything a peer kept and folds the events of unsettled streams again into `intake`.
/// Errors: io; malformed (rows that this version did not write).
Result<Restored> reopen(const RowStore& store, ingest::Intake& intake, const ClusterId& cluster);

/// Key and value of the row of Table::meta that names the streams that were finished last.
const Bytes& finished_key();
Result<std::deque<std::string>> decode_finished(ByteView row);

}  // namespace vouch::machine
