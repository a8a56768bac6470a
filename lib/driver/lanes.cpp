// SPDX-License-Identifier: MIT
#include "vouch/driver/lanes.hpp"

#include <functional>

#include "vouch/base/stream_key.hpp"
#include "vouch/driver/clock.hpp"

namespace vouch::driver {

Lanes::Lanes(std::size_t lanes, const validator::Policy& policy, ingest::TableLimits limits,
             std::size_t backlog_bytes_max, std::function<void()> wake, const Released* released)
    : backlog_bytes_max_(backlog_bytes_max),
      needs_time_(policy.overlays.local.has_value()),
      wake_(std::move(wake)) {
  for (std::size_t i = 0; i < std::max<std::size_t>(lanes, 1); ++i) {
    lanes_.push_back(std::make_unique<Lane>(policy, limits, released));
  }
}

Lanes::Lane& Lanes::lane_of(std::string_view stream) {
  return *lanes_[std::hash<std::string_view>{}(stream_name(stream)) % lanes_.size()];
}

void Lanes::announce(bool urgent) {
  const bool first = !news_.exchange(true, std::memory_order_acq_rel);
  const bool first_urgent = urgent && !urgent_.exchange(true, std::memory_order_acq_rel);
  if (first || first_urgent) wake_();
}

Result<ingest::Submitted> Lanes::submit(const std::string& stream, std::string_view event,
                                        std::optional<std::uint64_t> index, bool attest_now) {
  if (auto open = check_store(); !open) return tl::unexpected(open.error());
  if (fresh_bytes_.load() + pushing_bytes_.load() > backlog_bytes_max_) {
    return fail(Errc::busy, "validators lag behind; submit again in a moment");
  }
  Lane& lane = lane_of(stream);
  const auto now = needs_time_ ? std::optional(wall_ms()) : std::nullopt;
  bool urgent = false;
  auto answer = [&] {
    const std::lock_guard lock(lane.mutex);
    auto submitted = lane.table.submit(stream, event, index, now);
    if (submitted && attest_now) lane.table.attest_now(stream);
    urgent = lane.table.urgent();
    return submitted;
  }();
  if (answer && answer->answer == ingest::Answer::verdict) {
    fresh_bytes_.fetch_add(event.size());
    announce(urgent);
  }
  return answer;
}

Result<void> Lanes::check_store() const {
  const auto reason = closed_for_.load();
  if (!reason) return {};
  return fail(*reason, "the store takes no writes; this took no index, submit again when it does");
}

Result<validator::Verdict> Lanes::close(const std::string& stream) {
  if (auto open = check_store(); !open) return tl::unexpected(open.error());
  Lane& lane = lane_of(stream);
  auto verdict = [&] {
    const std::lock_guard lock(lane.mutex);
    return lane.table.close(stream);
  }();
  announce(true);
  return verdict;
}

std::vector<ingest::Stalled> Lanes::check_stall(std::int64_t now_ms) {
  std::vector<ingest::Stalled> out;
  if (!needs_time_) return out;
  for (const auto& lane : lanes_) {
    const std::lock_guard lock(lane->mutex);
    for (ingest::Stalled& one : lane->table.check_stall(now_ms)) out.push_back(std::move(one));
  }
  return out;
}

std::pair<std::uint64_t, bool> Lanes::position(const std::string& stream) {
  Lane& lane = lane_of(stream);
  const std::lock_guard lock(lane.mutex);
  return lane.table.position(stream);
}

std::string Lanes::key_of(const std::string& name) {
  if (!ruled_.load()) return name;
  Lane& lane = lane_of(name);
  const std::lock_guard lock(lane.mutex);
  return lane.table.key_of(name);
}

bool Lanes::knows(const std::string& stream) {
  Lane& lane = lane_of(stream);
  const std::lock_guard lock(lane.mutex);
  return lane.table.knows(stream);
}

void Lanes::follow_rules(std::uint32_t epoch, const std::string& rule_set) {
  ruled_.store(true);
  for (const auto& lane : lanes_) {
    const std::lock_guard lock(lane->mutex);
    lane->table.follow_rules(epoch, rule_set);
  }
}

bool Lanes::judges(const std::string& stream) {
  Lane& lane = lane_of(stream);
  const std::lock_guard lock(lane.mutex);
  return lane.table.judges(stream);
}

void Lanes::attest_now(const std::string& stream) {
  Lane& lane = lane_of(stream);
  {
    const std::lock_guard lock(lane.mutex);
    lane.table.attest_now(stream);
  }
  announce(true);
}

ingest::PushOutcome Lanes::push(const std::string& stream, std::uint64_t first,
                                std::span<const std::string> events, bool closes) {
  Lane& lane = lane_of(stream);
  bool urgent = false;
  auto outcome = [&] {
    const std::lock_guard lock(lane.mutex);
    auto pushed = lane.table.push(stream, first, events, closes);
    urgent = lane.table.urgent();
    return pushed;
  }();
  announce(urgent);
  return outcome;
}

void Lanes::attest(const std::string& stream) {
  Lane& lane = lane_of(stream);
  {
    const std::lock_guard lock(lane.mutex);
    lane.table.attest(stream);
  }
  announce(true);
}

void Lanes::taint(const std::string& stream) {
  Lane& lane = lane_of(stream);
  const std::lock_guard lock(lane.mutex);
  lane.table.taint(stream);
}

bool Lanes::retire(const std::string& stream) {
  Lane& lane = lane_of(stream);
  const std::lock_guard lock(lane.mutex);
  return lane.table.retire(stream);
}

void Lanes::release(const std::string& stream) {
  Lane& lane = lane_of(stream);
  const std::lock_guard lock(lane.mutex);
  lane.table.release(stream);
}

std::optional<ingest::Checkpoint> Lanes::tip(const std::string& stream) {
  Lane& lane = lane_of(stream);
  const std::lock_guard lock(lane.mutex);
  return lane.table.tip(stream);
}

std::optional<Hash> Lanes::head_at(const std::string& stream, std::uint64_t upto) {
  Lane& lane = lane_of(stream);
  const std::lock_guard lock(lane.mutex);
  return lane.table.head_at(stream, upto);
}

std::optional<Hash> Lanes::state_at(const std::string& stream, std::uint64_t size) {
  Lane& lane = lane_of(stream);
  const std::lock_guard lock(lane.mutex);
  return lane.table.state_at(stream, size);
}

std::vector<ThreadRun> Lanes::runs(const std::string& stream) {
  Lane& lane = lane_of(stream);
  const std::lock_guard lock(lane.mutex);
  return lane.table.runs(stream);
}

std::optional<validator::Point> Lanes::end_after(const std::string& stream, std::uint64_t size) {
  Lane& lane = lane_of(stream);
  const std::lock_guard lock(lane.mutex);
  return lane.table.end_after(stream, size);
}

std::optional<validator::LinkList> Lanes::links(const std::string& stream, std::uint64_t from,
                                                std::uint64_t to) {
  Lane& lane = lane_of(stream);
  const std::lock_guard lock(lane.mutex);
  return lane.table.links(stream, from, to);
}

void Lanes::certified(const std::string& stream, std::uint64_t size) {
  Lane& lane = lane_of(stream);
  const std::lock_guard lock(lane.mutex);
  lane.table.certified(stream, size);
}

std::optional<validator::Segment> Lanes::fold(const std::string& stream, const ingest::Start& start,
                                              std::span<const std::string> events, bool closes,
                                              std::uint64_t from) {
  Lane& lane = lane_of(stream);
  const std::lock_guard lock(lane.mutex);
  return lane.table.fold(stream, start, events, closes, from);
}

bool Lanes::rebase(const std::string& stream, const ingest::Start& start,
                   std::span<const std::string> events, bool closes) {
  Lane& lane = lane_of(stream);
  const bool done = [&] {
    const std::lock_guard lock(lane.mutex);
    return lane.table.rebase(stream, start, events, closes);
  }();
  if (done) announce(true);
  return done;
}

void Lanes::collect(std::vector<ingest::Progress>& out) {
  // Cleared first: what is announced from here on leads to another collection.
  news_.store(false, std::memory_order_release);
  urgent_.store(false, std::memory_order_release);
  fresh_bytes_.store(0);
  for (const auto& lane : lanes_) {
    const std::lock_guard lock(lane->mutex);
    lane->table.collect(out);
  }
}

std::size_t Lanes::open_streams() {
  std::size_t open = 0;
  for (const auto& lane : lanes_) {
    const std::lock_guard lock(lane->mutex);
    open += lane->table.open_streams();
  }
  return open;
}

std::uint64_t Lanes::events() {
  std::uint64_t events = 0;
  for (const auto& lane : lanes_) {
    const std::lock_guard lock(lane->mutex);
    events += lane->table.events();
  }
  return events;
}

}  // namespace vouch::driver
