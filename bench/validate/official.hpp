// The official client @ag-ui/client 1.0.0 under Node on the same bytes: JSON.parse, compatibility
// boundary, enforcement, chunks, verification. Installed by npm into a folder that is removed.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "bench/validate/stream.hpp"

namespace vouch::bench {

/// Events per second; nothing when Node, npm or the package cannot be had, or when it rejects the
/// stream.
std::optional<double> official_events_per_second(const EventStream& stream);

}  // namespace vouch::bench
