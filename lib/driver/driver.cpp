// The loop. Opening is in driver_open.cpp, carrying out the outbox in driver_flush.cpp.
// SPDX-License-Identifier: MIT
#include "vouch/driver/driver.hpp"

#include <algorithm>

#include "vouch/driver/clock.hpp"
#include "vouch/driver/desk.hpp"
#include "vouch/observe/dump.hpp"
#include "vouch/state/cells.hpp"

namespace vouch::driver {
namespace {

/// News of streams are collected at most this often unless urgent: one batch of work for many
/// events.
constexpr Duration collect_spacing = std::chrono::milliseconds(5);
constexpr Duration wait_max = std::chrono::seconds(1);

}  // namespace

void Driver::start() {
  stopping_ = false;
  running_ = true;
  std::uint64_t nonce = 0;
  std::array<std::uint8_t, sizeof nonce> random{};
  crypto::random_bytes(random);
  for (const std::uint8_t byte : random) nonce = nonce << 8 | byte;
  splitter_ = transport::PartSplitter(static_cast<std::uint32_t>(nonce));
  machine_->start(now(), nonce, outbox_);
  flush();
  thread_ = std::thread([this] { run(); });
}

void Driver::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  link_->wake();
  thread_.join();
}

Driver::~Driver() {
  stop();
}

void Driver::run() {
  while (!stopping_) {
    wait(now());
    for (transport::Incoming& incoming : incoming_) handle(incoming);
    incoming_.clear();
    const Instant at = now();
    // What a push brought is collected with it: the acknowledgement leaves after its events are
    // stored.
    const bool acknowledging = !outbox_.replies.empty();
    const bool due = lanes_->urgent() || acknowledging || at >= next_collect_;
    if (lanes_->has_news() && due) collect(at);
    machine_->set_load(lanes_->events(), lanes_->open_streams(), link_->stats().dropped());
    machine_->on_tick(at, outbox_);
    flush();
    run_tasks();
  }
  collect(now());
  machine_->stop(outbox_);
  flush();
  {
    const std::lock_guard lock(tasks_mutex_);
    running_ = false;
  }
  run_tasks();
}

void Driver::wait(Instant at) {
  Instant until = at + wait_max;
  if (const auto deadline = machine_->next_deadline()) until = std::min(until, *deadline);
  if (lanes_->has_news()) until = std::min(until, lanes_->urgent() ? at : next_collect_);
  if (!outbox_.rows.empty()) until = std::min(until, next_commit_);
  const auto rest = std::max(until - at, Duration::zero());
  link_->poll(std::chrono::ceil<std::chrono::milliseconds>(rest), incoming_);
}

void Driver::collect(Instant at) {
  news_.clear();
  lanes_->collect(news_);
  machine_->on_progress(at, news_, outbox_);
  lanes_->set_pushing_bytes(machine_->pusher().backlog_bytes());
  next_collect_ = at + collect_spacing;
}

void Driver::handle(transport::Incoming& incoming) {
  // A store that takes no writes must not let memory grow: what is dropped here is repaired by
  // pulls.
  if (degraded_ && incoming.via != transport::Via::local) return;
  if (incoming.via == transport::Via::gossip) {
    machine_->on_gossip(now(), incoming.bytes, outbox_);
    return;
  }
  auto whole = assembler_.add(incoming.route.empty() ? incoming.from->hex() : incoming.route,
                              std::move(incoming.bytes));
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
  handle_message(incoming, *message);
}

void Driver::handle_message(const transport::Incoming& incoming, const Message& message) {
  if (incoming.via == transport::Via::reply) {
    machine_->on_reply(now(), *incoming.from, message, outbox_);
    lanes_->set_pushing_bytes(machine_->pusher().backlog_bytes());
  } else if (is_client_request(message)) {
    outbox_.replies.push_back({incoming.route, answer_client(*this, message)});
  } else if (incoming.via == transport::Via::request) {
    machine_->on_request(now(), *incoming.from, incoming.route, message, outbox_);
  } else {
    const Refused refusal{Errc::not_allowed, "only submitters and dumpers use the local endpoint"};
    outbox_.replies.push_back({incoming.route, {message.id, refusal}});
  }
}

void Driver::run_tasks() {
  std::vector<std::function<void()>> tasks;
  {
    const std::lock_guard lock(tasks_mutex_);
    tasks.swap(tasks_);
  }
  for (const auto& task : tasks) task();
}

std::string Driver::dump() {
  const transport::LinkStats& link = link_->stats();
  const observe::Traffic traffic{link.gossip_frames_sent, link.gossip_bytes_sent,
                                 link.direct_frames_sent, link.direct_bytes_sent,
                                 link.dropped(),          link.handshakes_refused};
  return observe::dump_live(*machine_, config_.cluster, traffic, now());
}

Status Driver::status() {
  Status out;
  out.running = running_;
  out.id = signer_->id();
  out.direct = link_->direct_endpoint();
  out.gossip = link_->gossip_endpoint();
  out.local = link_->local_endpoint();
  out.voters = roster_.size();
  out.quorum = membership::quorum(roster_.size());
  out.faults_tolerated = membership::faults_tolerated(roster_.size());
  const Duration lately = machine_->config().heartbeat_interval * 3;
  for (const auto& [peer, neighbour] : machine_->neighbours()) {
    if (now() - neighbour.heard <= lately) ++out.voters_heard;
  }
  out.open_streams = lanes_->open_streams();
  out.events = lanes_->events();
  out.records = machine_->replica().own_last();
  out.state = state::state_hash(machine_->replica().state());
  out.degraded = degraded_;
  return out;
}

machine::Standing Driver::standing(const std::string& stream, std::uint64_t upto) {
  return machine::standing_of(machine_->replica().state(), roster_, *lanes_, signer_->id(), stream,
                              upto);
}

}  // namespace vouch::driver
