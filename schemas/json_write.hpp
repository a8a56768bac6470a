// A Value as compact JSON text, members in their own order: for output of tools. Not the canonical
// form.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "vouch/schemas/json_value.hpp"

namespace vouch::json {

std::string to_text(const Value& value);

}  // namespace vouch::json
