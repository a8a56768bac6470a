// The pages of docs/rules, written from the table of rules and the examples beside the pages.
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "vouch/validator/rules.hpp"

namespace vouch::tools {

/// Text of each page by file name, the index as README.md. `examples` holds NNNN.jsonl files:
/// streams whose last event (or whose end) breaks rule NNNN.
std::map<std::string, std::string> rule_pages(const std::filesystem::path& examples);

/// "fatal", "warning" or "info" under both profiles, in a few words.
std::string severity_text(const validator::Rule& rule);
/// The rule sets that have the rule, in a few words.
std::string sets_text(const validator::Rule& rule);

}  // namespace vouch::tools
