// Which rules judge a stream. All of it is part of the id that heads and votes are bound to; what
// a peer only reports differently is in policy.hpp.
// SPDX-License-Identifier: MIT
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vouch/schemas/error.hpp"

namespace vouch::validator {

/// See StreamValidator::state_at.
inline constexpr std::uint64_t state_interval = 1024;

enum class Protocol : std::uint8_t { agui_1_1, agui_1_0, agui_0_0_58 };
/// strict: is this producer correct. consumer: what a conforming client would do.
enum class Profile : std::uint8_t { strict, consumer };

/// What a rule that is touched comes to; off: it says nothing.
enum class Level : std::uint8_t { off, info, warning, fatal };
std::string_view name_of(Level level);
/// Reads off, info, warning, fatal, and error, which means fatal.
std::optional<Level> level_of(std::string_view name);

struct Override {
  std::uint16_t code;
  Level level;
  auto operator<=>(const Override&) const = default;
};

struct RuleSet {
  Protocol protocol = Protocol::agui_1_1;
  Profile profile = Profile::strict;
  /// The compatibility boundary for retired events; agui-0.0.58 has none, whatever stands here.
  bool compat = true;
  /// Levels that differ from the table and touch fatal, by ascending number. Made by make_policy
  /// or parse, which refuse what cannot be overridden.
  std::vector<Override> overrides = {};
  /// Ids of the pure custom rules, sorted.
  std::vector<std::string> custom = {};

  bool operator==(const RuleSet&) const = default;

  /// The protocol is one of the 1.x.
  bool modern() const { return protocol != Protocol::agui_0_0_58; }
  /// Canonical text, e.g. "agui-1.1/strict/compat", with overrides and custom rules behind it:
  /// "agui-1.1/strict/compat/2006=warning,8001=fatal/+acme.no-secrets@1".
  std::string id() const;
  /// Reads what id() wrote; also a bare protocol name ("agui-1.1"), which takes the defaults.
  static Result<RuleSet> parse(std::string_view text);
};

}  // namespace vouch::validator
