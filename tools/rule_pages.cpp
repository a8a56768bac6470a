// SPDX-License-Identifier: MIT
#include "tools/rule_pages.hpp"

#include <fstream>
#include <sstream>

#include <fmt/format.h>

namespace vouch::tools {
namespace {

using validator::Family;
using validator::FamilyInfo;
using validator::Rule;

constexpr const char* generated =
    "<!-- Written by rule-docs from the table of rules; edit lib/validator/rule_table_*.hpp and "
    "examples/. -->\n";

constexpr const char* index_about = R"(
# Rules

Every finding carries the number of its rule. `vouch-peer rules 3001` prints one rule,
`vouch-peer rules` the whole list.

**Class.** C: a consumer must reject. P: a producer must not, and it breaks an identity or a stated
fact. Pw: a producer must not, without effect on any other rule. W: the specification says warn and
go on. S: a recommendation or a stated convention. O: the specification is silent, the rule is ours.

**Severity.** Fatal findings reject the event and are voted on; warnings and infos never are.
Profile `strict` asks whether the producer is correct, profile `consumer` what a conforming client
would do. A severity can be changed by name or number (`[rules]` in the config, `Policy` in code) to
`off`, `info`, `warning` or `fatal`. A change that touches fatal changes the id of the rule set and
with it every head: peers of one cluster then need the same change. All other changes stay local.

**Rule sets.** `agui-1.1` (default), `agui-1.0`, `agui-0.0.58`; "sequence-only" marks rules that are
also judged in that mode.
)";

std::string fixed_text(const Rule& rule) {
  switch (rule.reach) {
    case validator::Reach::free:
      return "";
    case validator::Reach::not_below:
      return " Cannot be lowered: later rules build on it.";
    case validator::Reach::not_to_fatal:
      return " Cannot be raised to fatal.";
  }
  return "";
}

std::string file_text(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string entry(const Rule& rule, const std::filesystem::path& examples) {
  std::string out = fmt::format("\n<a id=\"{}\"></a>\n## {} {}\n\n", rule.code, rule.code, rule.id);
  out += fmt::format("Expected: {}.\n\n{}\n\n", rule.expected, rule.suggestion);
  out += fmt::format("Class {}, {}.{} Rule sets: {}. Scope: {}.\n",
                     validator::letter_of(rule.standing.rule_class), severity_text(rule),
                     fixed_text(rule), sets_text(rule), validator::name_of(rule.scope));
  const std::string example = file_text(examples / fmt::format("{}.jsonl", rule.code));
  if (example.empty()) return out;
  const bool at_close = rule.code == 2010 || rule.code == 2011;
  out += fmt::format("\n{} breaks it:\n\n```json\n{}```\n",
                     at_close ? "The end of this stream" : "The last event", example);
  return out;
}

std::string page(Family family, const std::filesystem::path& examples) {
  const FamilyInfo& info = validator::info_of(family);
  std::string out = fmt::format("{}\n# {}\n\n{}\n", generated, info.title, info.about);
  if (!info.spec.empty()) {
    out += fmt::format("\nAG-UI 1.1 specification: page `{}`.\n", info.spec);
  }
  for (const Rule& rule : validator::rules()) {
    if (rule.family == family) out += entry(rule, examples);
  }
  return out;
}

std::string index() {
  std::string out = fmt::format("{}{}", generated, index_about);
  for (std::size_t i = 0; i < validator::family_count; ++i) {
    const auto family = static_cast<Family>(i);
    const FamilyInfo& info = validator::info_of(family);
    out += fmt::format("\n## [{}]({}.md)\n\n| rule | id | class | severity | expected |\n",
                       info.title, info.page);
    out += "|---|---|---|---|---|\n";
    for (const Rule& rule : validator::rules()) {
      if (rule.family != family) continue;
      out += fmt::format("| [{}]({}.md#{}) | {} | {} | {} | {} |\n", rule.code, info.page,
                         rule.code, rule.id, validator::letter_of(rule.standing.rule_class),
                         severity_text(rule), rule.expected);
    }
  }
  return out;
}

}  // namespace

std::string severity_text(const Rule& rule) {
  const auto strict = validator::name_of(rule.standing.strict);
  const auto consumer = validator::name_of(rule.standing.consumer);
  return strict == consumer ? std::string(strict)
                            : fmt::format("{} ({} for profile consumer)", strict, consumer);
}

std::string sets_text(const Rule& rule) {
  std::string out;
  const auto add = [&](std::uint8_t bit, std::string_view name) {
    if ((rule.sets & bit) != 0) out += fmt::format("{}{}", out.empty() ? "" : ", ", name);
  };
  add(validator::sets::agui_1_1, "agui-1.1");
  add(validator::sets::agui_1_0, "agui-1.0");
  add(validator::sets::agui_0_0_58, "agui-0.0.58");
  add(validator::sets::sequence_only, "sequence-only");
  return out;
}

std::map<std::string, std::string> rule_pages(const std::filesystem::path& examples) {
  std::map<std::string, std::string> out{{"README.md", index()}};
  for (std::size_t i = 0; i < validator::family_count; ++i) {
    const auto family = static_cast<Family>(i);
    out.emplace(std::string(validator::info_of(family).page) + ".md", page(family, examples));
  }
  return out;
}

}  // namespace vouch::tools
