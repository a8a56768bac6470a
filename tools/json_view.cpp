// SPDX-License-Identifier: MIT
#include "tools/json_view.hpp"

namespace vouch::tools {

std::uint64_t number(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  if (value == nullptr) return 0;
  if (const auto* u = value->get<std::uint64_t>()) return *u;
  if (const auto* i = value->get<std::int64_t>()) return static_cast<std::uint64_t>(*i);
  return 0;
}

bool flag(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  const bool* set = value == nullptr ? nullptr : value->get<bool>();
  return set != nullptr && *set;
}

std::string text(const json::Value& object, std::string_view name) {
  const std::string* found = object.find_text(name);
  return found == nullptr ? "" : *found;
}

const json::Array& list(const json::Value& object, std::string_view name) {
  static const json::Array none;
  const json::Value* value = object.find(name);
  const auto* array = value == nullptr ? nullptr : value->get<json::Array>();
  return array == nullptr ? none : *array;
}

}  // namespace vouch::tools
