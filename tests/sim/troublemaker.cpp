// SPDX-License-Identifier: MIT
#include "tests/sim/troublemaker.hpp"

#include <fmt/format.h>

#include "vouch/membership/quorum.hpp"

namespace vouch::sim {

using std::chrono::milliseconds;

Troublemaker::Troublemaker(World& world, Plan plan)
    : world_(world), plan_(std::move(plan)), random_(world.settings().seed ^ 0x7720) {}

void Troublemaker::tell(const std::string& what) {
  const double at = static_cast<double>(world_.now().count()) / 1e6;
  story_.push_back(fmt::format("{:.3f} s: {}", at, what));
}

VirtualTime Troublemaker::between(int least_ms, int most_ms) {
  const auto range = static_cast<std::uint64_t>(most_ms - least_ms);
  return milliseconds(least_ms + static_cast<int>(random_.below(range)));
}

void Troublemaker::later(VirtualTime when, std::function<void()> what) {
  world_.at(when, [this, what = std::move(what)] {
    if (!over_) what();
  });
}

void Troublemaker::repeat(Fault fault, int least_ms, int most_ms, Act act) {
  if (!plan_.has(fault)) return;
  later(world_.now() + between(least_ms, most_ms), [=, this] {
    (this->*act)();
    repeat(fault, least_ms, most_ms, act);
  });
}

void Troublemaker::start() {
  world_.network().set_faults(plan_.links);
  world_.set_flips(plan_.flips);
  for (std::size_t i = 0; i < world_.size(); ++i) {
    world_.peer(i).disk().faults().flush_time = plan_.flush_time;
  }
  repeat(Fault::partition, 500, 6000, &Troublemaker::partition);
  repeat(Fault::one_way, 500, 4000, &Troublemaker::one_way);
  repeat(Fault::flapping, 1000, 6000, &Troublemaker::flap);
  repeat(Fault::crash, 500, 5000, &Troublemaker::crash);
  repeat(Fault::crash_point, 500, 5000, &Troublemaker::crash_in_commit);
  repeat(Fault::disk_error, 200, 3000, &Troublemaker::fail_disk);
  repeat(Fault::disk_full, 500, 5000, &Troublemaker::fill_disk);
  repeat(Fault::rollback, 500, 5000, &Troublemaker::back_up);
  // Disks are lost, and old copies of them put back, only while nobody uses them.
  repeat(Fault::amnesia, 2000, 9000, &Troublemaker::crash);
  repeat(Fault::rollback, 2000, 9000, &Troublemaker::crash);
  repeat(Fault::rot, 2000, 9000, &Troublemaker::crash);
  repeat(Fault::drift, 500, 5000, &Troublemaker::drift);
  repeat(Fault::jump, 1000, 8000, &Troublemaker::jump);
  repeat(Fault::clone, 2000, 9000, &Troublemaker::clone);
  repeat(Fault::rosters, 500, 5000, &Troublemaker::change_roster);
  revive();
}

void Troublemaker::stop() {
  over_ = true;
  if (plan_.has(Fault::rosters)) let_all_vote();
  for (std::size_t i = 0; i < world_.size(); ++i) world_.kill_clone(i);
  world_.network().set_faults({});
  world_.network().heal_all(world_.now());
  world_.set_flips(0);
  for (std::size_t i = 0; i < world_.size(); ++i) {
    world_.peer(i).disk().faults() = {};
    world_.peer(i).disk().never_crash();
    world_.set_clock_rate(i, SimClock::one);
    if (world_.peer(i).disk().peek_failed()) world_.kill_peer(i);
    world_.start_peer(i);
  }
}

void Troublemaker::partition() {
  std::vector<PeerId> island;
  std::string names;
  for (std::size_t i = 0; i < world_.size(); ++i) {
    if (!random_.chance(0.5)) continue;
    island.push_back(id_of(i));
    names += fmt::format(" p{}", i);
  }
  tell("cut off:" + names);
  world_.network().isolate(island);
  later(world_.now() + between(200, 5000), [this] { world_.network().heal_all(world_.now()); });
}

void Troublemaker::one_way() {
  const std::size_t sender = any_peer(), receiver = any_peer();
  const PeerId from = id_of(sender), to = id_of(receiver);
  tell(fmt::format("nothing comes from p{} to p{}", sender, receiver));
  world_.network().cut(from, to);
  later(world_.now() + between(200, 5000),
        [=, this] { world_.network().heal(world_.now(), from, to); });
}

void Troublemaker::flap() {
  const std::size_t one = any_peer(), other = any_peer();
  tell(fmt::format("the link of p{} and p{} flaps", one, other));
  flap_link(id_of(one), id_of(other), 20);
}

void Troublemaker::flap_link(PeerId a, PeerId b, int left) {
  if (left % 2 == 0) {
    world_.network().cut(a, b);
    world_.network().cut(b, a);
  } else {
    world_.network().heal(world_.now(), a, b);
    world_.network().heal(world_.now(), b, a);
  }
  if (left == 1) return;
  later(world_.now() + milliseconds(100), [=, this] { flap_link(a, b, left - 1); });
}

void Troublemaker::crash() {
  const std::size_t number = any_peer();
  tell(fmt::format("p{} is killed", number));
  world_.kill_peer(number);
}

void Troublemaker::crash_in_commit() {
  const std::uint64_t commits = random_.below(20);
  const std::size_t number = any_peer();
  const bool durable = random_.chance(0.5);
  tell(fmt::format("p{} dies {} a commit, {} from now", number, durable ? "after" : "before",
                   commits));
  world_.peer(number).disk().crash_after(commits, durable);
}

void Troublemaker::fail_disk() {
  const std::size_t number = any_peer();
  tell(fmt::format("the disk of p{} fails now and then", number));
  DiskFaults& faults = world_.peer(number).disk().faults();
  faults.write_error = 0.3;
  faults.read_error = 0.1;
  later(world_.now() + between(100, 2000), [=, this] {
    SimDisk& disk = world_.peer(number).disk();
    disk.faults().write_error = 0;
    disk.faults().read_error = 0;
    if (disk.peek_failed()) world_.kill_peer(number);
  });
}

void Troublemaker::fill_disk() {
  const std::size_t number = any_peer();
  tell(fmt::format("the disk of p{} is full", number));
  world_.peer(number).disk().faults().full = true;
  later(world_.now() + between(200, 4000),
        [=, this] { world_.peer(number).disk().faults().full = false; });
}

void Troublemaker::back_up() {
  const std::size_t number = any_peer();
  tell(fmt::format("the disk of p{} is copied", number));
  backups_.insert_or_assign(number, world_.peer(number).disk());
}

void Troublemaker::drift() {
  const std::int64_t rate = SimClock::one / 2 + static_cast<std::int64_t>(random_.below(1'500'000));
  const std::size_t number = any_peer();
  tell(fmt::format("the clock of p{} runs at {} percent", number, rate * 100 / SimClock::one));
  world_.set_clock_rate(number, rate);
}

void Troublemaker::jump() {
  const std::size_t number = any_peer();
  const VirtualTime forward = between(1, 100'000);
  tell(fmt::format("the clock of p{} jumps by {} ms", number, forward.count() / 1000));
  world_.jump_clock(number, forward);
}

/// Three at least vote. Some operators want something else than the others, or are too few.
void Troublemaker::change_roster() {
  const int wishes = random_.chance(0.3) ? 2 : 1;
  for (int i = 0; i < wishes; ++i) {
    std::vector<std::size_t> voters, at;
    for (std::size_t number = 0; number < world_.size(); ++number) voters.push_back(number);
    while (voters.size() > 3 && random_.chance(0.6)) {
      voters.erase(voters.begin() + static_cast<std::ptrdiff_t>(random_.below(voters.size())));
    }
    std::string names, where;
    for (const std::size_t number : voters) names += fmt::format(" p{}", number);
    for (std::size_t number = 0; number < world_.size(); ++number) {
      if (!random_.chance(0.7)) continue;
      at.push_back(number);
      where += fmt::format(" p{}", number);
    }
    tell(fmt::format("operators of{} want the voters{}", where, names));
    world_.propose_roster(at, voters);
  }
}

/// Again and again: who was away meanwhile, or goes on under another incarnation, is listed as it
/// is.
void Troublemaker::let_all_vote() {
  std::vector<std::size_t> all;
  for (std::size_t number = 0; number < world_.size(); ++number) all.push_back(number);
  world_.propose_roster(all, all);
  world_.at(world_.now() + milliseconds(1000), [this] { let_all_vote(); });
}

// Half of the time both start at one moment, as when a machine and its snapshot are booted.
void Troublemaker::clone() {
  const std::size_t number = any_peer();
  const bool both = random_.chance(0.5);
  tell(fmt::format("a copy of p{} starts{}", number, both ? ", and it starts itself" : ""));
  damaged_.insert(number);
  if (both) world_.kill_peer(number);
  world_.start_clone(number);
  if (both) world_.start_peer(number);
  later(world_.now() + between(1000, 6000), [=, this] { world_.kill_clone(number); });
}

void Troublemaker::revive() {
  for (std::size_t i = 0; i < world_.size(); ++i) {
    if (world_.peer(i).running() || !reviving_.insert(i).second) continue;
    later(world_.now() + between(10, 3000), [=, this] { start_again(i); });
  }
  later(world_.now() + milliseconds(50), [this] { revive(); });
}

void Troublemaker::start_again(std::size_t number) {
  reviving_.erase(number);
  SimPeer& peer = world_.peer(number);
  if (peer.running()) return;
  const auto backup = backups_.find(number);
  const bool may = may_lose(number);
  const bool lost = plan_.has(Fault::amnesia) && random_.chance(0.4) && may;
  const bool rolled_back = !lost && backup != backups_.end() && random_.chance(0.4) && may;
  if (lost) peer.disk().erase_all();
  if (rolled_back) peer.disk().restore(backup->second);
  tell(fmt::format("p{} starts{}", number,
                   lost          ? " with an empty disk"
                   : rolled_back ? " with the copy of its disk"
                                 : ""));
  if (lost || rolled_back) {
    damaged_.insert(number);
    world_.ledger().excuse(peer.id());
    world_.ledger().excuse_numbers(peer.id());
  }
  if (!lost && plan_.has(Fault::rot) && random_.chance(0.4)) rot(number);
  world_.start_peer(number);
}

/// Where logs are cut, what f voters held is all that may be lost: it stands in no log any more.
/// Operators leave one voter less at times.
bool Troublemaker::may_lose(std::size_t number) const {
  std::set<std::size_t> lost = damaged_;
  lost.insert(number);
  if (rotten_) lost.insert(*rotten_);
  const std::size_t voters = world_.size() - (plan_.has(Fault::rosters) ? 1 : 0);
  return !world_.cuts_logs() || lost.size() <= membership::faults_tolerated(voters);
}

/// Of one peer alone: nobody knows what is right where more have it otherwise than may lie. Not
/// sessions and puts, of which it may use a number again that it has forgotten.
void Troublemaker::rot(std::size_t number) {
  if (rotten_.value_or(number) != number || !may_lose(number)) return;
  rotten_ = number;
  constexpr std::string_view kinds = "stfpcdm";
  std::string gone;
  for (std::uint64_t left = 1 + random_.below(8); left > 0; --left) {
    const char kind = kinds[random_.below(kinds.size())];
    const Bytes prefix{static_cast<std::uint8_t>(kind)};
    if (world_.peer(number).disk().lose(Table::cells, prefix, random_.below(20))) gone += kind;
  }
  tell(fmt::format("p{} has lost cells of its state: {}", number, gone));
}

}  // namespace vouch::sim
