// SPDX-License-Identifier: MIT
#include "vouch/validator/rule_set.hpp"

namespace vouch::validator {
namespace {

constexpr std::string_view protocol_names[] = {"agui-1.1", "agui-1.0", "agui-0.0.58"};

}  // namespace

std::string RuleSet::id() const {
  std::string out(protocol_names[static_cast<std::size_t>(protocol)]);
  out += profile == Profile::strict ? "/strict" : "/consumer";
  out += compat && modern() ? "/compat" : "/plain";
  return out;
}

Result<RuleSet> RuleSet::parse(std::string_view text) {
  for (const Protocol protocol : {Protocol::agui_1_1, Protocol::agui_1_0}) {
    for (const Profile profile : {Profile::strict, Profile::consumer}) {
      for (const bool compat : {true, false}) {
        const RuleSet rules{protocol, profile, compat};
        if (text == rules.id()) return rules;
      }
    }
    if (text == protocol_names[static_cast<std::size_t>(protocol)]) return RuleSet{protocol};
  }
  return fail(Errc::invalid_config,
              "unknown rule set '" + std::string(text) +
                  "'; use agui-1.1 or agui-1.0, alone or with /strict or "
                  "/consumer and /compat or /plain, as agui-1.1/strict/compat");
}

}  // namespace vouch::validator
