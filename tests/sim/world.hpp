// A cluster in virtual time. One step hands one thing to one peer: a frame, a due turn, an event of
// a client, or a fault of the plan. Pure: the same settings and seed give the same trace.
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "tests/sim/hash.hpp"
#include "tests/sim/peer.hpp"

namespace vouch::sim {

struct WorldSettings {
  std::uint64_t seed = 1;
  std::size_t peers = 4;
  std::size_t voters = 0;  ///< the first ones; the others wait for a roster. 0: all
  bool real_signatures = false;
  sync::Mode sync = sync::Mode::automatic;
  std::size_t finished_kept = machine::MachineConfig{}.finished_kept;
  std::size_t log_bytes = machine::MachineConfig{}.log_bytes;
  bool burst = false;  ///< the second stream of the first client comes at one blow
  VirtualTime submit_every = std::chrono::milliseconds(100);  ///< one event per peer
  std::size_t open_streams = 2;                               ///< of each peer's clients at a time
  validator::CustomRules later = {};  ///< that a later rule set may name, at all peers but the last
  std::uint64_t state_interval = validator::state_interval;  ///< entries between hashed states
};

class World {
 public:
  explicit World(WorldSettings settings);

  /// Starts all peers and their clients.
  void start();
  /// Runs everything that is due until `end`.
  void run_until(VirtualTime end);
  /// Does `action` at a moment, after everything that was planned for it before.
  void at(VirtualTime when, std::function<void()> action);
  /// From now on no client opens a stream; what is open is finished.
  void stop_opening() { opening_ = false; }
  /// A client comes to a peer; nothing happens while it is down.
  void visit(std::size_t number, const std::function<void(SimPeer&)>& act);
  /// All streams that clients opened are closed where they are submitted.
  bool clients_done() const;

  VirtualTime now() const { return now_; }
  const WorldSettings& settings() const { return settings_; }
  /// Not every peer keeps all batches.
  bool cuts_logs() const {
    return settings_.log_bytes != machine::MachineConfig{}.log_bytes ||
           sync::takes_states(settings_.sync);
  }
  std::size_t size() const { return peers_.size(); }
  SimPeer& peer(std::size_t number) { return *peers_[number]; }
  const SimPeer& peer(std::size_t number) const { return *peers_[number]; }
  void start_peer(std::size_t number);
  void kill_peer(std::size_t number);
  /// Starts a second process with the same key on a copy of the disk: whatever is sent to the peer
  /// reaches both. Nothing happens when there is one already.
  void start_clone(std::size_t number);
  void kill_clone(std::size_t number);
  /// nullptr when there is none.
  SimPeer* clone(std::size_t number);
  transport::MemoryNetwork& network() { return network_; }
  /// Share of the gossip frames that come with a changed byte.
  void set_flips(double share) { flips_ = share; }
  /// An operator proposes at these peers that those are the voters from now on, each as it writes.
  void propose_roster(const std::vector<std::size_t>& at, const std::vector<std::size_t>& voters);
  /// An operator proposes at these peers that streams begin under these rules from now on.
  void propose_rules(const std::vector<std::size_t>& at, const std::string& rule_set);
  /// The same of a roster that is forced, since others are lost.
  void force_roster(const std::vector<std::size_t>& at, const std::vector<std::size_t>& voters);
  void set_clock_rate(std::size_t number, std::int64_t rate);
  void jump_clock(std::size_t number, Duration forward);
  Ledger& ledger() { return ledger_; }
  const Ledger& ledger() const { return ledger_; }
  /// Streams that were opened, by the peer that their client uses.
  const std::map<std::string, std::size_t>& streams() const { return streams_; }

  std::uint64_t steps() const { return steps_; }
  std::uint64_t trace_hash() const { return trace_.hash(); }
  /// The state hash of every running peer, by number.
  std::vector<Hash> state_hashes() const;
  /// The same by what each peer counts, which costs nothing.
  std::vector<StateDigest> state_digests() const;

 private:
  struct Client {
    std::vector<std::string> open;
    std::size_t turn = 0;
    std::uint64_t opened = 0;
    std::uint64_t puts = 0;
  };
  enum class Kind : std::uint8_t { frame, turn, client, action };

  /// What an operator of this peer makes of the newest roster that it knows.
  membership::Roster next_roster(std::size_t number, const std::vector<std::size_t>& voters) const;
  void step(VirtualTime when);
  void deliver();
  void flip(transport::MemoryDelivery& delivery);
  void submit(std::size_t number);
  void put(std::size_t number);
  std::string next_name(std::size_t number);
  void note(Kind kind, std::size_t number);
  std::unique_ptr<SimPeer> make_peer(std::size_t number, std::uint64_t disk_seed);
  void wake(std::size_t number);

  WorldSettings settings_;
  transport::SplitMix64 random_;
  validator::RuleSet rules_;
  VirtualTime now_{};
  transport::MemoryNetwork network_;
  Ledger ledger_;
  struct Clone {
    std::unique_ptr<SimPeer> peer;
    std::optional<VirtualTime> wake;
  };

  std::vector<PeerId> voters_;
  std::vector<std::unique_ptr<SimPeer>> peers_;
  std::map<std::size_t, Clone> clones_;
  std::map<PeerId, std::size_t> numbers_;
  std::vector<Client> clients_;
  std::map<std::string, std::size_t> streams_;
  std::vector<std::optional<VirtualTime>> wakes_;  ///< next turn of each peer
  std::multimap<VirtualTime, std::function<void()>> actions_;
  std::vector<transport::MemoryDelivery> arrived_;
  bool opening_ = true;
  double flips_ = 0;
  Trace trace_;
  std::uint64_t steps_ = 0;
};

}  // namespace vouch::sim
