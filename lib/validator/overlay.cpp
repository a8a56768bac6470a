// SPDX-License-Identifier: MIT
#include "vouch/validator/overlay.hpp"

#include <cmath>

#include "vouch/validator/owners.hpp"

namespace vouch::validator {

TimingLimits TimingLimits::strict() {
  return {10'000, 300'000, 120'000, 60'000, 120'000, 5'000, 50, 2'000};
}
TimingLimits TimingLimits::permissive() {
  return {300'000, 1'800'000, 900'000, 600'000, 900'000, 300'000, 1'000, 50'000};
}
LocalLimits LocalLimits::strict() {
  LocalLimits out;
  out.drift = 60'000;
  out.burst = 20;
  out.stall = TimingLimits::strict();
  return out;
}
LocalLimits LocalLimits::permissive() {
  LocalLimits out;
  out.drift = 1'800'000;
  out.burst = 500;
  out.stall = TimingLimits::permissive();
  return out;
}

Result<void> Overlays::select(std::string_view name) {
  if (name == "hygiene") {
    hygiene = true;
  } else if (name == "timing") {
    timing = TimingLimits{};
  } else if (name == "timing:strict") {
    timing = TimingLimits::strict();
  } else if (name == "timing:permissive") {
    timing = TimingLimits::permissive();
  } else if (name == "local") {
    local = LocalLimits{};
  } else if (name == "local:strict") {
    local = LocalLimits::strict();
  } else if (name == "local:permissive") {
    local = LocalLimits::permissive();
  } else {
    return fail(Errc::invalid_config,
                "unknown overlay '" + std::string(name) +
                    "'; use hygiene, timing or local, the last two also as timing:strict or "
                    "timing:permissive");
  }
  return {};
}

void Overlay::check(const Event& e, std::optional<std::int64_t> now_ms, Findings& out) {
  if (selected_.hygiene) check_hygiene(e, out);
  timestamps(e, out);
  follow(e, now_ms, out);
  if (!selected_.local) return;
  counts(e, out);
  if (now_ms) clock(e, *now_ms, out);
}

void Overlay::timestamps(const Event& e, Findings& out) {
  if (!e.timestamp) return;
  const double at = *e.timestamp;
  if (selected_.hygiene && previous_ && at < *previous_) {
    out.add(8016, "the timestamp is lower than the one before", "/timestamp");
  }
  if (selected_.timing) {
    const TimingLimits& limits = *selected_.timing;
    if (previous_ && at - *previous_ > static_cast<double>(limits.gap)) {
      out.add(8030, "nothing came for longer than the limit", "/timestamp");
    }
    if (latest_ && *latest_ - at > static_cast<double>(limits.skew)) {
      out.add(8037, "the timestamp lags behind the latest one", "/timestamp");
    }
    if (exceeds(seconds_, static_cast<std::int64_t>(std::floor(at / 1'000)), limits.per_second)) {
      out.add(8035, "more events in a second than the limit", "/timestamp");
    }
    if (exceeds(minutes_, static_cast<std::int64_t>(std::floor(at / 60'000)), limits.per_minute)) {
      out.add(8036, "more events in a minute than the limit", "/timestamp");
    }
  }
  previous_ = at;
  latest_ = latest_ ? std::max(*latest_, at) : at;
}

bool Overlay::exceeds(Buckets& buckets, std::int64_t bucket, std::uint32_t limit) {
  constexpr std::size_t buckets_max = 64;  // old ones are complete but for stragglers
  Bucket& held = buckets[bucket];
  const bool over = ++held.events > limit && !std::exchange(held.reported, held.events > limit);
  if (buckets.size() > buckets_max) buckets.erase(buckets.begin());
  return over;
}

void Overlay::begin(Key key, const Event& e, std::optional<std::int64_t> now_ms) {
  const auto [it, fresh] = open_.insert_or_assign(std::move(key), Open{e.timestamp, now_ms});
  if (!fresh) return;
  if (it->first.first == Item::message) ++open_messages_;
  if (it->first.first == Item::tool) ++open_calls_;
}

void Overlay::touch(const Key& key, bool content, std::optional<std::int64_t> now_ms) {
  const auto it = open_.find(key);
  if (it == open_.end()) return;
  it->second.has_content |= content;
  it->second.last_arrival = now_ms;
  it->second.stall_reported = false;
}

void Overlay::end(const Key& key, const Event& e, Findings& out) {
  const auto it = open_.find(key);
  if (it == open_.end()) return;
  const Item item = key.first;
  const bool holds_content = item == Item::message || item == Item::tool;
  if (selected_.hygiene && holds_content && !it->second.has_content) {
    out.add(8018, quoted(key.second) + " ended without content");
  }
  if (selected_.timing && it->second.since && e.timestamp) {
    const TimingLimits& t = *selected_.timing;
    const std::int64_t limits[] = {t.run, t.message, t.tool, t.step};
    constexpr std::uint16_t codes[] = {8031, 8032, 8033, 8034};
    const auto at = static_cast<std::size_t>(item);
    if (*e.timestamp - *it->second.since > static_cast<double>(limits[at])) {
      out.add(codes[at], quoted(key.second) + " took longer than the limit", "/timestamp");
    }
  }
  if (item == Item::message) --open_messages_;
  if (item == Item::tool) --open_calls_;
  open_.erase(it);
}

void Overlay::follow(const Event& e, std::optional<std::int64_t> now_ms, Findings& out) {
  const auto message = [&](char kind) {
    return Key(Item::message, kind + std::string(*e.message_id));
  };
  const auto call = [&] { return Key(Item::tool, *e.tool_call_id); };
  const auto step = [&] {
    return Key(Item::step,
               std::string(e.subagent_run_id.value_or("")) + '\0' + std::string(*e.name));
  };
  touch({Item::run, ""}, false, now_ms);
  switch (e.kind) {
    case Kind::run_started:
      open_.clear();
      open_messages_ = open_calls_ = 0;
      begin({Item::run, ""}, e, now_ms);
      break;
    case Kind::run_finished:
    case Kind::run_error:
      end({Item::run, ""}, e, out);
      open_.clear();
      open_messages_ = open_calls_ = 0;
      break;
    case Kind::text_message_start:
      begin(message('t'), e, now_ms);
      break;
    case Kind::text_message_content:
      touch(message('t'), true, now_ms);
      break;
    case Kind::text_message_end:
      end(message('t'), e, out);
      break;
    case Kind::reasoning_message_start:
      begin(message('r'), e, now_ms);
      break;
    case Kind::reasoning_message_content:
      touch(message('r'), true, now_ms);
      break;
    case Kind::reasoning_message_end:
      end(message('r'), e, out);
      break;
    case Kind::tool_call_start:
      begin(call(), e, now_ms);
      break;
    case Kind::tool_call_args:
      touch(call(), true, now_ms);
      break;
    case Kind::tool_call_end:
      end(call(), e, out);
      break;
    case Kind::step_started:
      begin(step(), e, now_ms);
      break;
    case Kind::step_finished:
      end(step(), e, out);
      break;
    default:
      break;
  }
}

}  // namespace vouch::validator
