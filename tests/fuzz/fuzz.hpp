// What every target shares: the entry point as a function of text, and a check that ends the
// process, by which libFuzzer keeps the input. Rule sets and modes are picked by one byte of it.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "vouch/crdt/check.hpp"
#include "vouch/validator/mode.hpp"
#include "vouch/validator/rule_set.hpp"

namespace vouch::fuzz {

/// The target: any bytes. It comes back, or a VOUCH_CHECK says what is wrong.
void run(std::string_view input);

/// Takes the first byte; 0 when there is none.
inline std::uint8_t take_byte(std::string_view& input) {
  if (input.empty()) return 0;
  const auto byte = static_cast<std::uint8_t>(input.front());
  input.remove_prefix(1);
  return byte;
}

/// Protocol by the low two bits, profile and compatibility by the next two.
inline validator::RuleSet rules_of(std::uint8_t byte) {
  using validator::Protocol;
  constexpr Protocol protocols[] = {Protocol::agui_1_1, Protocol::agui_1_0, Protocol::agui_0_0_58,
                                    Protocol::agui_1_1};
  validator::RuleSet rules;
  rules.protocol = protocols[byte & 3];
  rules.profile = (byte & 4) != 0 ? validator::Profile::consumer : validator::Profile::strict;
  rules.compat = (byte & 8) == 0;
  return rules;
}

/// The ordinary mode unless the two bits above those of rules_of are set.
inline validator::Mode mode_of(std::uint8_t byte) {
  return {.sequence_only = (byte & 48) == 48, .continues = (byte & 16) != 0};
}

}  // namespace vouch::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vouch::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
