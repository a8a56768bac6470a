// One peer's judgement of one event: a value, a pure function of (rule set, events 0..index).
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vouch::validator {

enum class Severity : std::uint8_t { info, warning, fatal };
enum class Outcome : std::uint8_t { accepted, warned, rejected, unjudged };

std::string_view name_of(Severity severity);
std::string_view name_of(Outcome outcome);

/// Verdict codes as heads hash them: 0 accepted or warned, the rule number when rejected.
inline constexpr std::uint16_t code_accepted = 0;
inline constexpr std::uint16_t code_unjudged = 65535;

/// One rule that an event touched. `message` and suggestion() are for people and never hashed.
struct Finding {
  std::int64_t index = 0;  ///< of the event; -1 for what is found when the stream closes
  std::uint16_t code = 0;  ///< rule number, see rules.hpp
  Severity severity = Severity::info;
  std::string message;
  std::string pointer;  ///< RFC 6901, into the event as it was sent; "" = the whole event
  std::optional<std::int64_t> related;  ///< index of an earlier event that this one conflicts with

  /// What to do about it, from the table of rules; "" for the number of a custom rule.
  std::string_view suggestion() const;
  bool operator==(const Finding&) const = default;
};

struct Verdict {
  std::int64_t index = 0;
  Outcome outcome = Outcome::accepted;
  std::uint16_t code = code_accepted;
  std::vector<Finding> findings;  ///< in the order of the pipeline; at most one is fatal

  bool operator==(const Verdict&) const = default;
};

/// Rejected, warned or accepted, by the gravest of the findings.
Outcome outcome_of(const std::vector<Finding>& findings);

}  // namespace vouch::validator
