// SPDX-License-Identifier: MIT
#include "tests/sim/run.hpp"

#include "tests/sim/troublemaker.hpp"
#include <fmt/format.h>

namespace vouch::sim {
namespace {

using std::chrono::seconds;

/// What keeps the peers from being equal and done; empty when nothing does.
std::vector<std::string> differences(World& world, const std::set<std::size_t>& damaged) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < world.size(); ++i) {
    if (!world.peer(i).running()) {
      out.push_back(fmt::format("p{} does not start", i));
      return out;
    }
  }
  if (!world.clients_done()) out.push_back("a client cannot finish its streams");
  const auto& first = world.peer(0).machine().replica();
  for (std::size_t i = 1; i < world.size(); ++i) {
    const auto& other = world.peer(i).machine().replica();
    if (other.frontier_digest() != first.frontier_digest()) {
      out.push_back(fmt::format("p{} has another frontier than p0", i));
    }
  }
  if (!out.empty()) return out;
  const auto states = world.state_hashes();
  for (std::size_t i = 1; i < states.size(); ++i) {
    if (states[i] != states[0]) out.push_back(fmt::format("p{} has another state than p0", i));
  }
  for (const auto& [stream, at] : world.streams()) {
    const state::StreamCells* cells = first.state().streams.find(stream);
    const std::uint64_t end = length_of(world.settings().seed, stream);
    for (std::size_t i = 0; i < world.size(); ++i) {
      if (damaged.contains(i) || damaged.contains(at)) continue;
      const auto* cell = cells == nullptr ? nullptr : cells->find(world.peer(i).id());
      if (cell != nullptr && cell->rank().upto == end) continue;
      out.push_back(fmt::format("p{} attests {} only up to {} of {}", i, stream,
                                cell == nullptr ? "nothing" : std::to_string(cell->rank().upto),
                                end));
    }
  }
  for (std::size_t i = 0; i < world.size(); ++i) {
    const std::size_t backlog = world.peer(i).machine().pusher().backlog_bytes();
    if (backlog != 0) out.push_back(fmt::format("p{} still holds {} bytes to push", i, backlog));
    const std::size_t open = world.peer(i).lanes().open_streams();
    if (open != 0 && damaged.empty()) {
      out.push_back(fmt::format("p{} still has {} open streams", i, open));
    }
  }
  return out;
}

}  // namespace

Report run(const RunSettings& settings) {
  World world(settings.world);
  Troublemaker troubles(world, settings.plan);
  world.start();
  troubles.start();
  world.run_until(settings.troubled);
  troubles.stop();
  world.stop_opening();

  std::vector<std::string> left;
  const VirtualTime bound = settings.troubled + settings.calm_max;
  do {
    world.run_until(world.now() + seconds(1));
    left = differences(world, troubles.damaged());
  } while (!left.empty() && world.now() < bound);

  Report report;
  report.seed = settings.world.seed;
  report.faults = settings.plan.text();
  report.trace_hash = world.trace_hash();
  report.steps = world.steps();
  report.virtual_time = world.now();
  report.calm = world.now() - settings.troubled;
  for (std::size_t i = 0; i < world.size(); ++i) report.crashes += world.peer(i).crashes();
  report.breaches = world.ledger().breaches();
  report.breaches.insert(report.breaches.end(), left.begin(), left.end());
  return report;
}

}  // namespace vouch::sim
