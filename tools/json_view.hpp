// Short questions to a JSON tree of known shape; absent members read as empty.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "vouch/schemas/json_value.hpp"

namespace vouch::tools {

std::uint64_t number(const json::Value& object, std::string_view name);
bool flag(const json::Value& object, std::string_view name);
std::string text(const json::Value& object, std::string_view name);
const json::Array& list(const json::Value& object, std::string_view name);

}  // namespace vouch::tools
