// SPDX-License-Identifier: MIT
#include "vouch/sync/pusher.hpp"

#include <algorithm>

#include "vouch/base/bundle.hpp"
#include "vouch/sync/seal.hpp"

namespace vouch::sync {

void Pusher::on_progress(Instant now, const ingest::Progress& progress,
                         const std::vector<PeerId>& validators) {
  const auto [it, is_new] = streams_.try_emplace(progress.stream);
  Stream& stream = it->second;
  if (is_new) {
    for (const PeerId& peer : validators) stream.targets[peer].known = progress.first == 0;
  }
  if (stream.events() != progress.first) {
    // Events in between came from another ingesting peer: the store has them, memory does not.
    forget_items(stream);
    stream.first = progress.first;
  }
  for (const ingest::Item& item : progress.items) {
    stream.items.push_back(item);
    stream.bytes += item.text->size();
    backlog_ += item.text->size();
  }
  stream.closed = progress.closed;
  trim(stream);
  if (forget_complete(it)) return;
  gather(progress.urgent ? now : now + limits_.delay, progress.stream);
}

void Pusher::forget_items(Stream& stream) {
  backlog_ -= stream.bytes;
  stream.items.clear();
  stream.bytes = 0;
}

void Pusher::on_awaited(Instant now, const std::string& name) {
  const auto it = streams_.find(name);
  if (it == streams_.end()) return;
  it->second.awaited = it->second.size();
  gather(now, name);
}

void Pusher::adopt(Instant now, const std::string& name, std::uint64_t events, bool closed,
                   const std::vector<PeerId>& validators) {
  Stream& stream = streams_[name];
  forget_items(stream);
  stream.first = events;
  stream.closed = closed;
  stream.awaited = std::min(stream.awaited, stream.size());
  for (auto& [peer, target] : stream.targets) start_anew(name, peer, target);
  for (const PeerId& peer : validators) stream.targets.try_emplace(peer);
  for (auto& [peer, target] : stream.targets) target.known = false;
  gather(now, name);
}

void Pusher::on_other(Instant now, const std::string& name, const PeerId& peer,
                      std::uint64_t events, bool closed, const std::vector<PeerId>& validators) {
  const auto [it, is_new] = streams_.try_emplace(name);
  Stream& stream = it->second;
  if (is_new) {
    stream.first = events;
    stream.closed = closed;
    for (const PeerId& validator : validators) stream.targets[validator].known = false;
    gather(now, name);
  }
  stream.split = true;
  const auto target = stream.targets.find(peer);
  if (target != stream.targets.end()) target->second.conflicted = true;
  trim(stream);
}

void Pusher::on_same(const std::string& name, const PeerId& peer, std::uint32_t height,
                     std::uint64_t entries) {
  const auto it = streams_.find(name);
  if (it == streams_.end() || !it->second.split) return;
  const auto found = it->second.targets.find(peer);
  if (found == it->second.targets.end()) return;
  Target& target = found->second;
  const std::pair word{height, entries};
  const bool ahead = target.known && target.next > entries;
  if ((!target.conflicted && !ahead) || word <= target.same) return;
  start_anew(name, peer, target);
  target.same = word;
  target.next = entries;
  trim(it->second);
  queue(name, peer, target);
}

bool Pusher::retarget(Instant now, const std::string& name, const std::vector<PeerId>& validators) {
  const auto it = streams_.find(name);
  if (it == streams_.end()) return false;
  Stream& stream = it->second;
  for (auto at = stream.targets.begin(); at != stream.targets.end();) {
    auto& [peer, target] = *at;
    target.former = std::ranges::find(validators, peer) == validators.end();
    if (!target.former || !target.silent) {
      ++at;
      continue;
    }
    shut(name, peer, target);
    at = stream.targets.erase(at);
  }
  for (const PeerId& peer : validators) {
    const auto [target, fresh] = stream.targets.try_emplace(peer);
    if (fresh) target->second.known = false;
  }
  trim(stream);
  if (!forget_complete(it)) gather(now, name);
  return true;
}

void Pusher::start_anew(const std::string& name, const PeerId& peer, Target& target) {
  shut(name, peer, target);
  const bool queued = target.queued;  // its place in the channel stays
  const bool former = target.former;
  target = Target{};
  target.queued = queued;
  target.former = former;
}

void Pusher::gather(Instant at, const std::string& name) {
  gathering_.insert(name);
  flush_at_ = flush_at_ ? std::min(*flush_at_, at) : at;
}

void Pusher::queue(const std::string& name, const PeerId& peer, Target& target) {
  if (target.queued || target.open_until || target.conflicted) return;
  target.queued = true;
  channels_[peer].queue.push_back(name);
}

void Pusher::open(Instant now, const std::string& name, const PeerId& peer, Target& target) {
  Channel& channel = channels_[peer];
  channel.patience = std::max(channel.patience, limits_.retry);
  target.id = ++next_id_;
  target.opened = now;
  target.open_until = now + channel.patience;
  open_.emplace(*target.open_until, name, peer);
  ++channel.in_flight;
}

void Pusher::learn(Channel& channel, Duration answered_in) {
  channel.usual =
      channel.usual == Duration{} ? answered_in : channel.usual + (answered_in - channel.usual) / 8;
  channel.patience = std::clamp<Duration>(channel.usual * 4, limits_.retry, limits_.retry_max);
}

void Pusher::shut(const std::string& name, const PeerId& peer, Target& target) {
  if (!target.open_until) return;
  open_.erase({*target.open_until, name, peer});
  target.open_until.reset();
  --channels_[peer].in_flight;
}

void Pusher::on_pushed(Instant now, const PeerId& from, std::uint64_t id, const Pushed& answer) {
  const auto it = streams_.find(answer.stream);
  if (it == streams_.end()) return;
  Stream& stream = it->second;
  const auto found = stream.targets.find(from);
  if (found == stream.targets.end()) return;
  Target& target = found->second;
  if (target.open_until && id == target.id) {
    if (!target.silent) learn(channels_[from], now - target.opened);
    shut(answer.stream, from, target);
    target.next = answer.next;
    target.known = true;
    target.silent = false;
  } else if (stream.split) {
    return;  // of a chain that one of the two may have left
  } else {
    // To a push that was given up; the answer to the last one is still to come.
    target.next = std::max(target.next, answer.next);
  }
  if (answer.conflict) {
    target.conflicted = stream.split = true;
    ++counters_.conflicts;
  }
  trim(stream);
  if (!forget_complete(it) && wanted(stream, target)) queue(answer.stream, from, target);
}

void Pusher::expire(Instant now) {
  while (!open_.empty() && std::get<Instant>(*open_.begin()) <= now) {
    const auto [at, name, peer] = *open_.begin();
    Stream& stream = streams_.at(name);
    Target& target = stream.targets.at(peer);
    shut(name, peer, target);
    target.silent = true;
    target.asked = 0;  // what it was asked may be lost
    Channel& channel = channels_[peer];
    if (target.opened >= channel.widened) {
      channel.patience = std::min(channel.patience * 2, limits_.retry_max);
      channel.widened = now;
    }
    ++counters_.retried;
    if (target.former) {
      stream.targets.erase(peer);
      trim(stream);
      continue;
    }
    trim(stream);
    queue(name, peer, target);
  }
}

void Pusher::on_tick(Instant now, Outbox& out) {
  expire(now);
  if (flush_at_ && now >= *flush_at_) {
    for (const std::string& name : gathering_) {
      const auto it = streams_.find(name);
      if (it == streams_.end()) continue;
      for (auto& [peer, target] : it->second.targets) queue(name, peer, target);
    }
    gathering_.clear();
    flush_at_.reset();
  }
  for (auto& [peer, channel] : channels_) {
    while (!channel.queue.empty() && channel.in_flight < limits_.in_flight_max) {
      const std::string name = std::move(channel.queue.front());
      channel.queue.pop_front();
      const auto it = streams_.find(name);
      if (it == streams_.end()) continue;
      const auto found = it->second.targets.find(peer);
      if (found == it->second.targets.end()) continue;  // no validator any more
      Target& target = found->second;
      target.queued = false;
      send_next(now, name, it->second, peer, target, out);
    }
  }
  sign(out);
}

void Pusher::send_next(Instant now, const std::string& name, Stream& stream, const PeerId& peer,
                       Target& target, Outbox& out) {
  const bool probe = !target.known || target.silent;
  if (!probe && !wanted(stream, target)) return;
  if (!probe && target.next < stream.first) {
    open(now, name, peer, target);
    out.loads.push_back({name, target.next, peer});
    return;
  }
  std::vector<const ingest::Item*> items;
  std::size_t bytes = 0;
  std::uint64_t index = target.next;
  for (; !probe && index < stream.events(); ++index) {
    const ingest::Item& item = stream.items[index - stream.first];
    bytes += item.text->size();
    if (!items.empty() && bytes > limits_.message_bytes) break;
    items.push_back(&item);
  }
  const bool whole = !probe && index >= stream.events();
  const Tail tail{whole && stream.closed, whole && stream.awaited > target.asked};
  if (tail.attest) target.asked = stream.awaited;
  open(now, name, peer, target);
  transmit(name, peer, target, target.next, items, tail);
}

void Pusher::transmit(const std::string& name, const PeerId& peer, const Target& target,
                      std::uint64_t first, std::span<const ingest::Item* const> items, Tail tail) {
  Push push;
  push.stream = name;
  push.first = first;
  push.closes = tail.closes;
  push.attest = tail.attest;
  std::vector<Hash> digests;
  for (const ingest::Item* item : items) {
    push.events.push_back(*item->text);
    digests.push_back(item->digest);
  }
  leaving_.push_back(
      {peer, target.id, std::move(push), push_leaf(cluster_, name, first, digests, tail.closes)});
  ++counters_.sent;
}

void Pusher::sign(Outbox& out) {
  for (std::span<Leaving> rest = leaving_; !rest.empty();) {
    const auto some = rest.first(std::min(rest.size(), bundle_statements_max));
    rest = rest.subspan(some.size());
    std::vector<Hash> leaves;
    for (const Leaving& one : some) leaves.push_back(one.leaf);
    std::ranges::sort(leaves);
    leaves.erase(std::unique(leaves.begin(), leaves.end()), leaves.end());
    const BundleTree tree = hang(leaves);
    const Signature signature = signer_.sign(bundle_statement(tree.root));
    for (Leaving& one : some) {
      const auto at = std::ranges::lower_bound(leaves, one.leaf) - leaves.begin();
      one.push.path = {tree.paths[static_cast<std::size_t>(at)], {}};
      one.push.signature = signature;
      out.send(one.to, std::move(one.push), one.id);
    }
  }
  leaving_.clear();
}

void Pusher::on_payload(const std::string& name, const PeerId& peer, std::uint64_t first,
                        const std::vector<ingest::Item>& items, Outbox& out) {
  const auto it = streams_.find(name);
  if (it == streams_.end()) return;
  const auto found = it->second.targets.find(peer);
  if (found == it->second.targets.end() || items.empty()) return;
  std::vector<const ingest::Item*> views;
  for (const ingest::Item& item : items) views.push_back(&item);
  transmit(name, peer, found->second, first, views, {});
  sign(out);
}

void Pusher::trim(Stream& stream) {
  std::uint64_t keep = stream.events();
  for (const auto& [peer, target] : stream.targets) {
    if (!target.silent && !target.conflicted) keep = std::min(keep, target.next);
  }
  while (!stream.items.empty() && stream.first < keep) {
    const std::size_t bytes = stream.items.front().text->size();
    stream.bytes -= bytes;
    backlog_ -= bytes;
    stream.items.pop_front();
    ++stream.first;
  }
}

bool Pusher::wanted(const Stream& stream, const Target& target) {
  return target.next < stream.size() || target.asked < stream.awaited;
}

bool Pusher::forget_complete(std::map<std::string, Stream>::iterator it) {
  auto& [name, stream] = *it;
  const auto has_all = [&](const auto& t) { return served(stream, t.second); };
  if (!stream.closed || stream.split || !std::ranges::all_of(stream.targets, has_all)) return false;
  forget(it);
  return true;
}

void Pusher::forget(std::map<std::string, Stream>::iterator it) {
  auto& [name, stream] = *it;
  for (auto& [peer, target] : stream.targets) shut(name, peer, target);
  backlog_ -= stream.bytes;
  streams_.erase(it);
}

void Pusher::release(const std::string& name) {
  const auto it = streams_.find(name);
  if (it != streams_.end()) forget(it);
}

bool Pusher::delivered(const std::string& name) const {
  const auto it = streams_.find(name);
  if (it == streams_.end()) return true;
  return std::all_of(it->second.targets.begin(), it->second.targets.end(), [&](auto& t) {
    const auto& target = t.second;
    return target.former || (!target.conflicted && target.next >= it->second.size());
  });
}

bool Pusher::tells(const std::string& name, std::uint64_t entries) const {
  const auto it = streams_.find(name);
  return it != streams_.end() && it->second.size() >= entries &&
         std::ranges::any_of(it->second.targets, [&](const auto& t) {
           const auto& target = t.second;
           return !target.former && (target.conflicted || target.next < entries);
         });
}

std::optional<Instant> Pusher::next_deadline() const {
  std::optional<Instant> next = flush_at_;
  if (!open_.empty()) {
    const Instant expiry = std::get<Instant>(*open_.begin());
    next = next ? std::min(*next, expiry) : expiry;
  }
  return next;
}

}  // namespace vouch::sync
