// What a dump's peer holds, and how far one is behind another.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "vouch/schemas/json_value.hpp"

namespace vouch::tools {

/// "writer.incarnation" -> last record.
using Frontier = std::map<std::string, std::uint64_t>;

Frontier frontier_of(const json::Value& dump);

/// Records that `to` holds and `from` lacks.
std::uint64_t behind(const Frontier& from, const Frontier& to);

}  // namespace vouch::tools
