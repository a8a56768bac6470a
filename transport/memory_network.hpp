// A network in memory with the contract of link.hpp: frames are dropped, repeated, reordered and
// delayed by seeded dice in virtual time. Pure: the same seed and the same calls give the same
// deliveries. Deliberately absent: threads, encryption, and the limit on a frame's size.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "vouch/transport/link.hpp"
#include "vouch/transport/memory_random.hpp"

namespace vouch::transport {

/// Since an arbitrary start: the driver of a simulation says how late it is.
using VirtualTime = std::chrono::duration<std::int64_t, std::micro>;

/// One direction between two peers. Probabilities in [0, 1]. Frames keep their order but for those
/// that the reorder die picks: these come up to `reorder_by` later and hold nobody back.
struct LinkFaults {
  double drop = 0;
  double duplicate = 0;
  double reorder = 0;
  VirtualTime delay_min = std::chrono::microseconds(100);
  VirtualTime delay_max = std::chrono::microseconds(500);
  VirtualTime reorder_by = std::chrono::milliseconds(10);
};

/// Bytes of frames, counted when they are handed over and will not be lost on purpose.
struct MemoryTraffic {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
};

/// Shared by all receivers and copies of a frame.
using SharedFrame = std::shared_ptr<const Bytes>;

struct MemoryDelivery {
  VirtualTime at{};
  PeerId to;
  Via via = Via::gossip;
  std::optional<PeerId> from;  ///< as in Incoming
  std::string route;
  SharedFrame frame;
};

struct MemoryStats {
  std::uint64_t delivered = 0;
  std::uint64_t dropped = 0;     ///< by the drop die
  std::uint64_t duplicated = 0;  ///< extra copies
  std::uint64_t cut = 0;         ///< into a cut direction
  std::uint64_t overflowed = 0;  ///< into a full queue
  std::uint64_t lost = 0;        ///< on their way to somebody who left or restarted
};

class MemoryNetwork {
 public:
  explicit MemoryNetwork(std::uint64_t seed) : random_(seed) {}

  /// A process starts: everybody is connected to it. Starting again ends its former life.
  void attach(VirtualTime now, const PeerId& peer);
  /// A process ends: what is on its way to it is lost, what it sent still arrives.
  void detach(const PeerId& peer);

  /// For every direction without faults of its own.
  void set_faults(const LinkFaults& faults) { faults_ = faults; }
  void set_faults(const PeerId& from, const PeerId& to, const LinkFaults& faults);

  /// Nothing sent from now on arrives in this direction; the sender does not notice.
  void cut(const PeerId& from, const PeerId& to) { cuts_.insert({from, to}); }
  /// A connection needs both directions: once neither is cut both peers are told that it is open,
  /// each when it finds out.
  void heal(VirtualTime now, const PeerId& from, const PeerId& to);
  /// Cuts `island` off from all other attached peers, both ways.
  void isolate(std::span<const PeerId> island);
  void heal_all(VirtualTime now);

  /// From now on these alone hear what `publisher` publishes; before, everybody does.
  void set_subscribers(const PeerId& publisher, std::vector<PeerId> subscribers) {
    subscribers_[publisher] = std::move(subscribers);
  }

  /// To its subscribers, or all attached peers, but `from`. False only when `from` is not attached.
  bool publish(VirtualTime now, const PeerId& from, SharedFrame frame);
  /// False when either is not attached or the queue between them is full.
  bool send(VirtualTime now, const PeerId& from, const PeerId& to, SharedFrame frame);
  /// False when the asker has left or restarted since, or the queue is full.
  bool reply(VirtualTime now, const PeerId& from, const std::string& route, SharedFrame frame);

  /// When the next frame arrives; nothing when none is on its way.
  std::optional<VirtualTime> next_delivery() const;
  /// Appends all frames that arrive until `now`, in order of arrival.
  void deliver_until(VirtualTime now, std::vector<MemoryDelivery>& out);

  const MemoryStats& stats() const { return stats_; }
  /// By peer. O(directions).
  std::map<PeerId, MemoryTraffic> traffic() const;

  static constexpr std::size_t in_flight_max = 256;  ///< frames in one direction between two peers
  /// How long peers try in vain at most until a connection stands that can be had.
  static constexpr VirtualTime connect_within = std::chrono::milliseconds(100);

 private:
  struct Direction {
    VirtualTime last_arrival{};
    std::size_t in_flight = 0;
    std::uint64_t bytes = 0;
    std::optional<LinkFaults> faults;
  };
  struct Travelling {
    PeerId sender;
    std::uint64_t life = 0;  ///< the receiver's, when it was sent
    MemoryDelivery delivery;
  };
  bool linked(const PeerId& one, const PeerId& other) const;
  /// Tells both, unless they are cut off from each other.
  void connect(VirtualTime now, const PeerId& one, const PeerId& other);
  bool put(VirtualTime now, const PeerId& from, MemoryDelivery delivery);
  VirtualTime arrival(VirtualTime now, Direction& direction, const LinkFaults& faults);
  VirtualTime random_up_to(VirtualTime most);

  SplitMix64 random_;
  LinkFaults faults_;
  std::map<PeerId, std::uint64_t> lives_;  ///< attached peers
  std::uint64_t last_life_ = 0;
  std::map<std::pair<PeerId, PeerId>, Direction> directions_;
  std::set<std::pair<PeerId, PeerId>> cuts_;
  std::map<PeerId, std::vector<PeerId>> subscribers_;
  /// By arrival, then by sending: no two frames are ever equal in rank.
  std::map<std::pair<VirtualTime, std::uint64_t>, Travelling> travelling_;
  std::uint64_t sent_ = 0;
  MemoryStats stats_;
};

}  // namespace vouch::transport
