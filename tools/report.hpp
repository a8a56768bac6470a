// One verdict as one line of JSON.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/ingest/stream_table.hpp"

namespace vouch::tools {

/// Prints a line per verdict: {"index","answer","outcome","code","findings":[...]}. False when
/// something was rejected. With `quiet` lines without findings are left out.
bool print_submitted(const ingest::Submitted& submitted, bool quiet);

}  // namespace vouch::tools
