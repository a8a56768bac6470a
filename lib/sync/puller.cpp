// SPDX-License-Identifier: MIT
#include "vouch/sync/puller.hpp"

#include <algorithm>

#include "vouch/sync/marks.hpp"

namespace vouch::sync {
namespace {

constexpr int first_tries = 10;

}  // namespace

Puller::Puller(std::vector<PeerId> peers, PullTimes times, Mode mode)
    : times_(times), repairs_(mode != Mode::gossip), own_(takes_states(mode)) {
  for (const PeerId& peer : peers) peers_.emplace(peer, Peer{});
}

void Puller::on_start(Instant now, const Hash& secret) {
  secret_ = secret;
  for (auto& [id, peer] : peers_) {
    peer.wanted = true;
    peer.next_routine = now + times_.period;
  }
}

void Puller::add_peers(Instant now, const std::vector<PeerId>& peers) {
  for (const PeerId& id : peers) {
    const auto [peer, fresh] = peers_.emplace(id, Peer{});
    if (!fresh) continue;
    peer->second.wanted = true;
    peer->second.next_routine = now + times_.period;
  }
}

void Puller::on_link(const PeerId& id) {
  const auto it = peers_.find(id);
  if (it == peers_.end() || repairs_) return;
  it->second.wanted = true;
  it->second.link = asked_;
}

void Puller::on_open(Instant now, const PeerId& id) {
  const auto it = peers_.find(id);
  if (it == peers_.end()) return;
  Peer& peer = it->second;
  Instant soon = now;
  if (peer.opened && now < *peer.opened) {
    soon = *peer.opened;  // as it was planned
  } else if (peer.opened) {
    soon = std::max(now, *peer.opened + times_.timeout);
  }
  peer.opened = soon;
  peer.next_routine = std::min(peer.next_routine, soon);
  if (soon == now) peer.open_until.reset();
}

void Puller::on_gap(const Writer& writer) {
  const auto origin = peers_.find(writer.peer);
  if (!repairs_) {
    // It may have overtaken an answer that does not have it, and it is told once.
    if (origin != peers_.end() && origin->second.open_until) origin->second.link = asked_;
    return;
  }
  if (origin != peers_.end() && !origin->second.open_until) {
    origin->second.wanted = true;
    return;
  }
  // The writer is no neighbour or owes us an answer: whoever is free may know its batches too.
  for (auto& [id, peer] : peers_) {
    if (peer.open_until || peer.wanted) continue;
    peer.wanted = true;
    return;
  }
}

void Puller::on_digest(const PeerId& id, bool equal) {
  const auto it = peers_.find(id);
  if (it == peers_.end() || !repairs_) return;
  Peer& peer = it->second;
  peer.differing = equal ? 0 : peer.differing + 1;
  if (peer.differing < 2) return;
  peer.wanted = true;
  peer.differing = 0;
}

void Puller::on_taken() {
  for (auto& [id, peer] : peers_) peer.wanted = true;
}

void Puller::on_pulled(Instant now, const PeerId& id, std::uint64_t number, const Pulled& pulled,
                       bool progress) {
  const auto it = peers_.find(id);
  if (it == peers_.end()) return;
  it->second.open_until.reset();
  it->second.wanted = (pulled.more && progress) || number < it->second.link;
  // Others may have told the same: who says there is more is asked again, if not at once.
  const bool soon = pulled.more || pulled.behind;
  it->second.next_routine = now + (soon ? times_.timeout : times_.period);
  answered_.insert(id);
  if (!pulled.more && !pulled.self_behind) told_all_.insert(id);
}

void Puller::on_checked(const PeerId& id, bool equal) {
  const auto it = peers_.find(id);
  if (it == peers_.end() || !it->second.checking) return;
  it->second.checking = false;
  if (!equal) it->second.wanted = true;
}

bool Puller::pulling() const {
  return std::ranges::any_of(peers_,
                             [](const auto& peer) { return peer.second.open_until.has_value(); });
}

Instant Puller::first_check(const Peer& peer) const {
  return pulling() ? peer.next_routine + times_.timeout : peer.next_routine;
}

void Puller::on_tick(Instant now, const Replica& replica, Outbox& out) {
  for (auto& [id, peer] : peers_) {
    if (peer.open_until && now >= *peer.open_until) peer.open_until.reset();
    const bool told_all = told_all_.contains(id);
    const bool routine = (repairs_ || !told_all) && now >= peer.next_routine;
    if (peer.open_until || (!peer.wanted && !routine)) continue;
    if (!peer.wanted && told_all && now < first_check(peer)) continue;
    peer.next_routine = now + times_.period;
    peer.checking = !peer.wanted && told_all;
    if (peer.checking) {
      out.send(id, Check{replica.short_digest()});
      continue;
    }
    // At start connections are still being made: what is lost then is asked for again soon.
    const bool early = !answered_.contains(id) && peer.unanswered++ < first_tries;
    peer.open_until = now + (early ? times_.first_timeout : times_.timeout);
    peer.wanted = !repairs_ || !answered_.contains(id);
    const std::uint64_t number = asked_++;
    Pull pull = pull_beyond(replica.frontier(), salt_of(secret_, number));
    pull.own = own_;
    out.send(id, std::move(pull), number);
  }
}

std::optional<Instant> Puller::next_deadline() const {
  std::optional<Instant> next;
  for (const auto& [id, peer] : peers_) {
    if (!peer.open_until && !peer.wanted && !repairs_ && told_all_.contains(id)) continue;
    const Instant at = peer.open_until          ? *peer.open_until
                       : peer.wanted            ? Instant{}
                       : told_all_.contains(id) ? first_check(peer)
                                                : peer.next_routine;
    next = next ? std::min(*next, at) : at;
  }
  return next;
}

}  // namespace vouch::sync
