// Which rules judge a stream. All of it is part of the id that heads and votes are bound to.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "vouch/schemas/error.hpp"

namespace vouch::validator {

enum class Protocol : std::uint8_t { agui_1_1, agui_1_0, agui_0_0_58 };
/// strict: is this producer correct. consumer: what a conforming client would do.
enum class Profile : std::uint8_t { strict, consumer };

struct RuleSet {
  Protocol protocol = Protocol::agui_1_1;
  Profile profile = Profile::strict;
  /// The compatibility boundary for retired events; agui-0.0.58 has none, whatever stands here.
  bool compat = true;

  bool operator==(const RuleSet&) const = default;

  /// The protocol is one of the 1.x.
  bool modern() const { return protocol != Protocol::agui_0_0_58; }
  /// Canonical text, e.g. "agui-1.1/strict/compat".
  std::string id() const;
  /// Reads what id() wrote; also a bare protocol name ("agui-1.1"), which takes the defaults.
  static Result<RuleSet> parse(std::string_view text);
};

}  // namespace vouch::validator
