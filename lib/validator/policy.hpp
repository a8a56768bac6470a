// What a deployment decides about rules: rule set, preset, single levels, overlays, custom rules.
// What touches fatal goes into the rule set, whose id every peer of a cluster must share; the rest
// only changes what this peer reports.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "vouch/validator/custom.hpp"
#include "vouch/validator/overlay.hpp"
#include "vouch/validator/rules.hpp"

namespace vouch::validator {

struct Policy {
  RuleSet rules = {};                 ///< what is voted
  std::vector<Override> levels = {};  ///< that do not touch fatal, by ascending number
  Overlays overlays = {};
  CustomRules custom = {};

  bool operator==(const Policy&) const = default;
};

/// One rule by number or id, and its level by name.
struct RuleSetting {
  std::string rule;
  std::string level;
  bool operator==(const RuleSetting&) const = default;
};

/// What a policy is made from; later members win over earlier ones.
struct PolicySpec {
  std::string rule_set = "agui-1.1";
  std::string preset = {};          ///< "" or one of presets()
  std::string profile = {};         ///< "", strict or consumer; wins over the preset
  std::optional<bool> compat = {};  ///< nothing: as the rule set has it
  std::vector<RuleSetting> settings = {};
  std::vector<std::string> overlays = {};  ///< names as Overlays::select takes them
  CustomRules custom = {};
};

/// `where` names the member of PolicySpec, such as "rules.text.alredy-open" or "overlays[0]".
struct PolicyFault {
  std::string where;
  std::string what;
};

/// Every fault at once, each with what to do.
tl::expected<Policy, std::vector<PolicyFault>> make_policy(const PolicySpec& spec);

struct PresetInfo {
  std::string_view name;
  std::string_view about;
};
std::span<const PresetInfo> presets();

}  // namespace vouch::validator
