// Rules 90xx: what one peer sees by its own clock, and its own policy.
// SPDX-License-Identifier: MIT
#include "vouch/validator/date.hpp"
#include "vouch/validator/overlay.hpp"
#include "vouch/validator/owners.hpp"

namespace vouch::validator {

void Overlay::clock(const Event& e, std::int64_t now_ms, Findings& out) {
  const LocalLimits& limits = *selected_.local;
  if (exceeds(arrivals_, now_ms / 1'000, limits.burst)) {
    out.add(9004, "more events arrive in a second than the limit");
  }
  if (!e.timestamp) return;
  const double ahead = *e.timestamp - static_cast<double>(now_ms);
  if (ahead > static_cast<double>(limits.future)) {
    out.add(9001, "the timestamp is in the future", "/timestamp");
  } else if (-ahead > static_cast<double>(limits.stale)) {
    out.add(9002, "the timestamp is older than a day", "/timestamp");
  } else if (-ahead > static_cast<double>(limits.drift)) {
    out.add(9003, "the timestamp is far from the time of arrival", "/timestamp");
  }
}

void Overlay::counts(const Event& e, Findings& out) {
  const LocalLimits& limits = *selected_.local;
  events_of_run_ = e.kind == Kind::run_started ? 1 : events_of_run_ + 1;
  if (events_of_run_ == limits.events_per_run + 1) {
    out.add(9011, "the run has more events than the limit");
  }
  const bool message =
      e.kind == Kind::text_message_start || e.kind == Kind::reasoning_message_start;
  if (message && open_messages_ == limits.open_messages + 1) {
    out.add(9012, "more messages are open than the limit");
  }
  if (e.kind == Kind::tool_call_start && open_calls_ == limits.open_calls + 1) {
    out.add(9012, "more calls are open than the limit");
  }
}

void Overlay::check_answers(const Event& e, const ThreadState& thread,
                            std::optional<std::int64_t> now_ms, Findings& out) const {
  if (!selected_.local || !now_ms || e.kind != Kind::run_started || e.input == nullptr) return;
  const json::Value* resume = e.input->find("resume");
  const auto* entries = resume == nullptr ? nullptr : resume->get<json::Array>();
  if (entries == nullptr) return;
  for (std::size_t i = 0; i < entries->size(); ++i) {
    const json::Value& entry = (*entries)[i];
    if (*entry.find_text("status") != "resolved") continue;
    const std::string& id = *entry.find_text("interruptId");
    const auto held = thread.interrupts.find(id);
    if (held == thread.interrupts.end() || !held->second.expires_at) continue;
    // The text is free; one that is no date never expires.
    const auto expires = read_date(*held->second.expires_at);
    if (!expires || *expires > *now_ms) continue;
    out.add(9006, "interrupt " + quoted(id) + " had expired when it was answered",
            "/input/resume/" + std::to_string(i));
  }
}

void Overlay::check_stall(std::int64_t now_ms, Findings& out) {
  if (!selected_.local) return;
  const TimingLimits& stall = selected_.local->stall;
  const std::int64_t limits[] = {stall.run, stall.message, stall.tool, stall.step};
  constexpr const char* words[] = {"the run", "a message", "a call", "a step"};
  for (auto& [key, open] : open_) {
    const auto item = static_cast<std::size_t>(key.first);
    if (!open.last_arrival || open.stall_reported) continue;
    if (now_ms - *open.last_arrival <= limits[item]) continue;
    open.stall_reported = true;
    out.add(9005, std::string(words[item]) + " has been silent for longer than the limit");
  }
}

}  // namespace vouch::validator
