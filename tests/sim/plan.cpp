// SPDX-License-Identifier: MIT
#include "tests/sim/plan.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "vouch/transport/memory_random.hpp"

namespace vouch::sim {
namespace {

using std::chrono::milliseconds;

constexpr std::array names{
    "loss",     "duplication", "reordering",  "delay",      "flips",     "partition", "one_way",
    "flapping", "crash",       "crash_point", "disk_error", "disk_full", "amnesia",   "rollback",
    "drift",    "jump",        "clone",       "slow_disk",  "rosters",   "rot",       "short_logs"};
static_assert(names.size() == faults_count);

const std::set<Fault> network{Fault::loss,  Fault::duplication, Fault::reordering, Fault::delay,
                              Fault::flips, Fault::partition,   Fault::one_way,    Fault::flapping};
const std::set<Fault> crash{Fault::crash, Fault::crash_point};
const std::set<Fault> disk{Fault::disk_error, Fault::disk_full, Fault::slow_disk};
const std::set<Fault> clock{Fault::drift, Fault::jump};
const std::set<Fault> loss{Fault::amnesia, Fault::rollback, Fault::rot, Fault::short_logs};
const std::set<Fault> rosters{Fault::rosters};

constexpr std::uint64_t splits_in = 8;
constexpr std::uint64_t proposals_in = 8;

std::set<Fault> all_of(std::initializer_list<std::set<Fault>> groups) {
  std::set<Fault> out;
  for (const auto& group : groups) out.insert(group.begin(), group.end());
  return out;
}

const std::map<std::string, std::set<Fault>, std::less<>>& table() {
  static const std::map<std::string, std::set<Fault>, std::less<>> profiles{
      {"calm", {}},
      {"network", network},
      {"crash", all_of({network, crash, clock})},
      {"disk", all_of({crash, disk})},
      {"rosters", rosters},
      {"default", all_of({network, crash, disk, clock, rosters})},
      {"lost", all_of({network, crash, disk, clock, loss, rosters})},
      {"cloned", all_of({network, crash, clock, {Fault::amnesia, Fault::rollback, Fault::clone}})}};
  return profiles;
}

/// From numbers of its own: what else a seed draws does not depend on it.
std::size_t draw_splits(std::uint64_t seed) {
  transport::SplitMix64 random(seed ^ 0x5b117);
  return random.below(splits_in) == 0 ? 1 + random.below(2) : 0;
}

/// By numbers of its own.
bool draw_proposals(std::uint64_t seed) {
  transport::SplitMix64 random(seed ^ 0x97090);
  return random.below(proposals_in) == 0;
}

/// A few batches to some dozens; by numbers of its own.
std::size_t draw_log_bytes(std::uint64_t seed) {
  transport::SplitMix64 random(seed ^ 0x1095);
  return std::size_t{512} << random.below(6);
}

/// The same numbers whatever faults there are: one more fault leaves the others as they are.
void set_strength(std::uint64_t seed, Plan& plan) {
  transport::SplitMix64 random(~seed);
  const auto share = [&random](double most) {
    return most * static_cast<double>(1 + random.below(100)) / 100;
  };
  const auto up_to = [&random](int most) {
    return milliseconds(1 + static_cast<int>(random.below(static_cast<std::uint64_t>(most))));
  };
  const double drop = share(0.3), duplicate = share(0.5), reorder = share(0.5), flips = share(0.1);
  const auto delay = up_to(500), reorder_by = up_to(300);
  if (random.below(2) == 0) plan.finished_kept = random.below(6);
  plan.burst = random.below(32) == 0;
  const auto flush_time = up_to(200);
  if (random.below(2) == 0) plan.state_interval = 2 + random.below(16);
  plan.splits = draw_splits(seed);
  plan.proposals = draw_proposals(seed);
  if (plan.has(Fault::short_logs)) plan.log_bytes = draw_log_bytes(seed);
  if (plan.has(Fault::loss)) plan.links.drop = drop;
  if (plan.has(Fault::duplication)) plan.links.duplicate = duplicate;
  if (plan.has(Fault::reordering)) plan.links.reorder = reorder;
  if (plan.has(Fault::reordering)) plan.links.reorder_by = reorder_by;
  if (plan.has(Fault::delay)) plan.links.delay_max = delay;
  if (plan.has(Fault::flips)) plan.flips = flips;
  if (plan.has(Fault::slow_disk)) plan.flush_time = flush_time;
}

}  // namespace

std::string_view name_of(Fault fault) {
  return names.at(static_cast<std::size_t>(fault));
}

std::string Plan::text() const {
  std::string out;
  for (const Fault fault : faults) {
    if (!out.empty()) out += ',';
    out += name_of(fault);
  }
  return out;
}

std::vector<std::string> profiles() {
  std::vector<std::string> out;
  for (const auto& [name, faults] : table()) out.push_back(name);
  return out;
}

Result<Plan> draw_plan(std::uint64_t seed, std::string_view profile) {
  const auto found = table().find(profile);
  if (found == table().end()) {
    return fail(Errc::invalid_config, "no profile " + std::string(profile));
  }
  Plan plan;
  transport::SplitMix64 random(seed ^ 0x5eed);
  for (const Fault fault : found->second) {
    if (random.below(100) < 40 || found->second.size() == 1) plan.faults.insert(fault);
  }
  set_strength(seed, plan);
  return plan;
}

Result<Plan> plan_of(std::uint64_t seed, std::string_view faults) {
  Plan plan;
  while (!faults.empty()) {
    const std::string_view name = faults.substr(0, faults.find(','));
    faults.remove_prefix(std::min(faults.size(), name.size() + 1));
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
      return fail(Errc::invalid_config, "no fault " + std::string(name));
    }
    plan.faults.insert(static_cast<Fault>(found - names.begin()));
  }
  set_strength(seed, plan);
  return plan;
}

}  // namespace vouch::sim
