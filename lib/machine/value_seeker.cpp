// SPDX-License-Identifier: MIT
#include "vouch/machine/value_seeker.hpp"

#include <algorithm>

namespace vouch::machine {
namespace {

constexpr std::size_t sought_max = 1024;
constexpr int asked_max = 60;  ///< so often, and whoever waits has to ask again
constexpr Duration rest{std::chrono::seconds(1)};

}  // namespace

void ValueSeeker::seek(Instant now, const SubjectId& proposal, const std::string& name) {
  if (sought_.size() == sought_max && !sought_.contains(proposal)) return;
  sought_.try_emplace(proposal, Sought{name, now}).first->second.asked = 0;
}

std::optional<std::string> ValueSeeker::name_of(const SubjectId& proposal) const {
  const auto it = sought_.find(proposal);
  return it == sought_.end() ? std::nullopt : std::optional(it->second.name);
}

void ValueSeeker::on_tick(Instant now, const std::vector<PeerId>& others, Outbox& out) {
  for (auto it = sought_.begin(); it != sought_.end();) {
    auto& [proposal, sought] = *it;
    if (now >= sought.due && sought.asked == asked_max) {
      it = sought_.erase(it);
      continue;
    }
    ++it;
    if (now < sought.due) continue;
    for (const PeerId& voter : others) out.send(voter, AskValue{proposal});
    ++sought.asked;
    sought.due = now + rest;
  }
}

std::optional<Instant> ValueSeeker::next_deadline() const {
  std::optional<Instant> next;
  for (const auto& [proposal, sought] : sought_) {
    next = next ? std::min(*next, sought.due) : sought.due;
  }
  return next;
}

}  // namespace vouch::machine
