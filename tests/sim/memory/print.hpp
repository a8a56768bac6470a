// SPDX-License-Identifier: MIT
#pragma once

#include "tests/sim/memory/memory.hpp"

namespace vouch::sim {

/// On standard output: lines for people, or one JSON object as benches print it.
void print_memory(const MemoryReport& report, double wall_s, bool json);

}  // namespace vouch::sim
