// The batches in a data folder, in the form in which a running peer tells its own. Absent: what
// their writers had seen, which no log says.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/schemas/error.hpp"
#include "vouch/schemas/json_value.hpp"
#include "vouch/store/snapshot.hpp"

namespace vouch::tools {

/// `batches` (vouch/observe/batches.hpp) of the last `newest` of each log, `after` empty. Reads all
/// logs.
Result<json::Array> stored_batches(const store::Snapshot& store, std::size_t newest);

}  // namespace vouch::tools
