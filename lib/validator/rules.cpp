// SPDX-License-Identifier: MIT
#include "vouch/validator/rules.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ranges>

#include "vouch/schemas/nearest.hpp"
#include "vouch/validator/rule_table_items.hpp"
#include "vouch/validator/rule_table_overlay.hpp"
#include "vouch/validator/rule_table_runs.hpp"
#include "vouch/validator/rule_table_shared.hpp"
#include "vouch/validator/rule_table_structure.hpp"

namespace vouch::validator {
namespace {

template <std::size_t... Sizes>
constexpr auto joined(const Rule (&... parts)[Sizes]) {
  std::array<Rule, (Sizes + ...)> out{};
  auto at = out.begin();
  ((at = std::copy(std::begin(parts), std::end(parts), at)), ...);
  return out;
}

constexpr auto all = joined(table::structure_rules, table::run_rules, table::item_rules,
                            table::shared_rules, table::overlay_rules);
static_assert(std::ranges::adjacent_find(all, std::ranges::greater_equal(), &Rule::code) ==
                  all.end(),
              "the table ascends by number");

constexpr FamilyInfo families[] = {
    {"decode", "Decoding", "The bytes of one event, before anything is known about its type.",
     "basic/index"},
    {"structure", "Structure", "One event against the fields of its type.", "schema"},
    {"boundary", "Unknown and retired material",
     "What a consumer drops, strips or translates before it judges; the event goes on without it.",
     "basic/processing"},
    {"runs", "Runs", "How runs start and end, and what they say about themselves.",
     "events/lifecycle"},
    {"steps", "Steps", "Steps inside a run, one name per owner at a time.", "events/lifecycle"},
    {"text", "Text messages", "Messages that are streamed in start, content and end.",
     "events/text-messages"},
    {"tools", "Tool calls", "Calls, their arguments and their results.", "events/tool-calls"},
    {"reasoning", "Reasoning", "Reasoning spans, reasoning messages and encrypted values.",
     "events/reasoning"},
    {"thinking", "Thinking (0.0.58)", "The retired THINKING_* events, judged by agui-0.0.58 only.",
     ""},
    {"chunks", "Chunks", "Chunk events, which open, continue and close items by themselves.",
     "basic/patterns/streaming"},
    {"subagents", "Subagents", "Subagents and what they own.", "events/subagents"},
    {"state", "State, activities, snapshots", "What events do to the documents they describe.",
     "events/state"},
    {"thread", "Threads", "What crosses the runs and the streams of one thread.",
     "basic/patterns/interrupt-resume"},
    {"input", "Input documents", "A RunAgentInput by itself, and a stream against it.",
     "basic/run-input"},
    {"hygiene", "Overlay hygiene", "Optional. Never fatal unless an override says so.", ""},
    {"timing", "Overlay hygiene: timing",
     "Optional. Computed from the timestamps of the events; warnings only.", ""},
    {"local", "Local policy",
     "Optional. Needs a clock or the order of arrival: warnings of one peer, never shared.", ""},
};
static_assert(std::size(families) == family_count);

}  // namespace

std::string_view letter_of(RuleClass rule_class) {
  constexpr std::string_view letters[] = {"C", "P", "Pw", "W", "S", "O"};
  return letters[static_cast<std::size_t>(rule_class)];
}

std::string_view name_of(Scope scope) {
  constexpr std::string_view names[] = {"stream", "thread", "input", "overlay", "local"};
  return names[static_cast<std::size_t>(scope)];
}

const FamilyInfo& info_of(Family family) {
  return families[static_cast<std::size_t>(family)];
}

bool Rule::belongs_to(Protocol protocol) const {
  return (sets >> static_cast<unsigned>(protocol) & 1U) != 0;
}

std::span<const Rule> rules() {
  return all;
}

const Rule* find_rule(std::uint16_t code) {
  const auto found = std::ranges::lower_bound(all, code, {}, &Rule::code);
  return found == all.end() || found->code != code ? nullptr : &*found;
}

const Rule* find_rule(std::string_view name) {
  std::uint16_t code = 0;
  const auto read = std::from_chars(name.data(), name.data() + name.size(), code);
  if (read.ec == std::errc() && read.ptr == name.data() + name.size()) return find_rule(code);
  const auto found = std::ranges::find(all, name, &Rule::id);
  return found == all.end() ? nullptr : &*found;
}

std::string_view nearest_rule(std::string_view name) {
  for (const Rule& rule : all) {  // the second half of an id is what people remember
    const auto dot = rule.id.find('.');
    if (dot != std::string_view::npos && rule.id.substr(dot + 1) == name) return rule.id;
  }
  return nearest(name, all | std::views::transform(&Rule::id), name.size() / 3);
}

Severity severity_of(const Rule& rule, Profile profile) {
  return profile == Profile::strict ? rule.standing.strict : rule.standing.consumer;
}

std::string_view suggestion_of(std::uint16_t code) {
  const Rule* rule = find_rule(code);
  return rule == nullptr ? std::string_view() : rule->suggestion;
}

std::string page_of(const Rule& rule) {
  return "docs/rules/" + std::string(info_of(rule.family).page) + ".md#" +
         std::to_string(rule.code);
}

}  // namespace vouch::validator
