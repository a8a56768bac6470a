// Counts what the program takes from the heap: calls, and bytes that live. Replaces the global
// operators of the program it is linked into; one thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace vouch::bench {

std::uint64_t allocations();
std::int64_t live_bytes();

}  // namespace vouch::bench
