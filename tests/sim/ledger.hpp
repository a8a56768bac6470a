// What must stay true whatever happens: checked while a simulation runs, each breach once. Honest
// peers only; a peer whose disk was damaged is excused from what its disk had promised.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/disk.hpp"
#include "tests/sim/split/truth.hpp"
#include "tests/sim/streams.hpp"

#include "vouch/base/outbox.hpp"
#include "vouch/driver/lanes.hpp"
#include "vouch/state/state.hpp"

namespace vouch::sim {

class Ledger {
 public:
  Ledger(std::uint64_t seed, const validator::RuleSet& rules)
      : oracle_(seed, rules),
        splits_(oracle_, [this](std::string what) { breach(std::move(what)); }) {}
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  /// A gossip frame leaves a peer: a batch of its own must be on its disk, and its numbers new.
  void published(const PeerId& by, ByteView frame, const SimDisk& disk);
  /// A reply leaves: entries of a stream that it acknowledges may be forgotten by their sender.
  void answered(const PeerId& peer, ByteView part);
  /// A peer learned of an attestation: its head must be the single validator's, unless the stream
  /// is split.
  void attested(const Attested& fact);
  void disputed(const Disputed& fact);
  /// A peer learned of a proof: its offender must be excused.
  void proven(const Proven& fact);
  /// A client put a shared value, by now on no disk. The last one of a key, if any is, stands.
  void put(const std::string& key, const PeerId& writer, const PutMark& mark,
           const std::string& value);
  /// It is stored.
  void stored(const PutHeard& fact);
  /// The state of a peer lacks values that were put last and stored: their keys.
  std::vector<std::string> lost_puts(const state::State& state) const;
  /// A submitter got a verdict.
  void judged(const std::string& stream, std::uint64_t index, std::uint16_t code);
  /// A peer started again: what it had acknowledged must still be there.
  void reopened(const PeerId& peer, driver::Lanes& lanes, const SimDisk& disk);

  /// A turn is over: so many things wait in a process to be carried out.
  void queued(const PeerId& peer, std::size_t things);
  /// Published batches that a disk does not hold as they were.
  std::size_t lost(const SimDisk& disk) const;

  /// Its disk lost something it had promised to keep.
  void excuse(const PeerId& peer) {
    acknowledged_.erase(peer);
    forgetful_.insert(peer);
  }
  /// From now on an own number may be used twice: its log was rolled back or cloned.
  void excuse_numbers(const PeerId& peer) { renumbering_.insert(peer); }
  /// A copy of it runs, too: what one acknowledges the other need not hold.
  void excuse_clone(const PeerId& peer) {
    excuse(peer);
    excuse_numbers(peer);
    cloned_.insert(peer);
  }
  std::size_t proven_peers() const { return proven_.size(); }

  static constexpr std::size_t queued_max = 8192;

  void breach(std::string what);
  const std::vector<std::string>& breaches() const { return breaches_; }
  Oracle& oracle() { return oracle_; }
  SplitTruth& splits() { return splits_; }

 private:
  Oracle oracle_;
  SplitTruth splits_;
  std::map<std::pair<Writer, std::uint64_t>, Hash> batches_;  ///< by first number
  std::map<PeerId, std::map<std::string, std::uint64_t>> acknowledged_;
  struct LastPut {
    PeerId writer;
    PutMark mark;
    std::string value;
    bool stored = false;
  };
  std::map<std::string, LastPut> puts_;  ///< by key
  std::set<PeerId> forgetful_;
  std::set<PeerId> renumbering_;
  std::set<PeerId> cloned_;
  std::set<PeerId> proven_;
  static constexpr std::size_t breaches_max = 20;
  std::vector<std::string> breaches_;
};

}  // namespace vouch::sim
