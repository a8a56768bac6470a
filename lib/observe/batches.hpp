// Batches as JSON, with what their writer held when it wrote them: the causal graph is made of it.
// Invariant: a log is followed by itself, so `after` never names it.
// SPDX-License-Identifier: MIT
#pragma once

#include <deque>

#include "vouch/schemas/json_value.hpp"
#include "vouch/sync/own_history.hpp"

namespace vouch::observe {

/// [{writer, incarnation, first, last, records: {<kind>: n}, after: {"<key>.<incarnation>": last}}]
/// `records` names the kinds that the batch has; `after` the logs that had grown since the writer's
/// batch before, as in sync::WrittenBatch.
json::Array batches_json(const std::deque<sync::WrittenBatch>& batches);

}  // namespace vouch::observe
