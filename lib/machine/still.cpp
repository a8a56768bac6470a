// SPDX-License-Identifier: MIT
#include "vouch/machine/still.hpp"

#include <algorithm>

namespace vouch::machine {

void StillStreams::plan(const std::string& stream, Watch& watch, Instant due) {
  order_.erase({watch.due, stream});
  watch.due = due;
  order_.emplace(due, stream);
}

void StillStreams::watch(Instant now, const std::string& stream) {
  const auto [it, is_new] = watched_.try_emplace(stream, Watch{now, first_, {}});
  if (is_new) plan(stream, it->second, now + first_);
}

std::optional<std::uint64_t> StillStreams::seen(const std::string& stream) const {
  const auto it = watched_.find(stream);
  return it == watched_.end() ? std::nullopt : it->second.entries;
}

void StillStreams::again(Instant now, const std::string& stream, std::uint64_t entries) {
  const auto it = watched_.find(stream);
  if (it == watched_.end()) return;
  Watch& watch = it->second;
  watch.wait = watch.entries == entries ? std::min(watch.wait * 2, longest) : first_;
  watch.entries = entries;
  plan(stream, watch, now + watch.wait);
}

void StillStreams::forget(const std::string& stream) {
  const auto it = watched_.find(stream);
  if (it == watched_.end()) return;
  order_.erase({it->second.due, stream});
  watched_.erase(it);
}

std::vector<std::string> StillStreams::due(Instant now) const {
  std::vector<std::string> out;
  for (auto it = order_.begin(); it != order_.end() && it->first <= now; ++it) {
    out.push_back(it->second);
  }
  return out;
}

std::optional<Instant> StillStreams::next_deadline() const {
  if (order_.empty()) return std::nullopt;
  return order_.begin()->first;
}

}  // namespace vouch::machine
