// An instance as people see it: who said what, and where chains part. Nothing here decides.
// SPDX-License-Identifier: MIT
#include "vouch/consensus/instance.hpp"

namespace vouch::consensus {
namespace {

/// Of two words of a view the later one: a voter leaves for a view, prepares in it, commits.
bool is_further(const Voice& one, const Voice& other) {
  const auto place = [](const Voice& voice) {
    const bool vote = voice.phase == Phase::prepare || voice.phase == Phase::commit;
    return std::tuple(voice.view, vote, voice.phase);
  };
  return place(one) > place(other);
}

}  // namespace

std::map<PeerId, Voice> Instance::voices() const {
  std::map<PeerId, Voice> out;
  const auto hear = [&out](const PeerId& voter, const Statement& s) {
    const Voice voice{s.phase, s.view, s.value};
    const auto [held, fresh] = out.try_emplace(voter, voice);
    if (!fresh && is_further(voice, held->second)) held->second = voice;
  };
  for (const auto& [voter, change] : changes_) hear(voter, change.vote.statement);
  for (const Cast& vote : votes_.all()) hear(vote->voter, vote->statement);
  for (const auto& [place, statement] : own_) hear(setting_.self(), statement);
  return out;
}

std::optional<std::uint64_t> Instance::parting() const {
  const LinkList* first = nullptr;
  std::optional<std::uint64_t> out;
  for (const auto& [voter, change] : changes_) {
    if (!change.links) continue;
    if (first == nullptr) first = &*change.links;
    const std::uint64_t from = std::max(first->first, change.links->first);
    const std::uint64_t end = std::min(first->size(), change.links->size());
    for (std::uint64_t i = from; i < end && (!out || i < *out); ++i) {
      if (first->entries[i - first->first] != change.links->entries[i - change.links->first]) {
        out = i;
      }
    }
  }
  return out;
}

}  // namespace vouch::consensus
