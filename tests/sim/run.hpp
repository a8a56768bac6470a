// One seed from start to verdict: a time with faults in which nothing may break, then a time
// without in which everything must become equal.
// SPDX-License-Identifier: MIT
#pragma once

#include "tests/sim/plan.hpp"
#include "tests/sim/world.hpp"

namespace vouch::sim {

struct RunSettings {
  WorldSettings world;
  Plan plan;
  VirtualTime troubled = std::chrono::seconds(20);
  VirtualTime calm_max = std::chrono::seconds(60);  ///< everything must be equal by then
};

struct Report {
  std::uint64_t seed = 0;
  std::string faults;
  std::uint64_t trace_hash = 0;
  std::uint64_t steps = 0;
  VirtualTime virtual_time{};
  VirtualTime calm{};  ///< without faults until everything was equal
  std::uint64_t crashes = 0;
  std::uint64_t released = 0;   ///< streams that no voter speaks of any more
  std::uint64_t forgotten = 0;  ///< events that a state stands for, at the peers as they run now
  std::uint64_t resumed = 0;    ///< streams that were taken up behind a state, by these
  std::uint64_t settled = 0;    ///< disputes about split streams that voting ended
  std::vector<std::string> breaches;
  std::vector<std::string> story;  ///< which faults came when

  bool ok() const { return breaches.empty(); }
};

Report run(const RunSettings& settings);

}  // namespace vouch::sim
