// What a deployment decides about rules: rule set, preset, single levels, overlays, custom rules.
// What touches fatal goes into the rule set, whose id every peer of a cluster must share; the rest
// only changes what this peer reports.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <set>
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
  /// Pure rules that judge nothing, until a later rule set of the cluster names them.
  CustomRules later = {};
  std::uint64_t state_interval = validator::state_interval;  ///< see Options

  bool operator==(const Policy&) const = default;
};

/// Ids of the pure custom rules that a policy has, those of `later` with them.
std::set<std::string> runnable_ids(const Policy& policy);
/// A peer with these custom rules can judge by the rule set with this id. Error: invalid_config,
/// with what to do: no rule set that is known here, not in canonical form, or it names another
/// custom rule.
Result<void> check_runs(std::string_view rule_set, const std::set<std::string>& custom);
/// The same policy with another rule set, whose id is given in canonical form. Levels that would
/// turn a verdict under it are left out. Errors: as check_runs.
Result<Policy> under(const Policy& policy, std::string_view rule_set);

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
  CustomRules later = {};  ///< see Policy::later
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
