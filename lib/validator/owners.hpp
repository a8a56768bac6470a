// Small questions about ids and owners that several families of rules ask.
// SPDX-License-Identifier: MIT
#pragma once

#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "vouch/schemas/same_text.hpp"
#include "vouch/validator/event.hpp"
#include "vouch/validator/run_state.hpp"

namespace vouch::validator {

/// An id as a key. Structure makes sure that there is one; sequence-only mode takes "absent" for
/// one more id. The byte 0xFE never occurs on the wire.
inline std::string_view key_of(const Text& id) {
  return id ? *id : std::string_view("\xFE");
}

/// items.find(id). Most often one is open, and that is it.
inline OpenItems::iterator find_open(OpenItems& items, std::string_view id) {
  const auto first = items.begin();
  return first != items.end() && same_text(first->first, id) ? first : items.find(id);
}

/// items.find(id). Many ids ascend, and most often the newest is asked for, or a new one: then it
/// costs one comparison, however many there are.
auto find_newest(auto& items, std::string_view id) {
  if (items.empty()) return items.end();
  const auto last = std::prev(items.end());
  const int order = id.compare(last->first);
  return order > 0 ? items.end() : order == 0 ? last : items.find(id);
}

/// The place of an id among items, made if there is none. Most often it is the newest.
auto& place_of(auto& items, std::string_view id) {
  return items.try_emplace(items.end(), std::string(id))->second;
}

inline Owner owner_of(const Event& e) {
  return e.subagent_run_id ? Owner(std::string(*e.subagent_run_id)) : Owner();
}

/// Somebody else than `tag` is the recorded owner of `id`.
inline bool contradicts(std::string_view tag, const OwnerMap& owners, std::string_view id) {
  const auto entry = owners.find(id);
  return entry != owners.end() && (!entry->second || *entry->second != tag);
}

/// A tag that contradicts the recorded owner of `id`. Untagged events agree with anyone.
inline bool tag_contradicts(const Event& e, const OwnerMap& owners, std::string_view id) {
  return e.subagent_run_id && contradicts(*e.subagent_run_id, owners, id);
}

inline std::optional<std::string> optional_text(const json::Value& object, std::string_view name) {
  const std::string* text = object.find_text(name);
  return text == nullptr ? std::nullopt : std::optional(*text);
}

inline std::string quoted(std::string_view id) {
  constexpr std::size_t shown_max = 64;
  return "'" + std::string(id.substr(0, shown_max)) + (id.size() > shown_max ? "…'" : "'");
}

}  // namespace vouch::validator
