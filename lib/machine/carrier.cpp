// What comes in. Carrying out what the machine wants done is in carrier_flush.cpp.
// SPDX-License-Identifier: MIT
#include "vouch/machine/carrier.hpp"

#include <algorithm>

namespace vouch::machine {
namespace {

/// News of streams are collected at most this often unless urgent: one batch of work for many
/// events.
constexpr Duration collect_spacing = std::chrono::milliseconds(5);

}  // namespace

void Carrier::start(Instant now, std::uint64_t nonce) {
  splitter_ = transport::PartSplitter(static_cast<std::uint32_t>(nonce));
  parts_.machine.start(now, nonce, outbox_);
  flush(now, true);
}

void Carrier::receive(Instant now, transport::Incoming incoming) {
  ++heard_;
  if (incoming.via == transport::Via::gossip) {
    if (degraded()) return;
    parts_.machine.on_gossip(now, incoming.bytes, outbox_);
    notify_heard();
    return;
  }
  if (incoming.via == transport::Via::opened) {
    parts_.machine.on_open(now, *incoming.from);
    return;
  }
  const std::string_view sender =
      incoming.route.empty() ? as_text(incoming.from->view()) : incoming.route;
  auto whole = assembler_.add(sender, std::move(incoming.bytes));
  if (!whole) {
    ++counters_.undecodable;
    return;
  }
  if (!whole->has_value()) return;
  const auto message = decode_message(**whole);
  if (!message) {
    ++counters_.undecodable;
    return;
  }
  handle(now, incoming, *message);
}

void Carrier::handle(Instant now, const transport::Incoming& incoming, const Message& message) {
  // Whoever may ask for a dump from elsewhere must not change who votes.
  const bool change = std::holds_alternative<ChangeRoster>(message.body);
  if (change && incoming.via != transport::Via::local) {
    if (incoming.via != transport::Via::request) return;
    const Refused refusal{Errc::not_allowed, "the roster is changed over the local socket alone"};
    outbox_.replies.push_back({incoming.route, {message.id, refusal}});
    return;
  }
  if (auto answer = parts_.desk(message)) {
    if (change) store_all();
    // A client hears even from a peer whose store is full.
    when_stored([this, route = incoming.route, answer = std::move(*answer)] {
      send_parts(answer, [&](ByteView part) { return parts_.wire.reply(route, part); });
    });
    return;
  }
  // A store that takes no writes must not let memory grow: what is dropped here is asked again.
  if (degraded()) return;
  if (incoming.via == transport::Via::reply) {
    parts_.machine.on_reply(now, *incoming.from, message, outbox_);
    parts_.intake.set_pushing_bytes(parts_.machine.pusher().backlog_bytes());
  } else if (incoming.via == transport::Via::request) {
    parts_.machine.on_request(now, *incoming.from, incoming.route, message, outbox_);
  } else {
    const Refused refusal{Errc::not_allowed, "only submitters and dumpers use the local endpoint"};
    outbox_.replies.push_back({incoming.route, {message.id, refusal}});
  }
}

void Carrier::turn(Instant now) {
  // While nothing can be stored nothing new is begun; what waits is tried again now and then.
  if (degraded()) {
    if (!flushing_ && now < next_commit_) return;
    flush(now);
    if (degraded()) return;
  }
  // What a push brought is collected with it: the acknowledgement leaves after its events are
  // stored.
  const bool acknowledging = !outbox_.replies.empty();
  const bool due = parts_.intake.urgent() || acknowledging || now >= next_collect_;
  if (parts_.intake.has_news() && due) collect(now);
  parts_.machine.on_tick(now, outbox_);
  flush(now);
}

void Carrier::request(Instant now, const std::string& stream, std::uint64_t size) {
  if (!degraded()) parts_.machine.request(now, stream, size);
}

Result<void> Carrier::propose(Instant now, const std::string& subject, ByteView value) {
  if (degraded()) return fail(Errc::storage_full, "the store takes no writes");
  return parts_.machine.propose(now, subject, value);
}

void Carrier::seek_value(Instant now, const std::string& subject) {
  parts_.machine.seek_value(now, subject);
}

Result<void> Carrier::propose_roster(Instant now, const membership::Roster& next) {
  if (degraded()) return fail(Errc::storage_full, "the store takes no writes");
  return parts_.machine.propose_roster(now, next);
}

Result<PutMark> Carrier::put(std::string_view key, std::optional<std::string> value,
                             std::uint64_t now_ms) {
  if (degraded()) return fail(Errc::storage_full, "the store takes no writes");
  return parts_.machine.put(key, std::move(value), now_ms, outbox_);
}

void Carrier::stop(Instant now) {
  collect(now);
  parts_.machine.on_tick(now, outbox_);
  parts_.machine.stop(outbox_);
  flush(now, true);
  tell_all(to_tell_);
}

std::optional<Instant> Carrier::next_turn() const {
  if (degraded()) return flushing_ ? std::nullopt : std::optional(next_commit_);
  std::optional<Instant> next = parts_.machine.next_deadline();
  const auto sooner = [&next](Instant at) { next = next ? std::min(*next, at) : at; };
  if (parts_.intake.has_news()) sooner(parts_.intake.urgent() ? Instant{} : next_collect_);
  if (flushing_) return next;
  if (!outbox_.rows.empty()) sooner(next_commit_);
  if (outbox_.synced || !outbox_.only_rows()) sooner(Instant{});
  return next;
}

std::size_t Carrier::queued() const {
  return outbox_.size() + leaving_.size();
}

void Carrier::collect(Instant now) {
  news_.clear();
  parts_.intake.collect(news_);
  parts_.machine.on_progress(now, news_, outbox_);
  parts_.intake.set_pushing_bytes(parts_.machine.pusher().backlog_bytes());
  next_collect_ = now + collect_spacing;
}

}  // namespace vouch::machine
