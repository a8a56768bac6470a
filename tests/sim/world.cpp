// SPDX-License-Identifier: MIT
#include "tests/sim/world.hpp"

#include <algorithm>

#include "tests/sim/signer.hpp"
#include <fmt/format.h>

#include "vouch/state/cells.hpp"
#include "vouch/sync/seal.hpp"

namespace vouch::sim {

World::World(WorldSettings settings)
    : settings_(settings),
      random_(settings.seed),
      network_(random_.next()),
      ledger_(settings.seed, rules_),
      clients_(settings.peers),
      wakes_(settings.peers) {
  ledger_.oracle().know(settings.later);
  for (std::size_t i = 0; i < settings.peers; ++i) {
    voters_.push_back(make_signer(settings.seed, i, settings.real_signatures)->id());
    numbers_[voters_[i]] = i;
  }
  for (std::size_t i = 0; i < settings.peers; ++i) peers_.push_back(make_peer(i, random_.next()));
}

std::unique_ptr<SimPeer> World::make_peer(std::size_t number, std::uint64_t disk_seed) {
  machine::MachineConfig config;
  config.cluster = sync::cluster_id("simulation");
  const std::size_t listed = settings_.voters == 0 ? voters_.size() : settings_.voters;
  const auto first = voters_.begin(), end = first + static_cast<std::ptrdiff_t>(listed);
  config.roster = membership::Roster({first, end}, 0);
  config.observers = {end, voters_.end()};
  if (number >= listed) config.sources = {first, end};
  config.self.name = fmt::format("p{}", number);
  config.self.rule_set = rules_.id();
  config.sync = settings_.sync;
  config.finished_kept = settings_.finished_kept;
  config.log_bytes = settings_.log_bytes;
  Surroundings around{network_, ledger_, rules_, now_};
  around.state_interval = settings_.state_interval;
  if (number + 1 != settings_.peers) around.later = settings_.later;
  config.custom_rules = validator::runnable_ids({rules_, {}, {}, {}, around.later});
  return std::make_unique<SimPeer>(std::move(around),
                                   make_signer(settings_.seed, number, settings_.real_signatures),
                                   std::move(config), disk_seed);
}

void World::start() {
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    start_peer(i);
    const auto phase = VirtualTime(static_cast<std::int64_t>(
        random_.below(static_cast<std::uint64_t>(settings_.submit_every.count()))));
    at(now_ + phase, [this, i] { submit(i); });
  }
}

void World::start_peer(std::size_t number) {
  peers_[number]->start(random_.next());
  wake(number);
}

void World::at(VirtualTime when, std::function<void()> action) {
  actions_.emplace(when, std::move(action));
}

void World::wake(std::size_t number) {
  wakes_[number] = peers_[number]->next_turn();
  const auto copy = clones_.find(number);
  if (copy != clones_.end()) copy->second.wake = copy->second.peer->next_turn();
}

SimPeer* World::clone(std::size_t number) {
  const auto found = clones_.find(number);
  return found == clones_.end() ? nullptr : found->second.peer.get();
}

void World::start_clone(std::size_t number) {
  if (clone(number) != nullptr) return;
  ledger_.excuse_clone(voters_[number]);
  Clone& copy = clones_[number];
  copy.peer = make_peer(number, settings_.seed + number);
  copy.peer->disk().restore(peers_[number]->disk());
  copy.peer->start(random_.next());
  wake(number);
}

void World::kill_clone(std::size_t number) {
  SimPeer* copy = clone(number);
  if (copy == nullptr) return;
  copy->kill();
  clones_.erase(number);
  // The address is the peer's alone again.
  if (peers_[number]->running()) network_.attach(now_, voters_[number]);
  wake(number);
}

void World::note(Kind kind, std::size_t number) {
  ++steps_;
  trace_.add(static_cast<std::uint64_t>(now_.count()) << 12 | number << 2 |
             static_cast<std::uint64_t>(kind));
}

void World::run_until(VirtualTime end) {
  for (;;) {
    VirtualTime next = end;
    if (const auto frame = network_.next_delivery()) next = std::min(next, *frame);
    for (const auto& turn : wakes_) {
      if (turn) next = std::min(next, *turn);
    }
    for (const auto& [number, clone] : clones_) {
      if (clone.wake) next = std::min(next, *clone.wake);
    }
    if (!actions_.empty()) next = std::min(next, actions_.begin()->first);
    if (next >= end) break;
    now_ = std::max(now_, next);
    step(next);
  }
  now_ = end;
}

void World::step(VirtualTime when) {
  const auto frame = network_.next_delivery();
  if (frame && *frame <= when) {
    deliver();
    return;
  }
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    if (!wakes_[i] || *wakes_[i] > when) continue;
    note(Kind::turn, i);
    peers_[i]->turn();
    wake(i);
    return;
  }
  for (auto& [number, clone] : clones_) {
    if (!clone.wake || *clone.wake > when) continue;
    note(Kind::turn, number);
    clone.peer->turn();
    wake(number);
    return;
  }
  const auto action = std::move(actions_.begin()->second);
  actions_.erase(actions_.begin());
  action();
}

