// Which rules judge a stream. All of it is part of the id that heads and votes are bound to.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "vouch/schemas/error.hpp"

namespace vouch::validator {

enum class Protocol : std::uint8_t { agui_1_1, agui_1_0 };
/// strict: is this producer correct. consumer: what a conforming client would do.
enum class Profile : std::uint8_t { strict, consumer };

struct RuleSet {
  Protocol protocol = Protocol::agui_1_1;
  Profile profile = Profile::strict;
  bool compat = true;  ///< the compatibility boundary for retired events

  bool operator==(const RuleSet&) const = default;

  /// Canonical text, e.g. "agui-1.1/strict/compat".
  std::string id() const;
  /// Reads what id() wrote; also a bare protocol name ("agui-1.1"), which takes the defaults.
  static Result<RuleSet> parse(std::string_view text);
};

}  // namespace vouch::validator
