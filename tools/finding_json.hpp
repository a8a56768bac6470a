// A finding as JSON, alike in every command: all members, in one order.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/schemas/json_value.hpp"
#include "vouch/validator/verdict.hpp"

namespace vouch::tools {

/// {"index","code","rule","severity","message","pointer","related","suggestion"}; `related` is null
/// when no earlier event is concerned.
json::Object finding_json(const validator::Finding& finding);

}  // namespace vouch::tools
