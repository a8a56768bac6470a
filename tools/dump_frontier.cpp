// SPDX-License-Identifier: MIT
#include "tools/dump_frontier.hpp"

#include "tools/json_view.hpp"
#include <fmt/format.h>

namespace vouch::tools {

Frontier frontier_of(const json::Value& dump) {
  Frontier out;
  for (const json::Value& f : list(dump, "frontier")) {
    out[fmt::format("{}.{}", text(f, "writer"), number(f, "incarnation"))] = number(f, "last");
  }
  return out;
}

std::uint64_t behind(const Frontier& from, const Frontier& to) {
  std::uint64_t missing = 0;
  for (const auto& [writer, last] : to) {
    const auto held = from.find(writer);
    const std::uint64_t have = held == from.end() ? 0 : held->second;
    if (last > have) missing += last - have;
  }
  return missing;
}

}  // namespace vouch::tools
