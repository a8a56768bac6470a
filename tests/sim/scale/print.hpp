// SPDX-License-Identifier: MIT
#pragma once

#include "tests/sim/scale/scale.hpp"

namespace vouch::sim {

/// On standard output: lines for people, or one line of JSON.
void print_scale(const ScaleReport& report, double wall_s, bool json);

}  // namespace vouch::sim
