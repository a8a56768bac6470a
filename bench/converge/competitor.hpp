// Redis as the obvious alternative: a broker, one publisher, subscribers that wait. Unsigned,
// unencrypted, in memory.
// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "vouch/schemas/error.hpp"

namespace vouch::bench {

/// Milliseconds from PUBLISH until the last of `subscribers` has the message, `samples` times.
/// Errc::unknown when no redis-server is installed.
Result<std::vector<double>> redis_publish_ms(std::size_t subscribers, std::size_t samples);

}  // namespace vouch::bench
