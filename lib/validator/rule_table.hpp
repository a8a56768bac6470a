// Short words in which the table of rules is written. Included by the parts of the table only.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/validator/rules.hpp"

namespace vouch::validator::table {

inline constexpr auto fatal = Severity::fatal;
inline constexpr auto warn = Severity::warning;
inline constexpr auto note = Severity::info;

inline constexpr Standing C{RuleClass::consumer, fatal, fatal};
inline constexpr Standing P{RuleClass::producer, fatal, warn};
inline constexpr Standing Pw{RuleClass::tolerated, warn, warn};
inline constexpr Standing W{RuleClass::warning, warn, warn};
inline constexpr Standing Sw{RuleClass::should, warn, warn};
inline constexpr Standing Si{RuleClass::should, note, note};
inline constexpr Standing Of{RuleClass::ours, fatal, fatal};
inline constexpr Standing Ow{RuleClass::ours, warn, warn};
inline constexpr Standing Oi{RuleClass::ours, note, note};

inline constexpr std::uint8_t in_1_1 = sets::agui_1_1;
inline constexpr std::uint8_t in_L = sets::agui_0_0_58;
inline constexpr std::uint8_t in_10 = sets::agui_1_1 | sets::agui_1_0;
inline constexpr std::uint8_t in_10L = in_10 | in_L;
inline constexpr std::uint8_t in_10v = in_10 | sets::sequence_only;
inline constexpr std::uint8_t in_Lv = in_L | sets::sequence_only;
inline constexpr std::uint8_t in_10Lv = in_10L | sets::sequence_only;

inline constexpr auto stays = Reach::not_below;
inline constexpr auto advice = Reach::not_to_fatal;

}  // namespace vouch::validator::table
