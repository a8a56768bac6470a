// Carries out a plan: breaks links, processes, disks and clocks of a world, and repairs everything
// when it is told to stop.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <set>

#include "tests/sim/plan.hpp"
#include "tests/sim/world.hpp"

namespace vouch::sim {

class Troublemaker {
 public:
  /// `world` and this must live until the world has stopped running.
  Troublemaker(World& world, Plan plan);

  void start();
  /// Faults end: links heal, disks work, whoever is down starts again, clocks run true.
  void stop();
  /// Peers whose disk lost what it had promised.
  const std::set<std::size_t>& damaged() const { return damaged_; }
  /// What was done when, for people.
  const std::vector<std::string>& story() const { return story_; }

 private:
  using Act = void (Troublemaker::*)();

  void tell(const std::string& what);
  VirtualTime between(int least_ms, int most_ms);
  std::size_t any_peer() { return random_.below(world_.size()); }
  PeerId id_of(std::size_t number) { return world_.peer(number).id(); }
  /// Does `act` again and again, with pauses of this length, until stopped.
  void repeat(Fault fault, int least_ms, int most_ms, Act act);
  /// Does something later unless the troubles are over by then.
  void later(VirtualTime when, std::function<void()> what);

  void partition();
  void one_way();
  void flap();
  void flap_link(PeerId a, PeerId b, int left);
  void crash();
  void crash_in_commit();
  void fail_disk();
  void fill_disk();
  void back_up();
  void drift();
  void jump();
  void clone();
  void change_roster();
  void let_all_vote();
  /// Whoever is down is started some time later, perhaps with another disk.
  void revive();
  void start_again(std::size_t number);
  void rot(std::size_t number);
  bool may_lose(std::size_t number) const;

  World& world_;
  Plan plan_;
  transport::SplitMix64 random_;
  bool over_ = false;
  std::vector<std::string> story_;
  std::set<std::size_t> reviving_;
  std::set<std::size_t> damaged_;
  std::optional<std::size_t> rotten_;
  std::map<std::size_t, SimDisk> backups_;
};

}  // namespace vouch::sim
