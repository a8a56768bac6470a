// Shared values for dumps: those that somebody can read, and who put them.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/schemas/json_value.hpp"
#include "vouch/state/state.hpp"

namespace vouch::observe {

/// [{key, standing: [{writer, value, hex, erased, written_ms, version}]}], by key and writer;
/// `value` of text, `hex` of other bytes, `erased` where there is none.
json::Value shared_json(const state::State& state);

}  // namespace vouch::observe
