// vouch-dump disputes: where voters differ or differed, who said what, and how it ended.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/schemas/json_value.hpp"

namespace vouch::tools {

/// Shows the disputes in a dump; gives how many are open. `stream`: of this one alone; empty = all.
std::size_t print_disputes(const json::Value& dump, const std::string& stream, bool as_json);

}  // namespace vouch::tools
