// Which faults a seed meets, and how hard: drawn anew for every seed, so that some seeds meet a few
// kinds alone and others all at once (swarm testing: Groce et al., ISSTA 2012).
// SPDX-License-Identifier: MIT
#pragma once

#include <set>
#include <string>
#include <vector>

#include "vouch/machine/peer_machine.hpp"
#include "vouch/schemas/error.hpp"
#include "vouch/transport/memory_network.hpp"

namespace vouch::sim {

enum class Fault : std::uint8_t {
  loss,         ///< frames are dropped
  duplication,  ///< frames come twice
  reordering,   ///< frames overtake others
  delay,        ///< frames travel up to half a second
  flips,        ///< gossip frames come with a changed byte
  partition,    ///< some peers are cut off from the others
  one_way,      ///< one direction between two peers is cut
  flapping,     ///< a link comes and goes ten times a second
  crash,        ///< a process is killed between steps and starts again
  crash_point,  ///< a process is killed inside a commit, before or after it is durable
  disk_error,   ///< commits and reads fail now and then
  disk_full,    ///< all commits fail for a while
  amnesia,      ///< a peer starts again with an empty disk
  rollback,     ///< a peer starts again with an old backup of its disk
  drift,        ///< clocks run at half to double speed
  jump,         ///< clocks jump forward up to a hundred seconds
  clone,        ///< a second process runs on a copy of a peer's disk, for some seconds
  slow_disk,    ///< a flush takes up to a fifth of a second, and who dies meanwhile loses it
  rosters,      ///< operators change who votes, and do not ask each other
  rot,          ///< a peer starts again without some cells of its state
  short_logs,   ///< of each log a few batches are kept, so that most of what was missed is gone
};
inline constexpr std::size_t faults_count = static_cast<std::size_t>(Fault::short_logs) + 1;

std::string_view name_of(Fault fault);

struct Plan {
  std::set<Fault> faults;
  transport::LinkFaults links;
  double flips = 0;
  transport::VirtualTime flush_time{};
  /// MachineConfig::finished_kept: in half of the seeds so few that streams are let go of all the
  /// time.
  std::size_t finished_kept = machine::MachineConfig{}.finished_kept;

  /// MachineConfig::log_bytes.
  std::size_t log_bytes = machine::MachineConfig{}.log_bytes;

  /// One stream of a peer comes at one blow: in few of the seeds, since each of its many runs takes
  /// a certificate.
  bool burst = false;
  std::uint64_t state_interval = validator::state_interval;

  /// Streams that several clients submit to, in few of the seeds: each takes disputes.
  std::size_t splits = 0;

  /// Clients propose values for subjects of their own, in some of the seeds.
  bool proposals = false;

  bool has(Fault fault) const { return faults.contains(fault); }
  /// Names of its faults, separated by commas.
  std::string text() const;
};

/// Names of profiles: calm, network, crash, disk, rosters (calm but for changes of the roster),
/// default (all of these), lost (also disks that lose what they promised, and
/// logs that are cut), cloned (also disks that
/// are used twice).
std::vector<std::string> profiles();
/// Draws the faults of a seed. Errors: invalid_config (no such profile).
Result<Plan> draw_plan(std::uint64_t seed, std::string_view profile);
/// A plan with exactly these faults, comma-separated. Errors: invalid_config.
Result<Plan> plan_of(std::uint64_t seed, std::string_view faults);

}  // namespace vouch::sim
