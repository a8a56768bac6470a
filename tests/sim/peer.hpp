// One simulated host: a key, a disk and a clock that outlive the process, and a process that is
// the shipping machine, carrier and lanes. It dies anywhere it touches disk or network.
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "tests/sim/clock.hpp"
#include "tests/sim/disk.hpp"
#include "tests/sim/ledger.hpp"
#include "tests/sim/released.hpp"

#include "vouch/driver/lanes.hpp"
#include "vouch/machine/carrier.hpp"

namespace vouch::sim {

/// What all hosts of one simulation share.
struct Surroundings {
  transport::MemoryNetwork& network;
  Ledger& ledger;
  const validator::RuleSet& rules;
  const VirtualTime& now;
  /// Hears of every attestation that a peer learns of; may be absent.
  std::function<void(const PeerId& at, const Attested&)> heard = {};
  validator::CustomRules later = {};  ///< that a later rule set may name
  std::uint64_t state_interval = validator::state_interval;
};

class SimPeer final : private Wire {
 public:
  SimPeer(Surroundings around, std::unique_ptr<Signer> signer, machine::MachineConfig config,
          std::uint64_t disk_seed);

  const PeerId& id() const { return signer_->id(); }
  const Signer& signer() const { return *signer_; }
  SimDisk& disk() { return disk_; }
  SimClock& clock() { return clock_; }

  /// The process starts; nothing happens when it runs or its disk cannot be read.
  void start(std::uint64_t nonce);
  /// The process is killed: what is not on disk is gone.
  void kill();
  bool running() const { return life_ != nullptr; }
  const machine::PeerMachine& machine() const { return *life_->machine; }
  const machine::Carrier& carrier() const { return *life_->carrier; }
  driver::Lanes& lanes() { return *life_->lanes; }
  const Released& released() const { return *life_->released; }
  std::uint64_t crashes() const { return crashes_; }

  void receive(transport::MemoryDelivery delivery);
  void turn();
  /// When the process must be woken though nothing comes in.
  std::optional<VirtualTime> next_turn() const;
  /// A client asks where the stream is and goes on there: one event, or the close mark at the end.
  /// False when the stream is closed and this peer has attested its end for good.
  bool submit_next(const std::string& stream, std::uint64_t seed);
  /// A client puts a shared value, or erases the key when it is "".
  void put(const std::string& key, const std::string& value);
  /// A client proposes a value for a user's subject.
  void propose(const std::string& subject, const std::string& value);
  /// Hash and bytes of the value that a subject has; zero and nothing where they are not known.
  std::optional<std::pair<Hash, std::optional<Bytes>>> decision(const std::string& subject) const;
  /// A client waits for a value that is not known here.
  void seek_value(const std::string& subject);
  /// An operator proposes the roster here that follows on the newest one.
  void propose_roster(const membership::Roster& next);

 private:
  struct Life {
    std::unique_ptr<SimReleased> released;
    std::unique_ptr<driver::Lanes> lanes;
    std::unique_ptr<machine::PeerMachine> machine;
    std::unique_ptr<machine::Carrier> carrier;
  };

  bool publish(ByteView frame) override;
  bool send(const PeerId& to, ByteView frame) override;
  bool reply(const std::string& route, ByteView frame) override;
  void on_notice(const Notice& notice);
  void learn_rules();
  bool attested_for_good(const std::string& stream, std::uint64_t upto) const;
  /// Runs a step of the process; it may die in it.
  template <class Step>
  void live(Step step);

  Surroundings around_;
  std::unique_ptr<Signer> signer_;
  machine::MachineConfig config_;
  SimDisk disk_;
  SimClock clock_;
  std::unique_ptr<Life> life_;
  std::uint64_t crashes_ = 0;
  std::uint32_t ruled_ = 0;  ///< epochs up to this one were learned
};

}  // namespace vouch::sim
