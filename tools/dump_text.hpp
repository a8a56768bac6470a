// A dump for people, and the comparison of several.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "vouch/schemas/json_value.hpp"

namespace vouch::tools {

struct NamedDump {
  std::string name;
  json::Value dump;
};

void print_dump(const json::Value& dump);

/// Where peers differ, and how far each pair is from equal. True when all are equal.
bool print_diff(const std::vector<NamedDump>& dumps, bool as_json);

}  // namespace vouch::tools
