// Up to thousands of peers in virtual time, each of them the shipping machine: like World, without
// faults and clients of its own, with a queue of wake-ups and what every peer heard, by kind.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/hash.hpp"
#include "tests/sim/peer.hpp"
#include "tests/sim/scale/flights.hpp"
#include "tests/sim/scale/tree.hpp"

namespace vouch::sim {

/// What one peer heard, said and checked.
struct Heard {
  std::uint64_t heartbeats = 0, heartbeat_bytes = 0;
  std::uint64_t batches = 0, batch_bytes = 0;
  std::uint64_t direct_bytes = 0;  ///< questions, answers and pushed events
  std::uint64_t received = 0, sent = 0;
  std::uint64_t checks = 0;  ///< of signatures that were not known
};

class Crowd {
 public:
  Crowd(std::uint64_t seed, std::vector<Place> places, std::size_t voters);

  void start();
  void run_until(VirtualTime end);
  /// A client submits all events of a stream to a voter, and its end.
  void submit(std::size_t voter, const std::string& stream);
  /// All that was heard and measured until now is forgotten.
  void measure();

  VirtualTime now() const { return now_; }
  std::size_t size() const { return peers_.size(); }
  std::size_t voters() const { return voters_.size(); }
  const std::vector<Place>& places() const { return places_; }
  SimPeer& peer(std::size_t number) { return *peers_[number]; }
  const machine::PeerMachine& machine(std::size_t number) const {
    return peers_[number]->machine();
  }
  /// The states of all peers are equal, as far as their digests tell.
  bool equal() const;
  std::vector<Heard> heard() const;
  const Flights& flights() const { return flights_; }
  const std::vector<std::string>& breaches() const { return ledger_.breaches(); }
  std::uint64_t steps() const { return steps_; }
  std::uint64_t trace_hash() const { return trace_.hash(); }

 private:
  machine::MachineConfig config_of(std::size_t number) const;
  void connect();
  void deliver();
  void count(Heard& heard, const transport::MemoryDelivery& delivery) const;
  void wake(std::size_t number);
  void note(std::size_t number, bool frame);

  std::uint64_t seed_;
  std::vector<Place> places_;
  validator::RuleSet rules_;
  VirtualTime now_{};
  transport::MemoryNetwork network_;
  Ledger ledger_;
  Flights flights_;
  std::vector<PeerId> ids_, voters_;
  std::map<PeerId, std::size_t> numbers_;
  std::vector<std::uint64_t> checks_;  ///< by peer, before the peers: their signers count here
  std::vector<std::unique_ptr<SimPeer>> peers_;
  std::vector<Heard> heard_, before_;
  std::vector<std::optional<VirtualTime>> wakes_;
  std::set<std::pair<VirtualTime, std::size_t>> queue_;  ///< of wakes_
  std::vector<transport::MemoryDelivery> arrived_;
  Trace trace_;
  std::uint64_t steps_ = 0;
};

}  // namespace vouch::sim
