// SPDX-License-Identifier: MIT
#include "tests/sim/run.hpp"

#include "tests/sim/checks.hpp"
#include "tests/sim/proposers.hpp"
#include "tests/sim/troublemaker.hpp"

namespace vouch::sim {
using std::chrono::seconds;

Report run(const RunSettings& settings) {
  WorldSettings around = settings.world;
  around.finished_kept = settings.plan.finished_kept;
  around.log_bytes = settings.plan.log_bytes;
  around.burst = settings.plan.burst;
  around.state_interval = settings.plan.state_interval;
  World world(around);
  SplitClients splits(world, settings.plan.splits);
  Proposers proposers(world, settings.plan.proposals);
  Troublemaker troubles(world, settings.plan);
  world.start();
  troubles.start();
  splits.start();
  proposers.start();
  world.run_until(settings.troubled);
  troubles.stop();
  world.stop_opening();
  splits.stop();
  proposers.stop();

  std::vector<std::string> left;
  const VirtualTime bound = settings.troubled + settings.calm_max;
  // Until nothing changes any more: what came in the last moment is on no disk yet.
  std::vector<StateDigest> before, states;
  bool over = false;
  while (!over) {
    before = std::move(states);
    world.run_until(world.now() + seconds(1));
    states = world.state_digests();
    over = world.now() >= bound;
    if (states != before && !over) continue;
    left = differences(world, troubles.damaged(), splits);
    for (std::string& line : proposers.differences(!troubles.damaged().empty())) {
      left.push_back(std::move(line));
    }
    over = over || left.empty();
  }

  Report report;
  for (std::size_t i = 0; i < world.size(); ++i) {
    if (!world.peer(i).running()) continue;
    report.forgotten += world.peer(i).machine().counters().forgotten;
    report.resumed += world.peer(i).machine().refolder().counters().resumed;
  }
  if (left.empty()) left = changes_by_restart(world);
  report.seed = settings.world.seed;
  report.faults = settings.plan.text();
  report.trace_hash = world.trace_hash();
  report.steps = world.steps();
  report.virtual_time = world.now();
  report.calm = world.now() - settings.troubled;
  for (std::size_t i = 0; i < world.size(); ++i) report.crashes += world.peer(i).crashes();
  for (const auto& [stream, at] : world.streams()) {
    if (world.peer(0).running() && world.peer(0).released().contains(stream)) ++report.released;
  }
  report.settled = world.ledger().splits().settled();
  report.breaches = world.ledger().breaches();
  report.breaches.insert(report.breaches.end(), left.begin(), left.end());
  report.story = troubles.story();
  return report;
}

}  // namespace vouch::sim
