// The loop. Opening is in driver_open.cpp.
// SPDX-License-Identifier: MIT
#include "vouch/driver/driver.hpp"

#include <algorithm>

#include "vouch/base/stream_key.hpp"
#include "vouch/driver/clock.hpp"
#include "vouch/observe/dump.hpp"
#include "vouch/state/cells.hpp"

namespace vouch::driver {
namespace {

constexpr Duration wait_max = std::chrono::seconds(1);
/// It stops the peer for two flushes. Much less often the journal would be replayed for long.
constexpr Duration checkpoint_interval = std::chrono::seconds(30);

}  // namespace

void Driver::start() {
  stopping_ = false;
  running_ = true;
  std::uint64_t nonce = 0;
  std::array<std::uint8_t, sizeof nonce> random{};
  crypto::random_bytes(random);
  for (const std::uint8_t byte : random) nonce = nonce << 8 | byte;
  carrier_->start(now(), nonce);
  checkpoint();
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
    for (transport::Incoming& incoming : incoming_) carrier_->receive(now(), std::move(incoming));
    incoming_.clear();
    machine_->set_load(lanes_->events(), lanes_->open_streams(), link_->stats().dropped());
    mind_silence(now());
    run_tasks();
    carrier_->turn(now());
    if (now() - checkpoint_at_ >= checkpoint_interval) checkpoint();
    follow_checkpoints();
  }
  carrier_->stop(now());
  {
    const std::lock_guard lock(tasks_mutex_);
    running_ = false;
  }
  run_tasks();
  checkpoint();
}

/// Also hands the store from one thread to the next. What a full disk refuses stays in the journal
/// of the store, and its commits tell when that is full.
void Driver::checkpoint() {
  (void)store_->checkpoint();
  checkpoint_at_ = now();
  follow_checkpoints();
}

/// The store makes some by itself, when its journal is full.
void Driver::follow_checkpoints() {
  const std::uint64_t made = store_->checkpoints();
  if (std::exchange(checkpoints_, made) != made) released_->on_checkpoint();
}

void Driver::wait(Instant at) {
  Instant until = at + wait_max;
  if (const auto turn = carrier_->next_turn()) until = std::min(until, *turn);
  const auto rest = std::max(until - at, Duration::zero());
  link_->poll(std::chrono::ceil<std::chrono::milliseconds>(rest), incoming_);
}

Result<void> Driver::tell(std::function<void()> task) {
  bool first = false;
  {
    const std::lock_guard lock(tasks_mutex_);
    if (!running_) return fail(Errc::not_running, "the peer is stopped; start it first");
    first = tasks_.empty();
    tasks_.push_back(std::move(task));
  }
  if (first) link_->wake();
  return {};
}

void Driver::mind_silence(Instant at) {
  if (at < next_look_) return;
  next_look_ = at + wait_max;
  for (ingest::Stalled& one : lanes_->check_stall(wall_ms())) stalls_.add(std::move(one));
}

void Driver::run_tasks() {
  std::vector<std::function<void()>> tasks;
  {
    const std::lock_guard lock(tasks_mutex_);
    tasks.swap(tasks_);
  }
  for (const auto& task : tasks) task();
}

std::string Driver::dump(const Dump& wanted) {
  const transport::LinkStats& link = link_->stats();
  const observe::Traffic traffic{link.gossip_frames_sent, link.gossip_bytes_sent,
                                 link.direct_frames_sent, link.direct_bytes_sent,
                                 link.dropped(),          link.handshakes_refused};
  return observe::dump_live(
      *machine_, config_.cluster,
      {traffic, stalls_, carrier_->store_error(),
       wanted.stream.empty() ? std::nullopt : released(key_of(wanted.stream))},
      wanted, now());
}

Status Driver::status() {
  Status out;
  out.running = running_;
  out.id = signer_->id();
  out.direct = link_->direct_endpoint();
  out.gossip = link_->gossip_endpoint();
  out.local = link_->local_endpoint();
  out.voters = roster().size();
  out.quorum = membership::quorum(roster().size());
  out.faults_tolerated = membership::faults_tolerated(roster().size());
  const Duration lately = machine_->config().heartbeat_interval * 3;
  for (const auto& [peer, neighbour] : machine_->neighbours()) {
    if (now() - neighbour.heard <= lately) ++out.voters_heard;
  }
  out.open_streams = lanes_->open_streams();
  out.events = lanes_->events();
  out.records = machine_->replica().own_last();
  out.state = state::state_hash(machine_->replica().state());
  if (const auto& error = carrier_->store_error()) out.degraded = error->text();
  return out;
}

std::string Driver::key_of(const std::string& name) const {
  const membership::RuleChain rules = machine_->agreement().setting().rules();
  const bool once = rules.since(roster().epoch()) == 0;
  if (once || stream_name(name) != name) return name;
  std::string meant = lanes_->key_of(name);
  if (lanes_->knows(meant)) return meant;
  // Nobody judges it here: the oldest that others speak of.
  for (std::uint32_t epoch = 0; epoch <= roster().epoch(); ++epoch) {
    if (rules.since(epoch) != epoch) continue;
    std::string key = stream_key(name, epoch);
    if (machine_->replica().state().streams.find(key) != nullptr) return key;
  }
  return meant;
}

void Driver::request(const std::string& name, std::uint64_t size) {
  carrier_->request(now(), key_of(name), size);
}

std::optional<sync::ReleasedRow> Driver::released(const std::string& stream) const {
  // Who waits asks again and again, and of a stream that goes on: no look at the disk for that.
  if (machine_->replica().state().streams.find(stream) != nullptr) return std::nullopt;
  return released_->find(stream);
}

std::optional<Certificate> Driver::certificate(const std::string& name) {
  const std::string stream = key_of(name);
  if (const auto over = released(stream)) return over->certificate;
  return machine_->agreement().certificate(consensus::SubjectKind::stream, stream);
}

Result<void> Driver::propose(const std::string& subject, ByteView value) {
  return carrier_->propose(now(), subject, value);
}

Result<PutMark> Driver::put(std::string_view key, std::optional<std::string> value) {
  return carrier_->put(key, std::move(value),
                       static_cast<std::uint64_t>(std::max<std::int64_t>(wall_ms(), 0)));
}

std::vector<SharedValue> Driver::shared_values(std::string_view key) const {
  return state::shared_values(machine_->replica().state(), key);
}

std::optional<consensus::Agreement::Verdict> Driver::decision(const std::string& subject) {
  using consensus::Agreement;
  const Agreement& agreement = machine_->agreement();
  auto held = agreement.decision(subject);
  if (held && held->value) return held;
  if (!held) {
    if (agreement.holds(consensus::SubjectKind::proposal, subject)) return std::nullopt;
    auto over = released_->find(proposal_subject(machine_->config().cluster, subject));
    if (!over) return std::nullopt;
    if (sync::tells_value(*over)) {
      return Agreement::Verdict{std::move(*over->certificate), std::move(over->value)};
    }
  }
  carrier_->seek_value(now(), subject);
  return std::nullopt;
}

std::optional<CausalToken::Source> Driver::missing(const CausalToken& token) {
  return machine::first_missing(token, machine_->replica().state(), *released_, *lanes_);
}

machine::Standing Driver::standing(const std::string& name, std::uint64_t upto) {
  const std::string stream = key_of(name);
  if (const auto over = released(stream)) return machine::standing_of(*over, roster(), upto);
  return machine::standing_of(machine_->replica().state(), roster(), *lanes_, signer_->id(), stream,
                              upto);
}

}  // namespace vouch::driver
