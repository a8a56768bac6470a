// Answers a Pull from the stored log: exact missing batches by range, one round trip.
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include "vouch/schemas/messages.hpp"

namespace vouch::sync {

/// Visits rows of Table::batches from `from` on in key order until the visitor says false.
using LogScan = std::function<void(const Bytes& from,
                                   const std::function<bool(ByteView key, ByteView frame)>& visit)>;

/// Batches that `held` covers and the request does not, at most `bytes_max` of them (but at least
/// one).
Pulled answer_pull(const Pull& request, const FrontierMap& held, const LogScan& scan,
                   std::size_t bytes_max);

}  // namespace vouch::sync
