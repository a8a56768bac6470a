// The table of rules: number, id, severity per profile, rule sets, what was expected and what to
// do. Code names rules by their number; everything else about a rule stands in the table once.
// The table itself is in rule_table_*.hpp, which only rules.cpp includes.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "vouch/validator/rule_set.hpp"
#include "vouch/validator/verdict.hpp"

namespace vouch::validator {

/// Where a rule comes from; together with the profile it gives the severity.
enum class RuleClass : std::uint8_t {
  consumer,   ///< C: a consumer must reject
  producer,   ///< P: a producer must not, and it breaks an identity or a stated fact
  tolerated,  ///< Pw: a producer must not, without effect on any other rule
  warning,    ///< W: the specification says: warn and go on
  should,     ///< S: a recommendation or a stated convention
  ours,       ///< O: the specification is silent
};
std::string_view letter_of(RuleClass rule_class);

/// Class, and the severity under each profile.
struct Standing {
  RuleClass rule_class;
  Severity strict;
  Severity consumer;
};

/// What a rule is judged on.
enum class Scope : std::uint8_t {
  stream,   ///< one event with its stream before it
  thread,   ///< streams that share a thread: reported, never voted
  input,    ///< an input document, or a stream against its input document
  overlay,  ///< the optional overlay `hygiene`: deterministic, voted only when raised to fatal
  local,    ///< a clock or local policy: warnings of this peer, never shared as a verdict
};
std::string_view name_of(Scope scope);

/// Bits of Rule::sets.
namespace sets {
inline constexpr std::uint8_t agui_1_1 = 1;
inline constexpr std::uint8_t agui_1_0 = 2;
inline constexpr std::uint8_t agui_0_0_58 = 4;
inline constexpr std::uint8_t sequence_only = 8;  ///< also judged in sequence-only mode
}  // namespace sets

/// A family of rules, one page of docs/rules.
enum class Family : std::uint8_t {
  decode,
  structure,
  boundary,
  runs,
  steps,
  text,
  tools,
  reasoning,
  thinking,
  chunks,
  subagents,
  state,
  thread,
  input,
  hygiene,
  timing,
  local,
};
inline constexpr std::size_t family_count = 17;
struct FamilyInfo {
  std::string_view page;   ///< file name in docs/rules without its ending
  std::string_view title;  ///< heading of the page
  std::string_view about;  ///< what the rules of this family look at
  std::string_view spec;   ///< page of the AG-UI 1.1 specification, "" where that is silent
};
const FamilyInfo& info_of(Family family);

/// How far an override may move a severity.
enum class Reach : std::uint8_t {
  free,          ///< to anything
  not_below,     ///< not below its default: what comes after builds on this rule
  not_to_fatal,  ///< up to warning only: its findings never enter a verdict code
};

struct Rule {
  std::uint16_t code;
  std::string_view id;
  Standing standing;
  std::uint8_t sets;
  Family family;
  std::string_view expected;    ///< what holds when the rule has nothing to say
  std::string_view suggestion;  ///< what to do, for whoever wrote the producer
  Scope scope = Scope::stream;
  Reach reach = Reach::free;

  bool belongs_to(Protocol protocol) const;
};

/// All of them by ascending number.
std::span<const Rule> rules();
/// Null when there is no such rule.
const Rule* find_rule(std::uint16_t code);
/// By number ("3001") or id ("text.already-open"); null when there is no such rule.
const Rule* find_rule(std::string_view name);
/// The id nearest to `name`, for hints; "" when nothing is near.
std::string_view nearest_rule(std::string_view name);
Severity severity_of(const Rule& rule, Profile profile);
/// What to do about a finding of that rule; "" for a number that is not in the table.
std::string_view suggestion_of(std::uint16_t code);
/// Path of the rule's page below the root of the repository, e.g. "docs/rules/text.md#3001".
std::string page_of(const Rule& rule);

}  // namespace vouch::validator