void World::deliver() {
  arrived_.clear();
  network_.deliver_until(now_, arrived_);
  for (transport::MemoryDelivery& delivery : arrived_) {
    const std::size_t number = numbers_.at(delivery.to);
    const bool gossip = delivery.via == transport::Via::gossip;
    if (flips_ > 0 && gossip && random_.chance(flips_)) flip(delivery);
    note(Kind::frame, number);
    trace_.add(ByteView(*delivery.frame));
    if (SimPeer* copy = clone(number)) copy->receive(delivery);
    peers_[number]->receive(std::move(delivery));
    wake(number);
  }
}

void World::flip(transport::MemoryDelivery& delivery) {
  Bytes frame = *delivery.frame;
  frame[random_.below(frame.size())] ^= static_cast<std::uint8_t>(1 + random_.below(255));
  delivery.frame = std::make_shared<const Bytes>(std::move(frame));
}

void World::kill_peer(std::size_t number) {
  peers_[number]->kill();
  wake(number);
}

membership::Roster World::next_roster(std::size_t number,
                                      const std::vector<std::size_t>& voters) const {
  const machine::PeerMachine& machine = peers_[number]->machine();
  membership::Roster next = machine.roster().next();
  for (const PeerId& voter : machine.roster().voters()) next.remove(voter);
  for (const std::size_t voter : voters) {
    next.add(voters_[voter]);
    const auto* member = machine.replica().state().members.find(voters_[voter]);
    next.list(voters_[voter], member == nullptr ? 1 : member->value()->incarnation);
  }
  return next;
}

void World::propose_roster(const std::vector<std::size_t>& at,
                           const std::vector<std::size_t>& voters) {
  for (const std::size_t number : at) {
    if (!peers_[number]->running()) continue;
    peers_[number]->propose_roster(next_roster(number, voters));
    wake(number);
  }
}

void World::propose_rules(const std::vector<std::size_t>& at, const std::string& rule_set) {
  for (const std::size_t number : at) {
    if (!peers_[number]->running()) continue;
    membership::Roster next = peers_[number]->machine().roster().next();
    next.change_rules(rule_set);
    peers_[number]->propose_roster(next);
    wake(number);
  }
}

void World::force_roster(const std::vector<std::size_t>& at,
                         const std::vector<std::size_t>& voters) {
  for (const std::size_t number : at) {
    if (!peers_[number]->running()) continue;
    membership::Roster next = next_roster(number, voters);
    next.force();
    peers_[number]->propose_roster(next);
    wake(number);
  }
}

void World::set_clock_rate(std::size_t number, std::int64_t rate) {
  peers_[number]->clock().set_rate(now_, rate);
  wake(number);
}

void World::jump_clock(std::size_t number, Duration forward) {
  peers_[number]->clock().jump(now_, forward);
  wake(number);
}

void World::submit(std::size_t number) {
  Client& client = clients_[number];
  while (opening_ && client.open.size() < settings_.open_streams) {
    client.open.push_back(next_name(number));
    streams_[client.open.back()] = number;
  }
  if (opening_) put(number);
  if (!client.open.empty()) {
    const std::size_t place = client.turn++ % client.open.size();
    const std::string& stream = client.open[place];
    note(Kind::client, number);
    bool open = true;
    const std::uint64_t blows = is_burst(stream) ? length_of(settings_.seed, stream) + 1 : 1;
    for (std::uint64_t i = 0; i < blows && open; ++i) {
      open = peers_[number]->submit_next(stream, settings_.seed);
    }
    if (!open) client.open.erase(client.open.begin() + static_cast<std::ptrdiff_t>(place));
    wake(number);
  }
  at(now_ + settings_.submit_every, [this, number] { submit(number); });
}

void World::visit(std::size_t number, const std::function<void(SimPeer&)>& act) {
  if (!peers_[number]->running()) return;
  note(Kind::client, number);
  act(*peers_[number]);
  wake(number);
}

std::string World::next_name(std::size_t number) {
  const std::uint64_t nth = clients_[number].opened++;
  std::string name = fmt::format("p{}/{}", number, nth);
  if (settings_.burst && number == 0 && nth == 1) name += burst_mark;
  return name;
}

/// Now and then, of a few keys that all clients use.
void World::put(std::size_t number) {
  constexpr std::uint64_t one_in = 8, keys = 5, erased_one_in = 6;
  if (random_.below(one_in) != 0) return;
  const std::string key = fmt::format("k{}", random_.below(keys));
  const bool erases = random_.below(erased_one_in) == 0;
  const std::uint64_t n = clients_[number].puts++;
  note(Kind::client, number);
  peers_[number]->put(key, erases ? "" : fmt::format("p{}/{}", number, n));
  wake(number);
}

bool World::clients_done() const {
  return std::all_of(clients_.begin(), clients_.end(),
                     [](const Client& client) { return client.open.empty(); });
}

std::vector<Hash> World::state_hashes() const {
  std::vector<Hash> out;
  for (const auto& peer : peers_) {
    if (peer->running()) out.push_back(state::state_hash(peer->machine().replica().state()));
  }
  return out;
}

std::vector<StateDigest> World::state_digests() const {
  std::vector<StateDigest> out;
  for (const auto& peer : peers_) {
    if (peer->running()) out.push_back(peer->machine().replica().state_digest());
  }
  return out;
}

}  // namespace vouch::sim
