// vouch-dump health and metrics: whether a running peer is well, and its figures for Prometheus.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "vouch/schemas/error.hpp"
#include "vouch/schemas/json_value.hpp"

namespace vouch::tools {

/// What they need of a dump.
inline const std::vector<std::string> health_parts{"health"};
/// The groups of the figures, and the proofs, which are counted.
std::vector<std::string> metrics_parts();

/// Says how the peer of a dump is, a sentence for each reason. False when it is failing.
/// Errc::unknown when the dump is not of a running peer.
Result<bool> print_health(const json::Value& dump, bool as_json);
/// The text format of Prometheus 0.0.4. Errors: as above.
Result<void> print_metrics(const json::Value& dump);

}  // namespace vouch::tools
