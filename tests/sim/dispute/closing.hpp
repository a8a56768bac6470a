// How long voters that go on to differ may take until a height closes with nothing, in a network
// that is whole: a sum of timers, each as long as it gets.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "vouch/base/time.hpp"
#include "vouch/consensus/setting.hpp"

namespace vouch::sim {

/// From the moment at which the last word was lost; `hop` is how long a word is on its way at most,
/// `nulls` how many heights before closed with nothing, in a row. Decision 45 says why.
Duration closing_time(const consensus::Timing& timing, std::size_t voters, std::uint64_t nulls,
                      Duration hop);

}  // namespace vouch::sim
