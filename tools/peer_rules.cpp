// rules: the table of rules, or one rule by number or id, as text or JSON.
// SPDX-License-Identifier: MIT
#include "tools/commands.hpp"
#include "tools/rule_pages.hpp"
#include <fmt/format.h>

#include "vouch/schemas/json_write.hpp"
#include "vouch/validator/rules.hpp"

namespace vouch::tools {
namespace {

using validator::Rule;

json::Value json_of(const Rule& rule) {
  json::Array sets;
  for (const auto& [bit, name] : {std::pair{validator::sets::agui_1_1, "agui-1.1"},
                                  std::pair{validator::sets::agui_1_0, "agui-1.0"},
                                  std::pair{validator::sets::agui_0_0_58, "agui-0.0.58"}}) {
    if ((rule.sets & bit) != 0) sets.emplace_back(name);
  }
  return json::Object{
      {"code", std::uint64_t{rule.code}},
      {"rule", std::string(rule.id)},
      {"class", std::string(validator::letter_of(rule.standing.rule_class))},
      {"severity", std::string(validator::name_of(rule.standing.strict))},
      {"severity_consumer", std::string(validator::name_of(rule.standing.consumer))},
      {"rule_sets", std::move(sets)},
      {"sequence_only", (rule.sets & validator::sets::sequence_only) != 0},
      {"scope", std::string(validator::name_of(rule.scope))},
      {"expected", std::string(rule.expected)},
      {"suggestion", std::string(rule.suggestion)},
      {"page", validator::page_of(rule)}};
}

void print_json(const Rule& rule) {
  fmt::print("{}\n", json::to_text(json_of(rule)));
}

void print_text(const Rule& rule) {
  fmt::print("{} {}\n", rule.code, rule.id);
  fmt::print("  expected    {}\n", rule.expected);
  fmt::print("  suggestion  {}\n", rule.suggestion);
  fmt::print("  severity    {}, class {}\n", severity_text(rule),
             validator::letter_of(rule.standing.rule_class));
  fmt::print("  rule sets   {}\n", sets_text(rule));
  fmt::print("  scope       {}\n", validator::name_of(rule.scope));
  fmt::print("  page        {}\n", validator::page_of(rule));
}

void print_line(const Rule& rule) {
  const auto strict = validator::name_of(rule.standing.strict);
  const auto consumer = validator::name_of(rule.standing.consumer);
  fmt::print("{:<5} {:<38} {:<3} {:<8} {:<8} {}\n", rule.code, rule.id,
             validator::letter_of(rule.standing.rule_class), strict, consumer, rule.expected);
}

}  // namespace

int run_rules(const RulesOptions& options) {
  const bool as_json = options.format == "json";
  if (options.name.empty()) {
    if (!as_json) {
      fmt::print("{:<5} {:<38} {:<3} {:<8} {:<8} {}\n", "rule", "id", "", "strict", "consumer",
                 "expected");
    }
    for (const Rule& rule : validator::rules()) as_json ? print_json(rule) : print_line(rule);
    return exit_ok;
  }
  const Rule* rule = validator::find_rule(std::string_view(options.name));
  if (rule == nullptr) {
    const auto meant = validator::nearest_rule(options.name);
    return failed(fmt::format("no rule '{}'; {}", options.name,
                              meant.empty() ? "vouch-peer rules lists them all"
                                            : fmt::format("did you mean '{}'?", meant)));
  }
  as_json ? print_json(*rule) : print_text(*rule);
  return exit_ok;
}

}  // namespace vouch::tools
