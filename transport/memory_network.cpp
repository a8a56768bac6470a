// The dice are thrown in a fixed order per frame, so that a fault setting changes what happens to a
// frame but not which numbers later frames see.
// SPDX-License-Identifier: MIT
#include "vouch/transport/memory_network.hpp"

#include <algorithm>

namespace vouch::transport {
namespace {

constexpr std::size_t life_digits = 16;

SharedFrame no_frame() {
  static const auto empty = std::make_shared<const Bytes>();
  return empty;
}

std::string route_to(const PeerId& asker, std::uint64_t life) {
  std::string out = asker.hex();
  for (int shift = 60; shift >= 0; shift -= 4)
    out.push_back("0123456789abcdef"[life >> shift & 15]);
  return out;
}

}  // namespace

void MemoryNetwork::attach(VirtualTime now, const PeerId& peer) {
  lives_[peer] = ++last_life_;
  for (const auto& [other, life] : lives_) connect(now, peer, other);
}

void MemoryNetwork::heal(VirtualTime now, const PeerId& from, const PeerId& to) {
  if (cuts_.erase({from, to}) > 0) connect(now, from, to);
}

void MemoryNetwork::heal_all(VirtualTime now) {
  while (!cuts_.empty()) {
    const auto [from, to] = *cuts_.begin();
    heal(now, from, to);
  }
}

/// Where it is said who subscribes to whom, others hold no connection.
bool MemoryNetwork::linked(const PeerId& one, const PeerId& other) const {
  const auto hears = [this](const PeerId& subscriber, const PeerId& publisher) {
    const auto those = subscribers_.find(publisher);
    return those != subscribers_.end() &&
           std::ranges::find(those->second, subscriber) != those->second.end();
  };
  return subscribers_.empty() || hears(one, other) || hears(other, one);
}

void MemoryNetwork::connect(VirtualTime now, const PeerId& one, const PeerId& other) {
  if (one == other || !linked(one, other) || cuts_.contains({one, other}) ||
      cuts_.contains({other, one}))
    return;
  for (const auto& [from, to] : {std::pair(one, other), std::pair(other, one)}) {
    const auto life = lives_.find(to);
    if (life == lives_.end() || !lives_.contains(from)) continue;
    ++directions_[{from, to}].in_flight;
    const VirtualTime at = now + random_up_to(connect_within);
    travelling_.emplace(
        std::pair(at, ++sent_),
        Travelling{from, life->second, {at, to, Via::opened, from, {}, no_frame()}});
  }
}

void MemoryNetwork::detach(const PeerId& peer) {
  lives_.erase(peer);
}

void MemoryNetwork::set_faults(const PeerId& from, const PeerId& to, const LinkFaults& faults) {
  directions_[{from, to}].faults = faults;
}

void MemoryNetwork::isolate(std::span<const PeerId> island) {
  for (const auto& [peer, life] : lives_) {
    if (std::find(island.begin(), island.end(), peer) != island.end()) continue;
    for (const PeerId& inside : island) {
      cut(inside, peer);
      cut(peer, inside);
    }
  }
}

VirtualTime MemoryNetwork::random_up_to(VirtualTime most) {
  const std::int64_t bound = std::max<std::int64_t>(0, most.count()) + 1;
  return VirtualTime(static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(bound))));
}

VirtualTime MemoryNetwork::arrival(VirtualTime now, Direction& direction,
                                   const LinkFaults& faults) {
  const VirtualTime delay = faults.delay_min + random_up_to(faults.delay_max - faults.delay_min);
  const bool reordered = random_.chance(faults.reorder);
  const VirtualTime extra = random_up_to(faults.reorder_by);
  const VirtualTime in_order = std::max(direction.last_arrival, now + delay);
  if (reordered) return in_order + extra;
  direction.last_arrival = in_order;
  return in_order;
}

bool MemoryNetwork::put(VirtualTime now, const PeerId& from, MemoryDelivery delivery) {
  const auto life = lives_.find(delivery.to);
  if (life == lives_.end() || !lives_.contains(from)) return false;
  Direction& direction = directions_[{from, delivery.to}];
  const LinkFaults faults = direction.faults.value_or(faults_);
  const bool dropped = random_.chance(faults.drop);
  const bool duplicated = random_.chance(faults.duplicate);
  const VirtualTime first = arrival(now, direction, faults);
  const VirtualTime second = first + random_up_to(faults.reorder_by);
  if (cuts_.contains({from, delivery.to})) {
    ++stats_.cut;
    return true;
  }
  if (dropped) {
    ++stats_.dropped;
    return true;
  }
  if (direction.in_flight >= in_flight_max) {
    ++stats_.overflowed;
    return false;
  }
  const auto travel = [&](VirtualTime at) {
    ++direction.in_flight;
    direction.bytes += delivery.frame->size();
    delivery.at = at;
    travelling_.emplace(std::pair(at, ++sent_), Travelling{from, life->second, delivery});
  };
  travel(first);
  if (duplicated) {
    ++stats_.duplicated;
    travel(second);
  }
  return true;
}

bool MemoryNetwork::publish(VirtualTime now, const PeerId& from, SharedFrame frame) {
  if (!lives_.contains(from)) return false;
  const auto tell = [&](const PeerId& peer) {
    if (peer != from) put(now, from, {{}, peer, Via::gossip, std::nullopt, {}, frame});
  };
  const auto subscribed = subscribers_.find(from);
  if (subscribed != subscribers_.end()) {
    for (const PeerId& peer : subscribed->second) tell(peer);
  } else {
    for (const auto& [peer, life] : lives_) tell(peer);
  }
  return true;
}

bool MemoryNetwork::send(VirtualTime now, const PeerId& from, const PeerId& to, SharedFrame frame) {
  const auto life = lives_.find(from);
  if (life == lives_.end()) return false;
  return put(now, from,
             {{}, to, Via::request, from, route_to(from, life->second), std::move(frame)});
}

bool MemoryNetwork::reply(VirtualTime now, const PeerId& from, const std::string& route,
                          SharedFrame frame) {
  if (route.size() != 2 * PeerId::size + life_digits) return false;
  const auto asker = PeerId::from_hex(std::string_view(route).substr(0, 2 * PeerId::size));
  if (!asker) return false;
  const auto life = lives_.find(*asker);
  if (life == lives_.end() || route_to(*asker, life->second) != route) return false;
  return put(now, from, {{}, *asker, Via::reply, from, {}, std::move(frame)});
}

std::map<PeerId, MemoryTraffic> MemoryNetwork::traffic() const {
  std::map<PeerId, MemoryTraffic> out;
  for (const auto& [ends, direction] : directions_) {
    out[ends.first].sent += direction.bytes;
    out[ends.second].received += direction.bytes;
  }
  return out;
}

std::optional<VirtualTime> MemoryNetwork::next_delivery() const {
  if (travelling_.empty()) return std::nullopt;
  return travelling_.begin()->first.first;
}

void MemoryNetwork::deliver_until(VirtualTime now, std::vector<MemoryDelivery>& out) {
  while (!travelling_.empty() && travelling_.begin()->first.first <= now) {
    Travelling frame = std::move(travelling_.begin()->second);
    travelling_.erase(travelling_.begin());
    --directions_[{frame.sender, frame.delivery.to}].in_flight;
    const auto life = lives_.find(frame.delivery.to);
    if (life == lives_.end() || life->second != frame.life) {
      ++stats_.lost;
      continue;
    }
    ++stats_.delivered;
    out.push_back(std::move(frame.delivery));
  }
}

}  // namespace vouch::transport
