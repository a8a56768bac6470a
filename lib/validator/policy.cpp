// SPDX-License-Identifier: MIT
#include "vouch/validator/policy.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "vouch/validator/levels.hpp"

namespace vouch::validator {
namespace {

struct Preset {
  PresetInfo info;
  Profile profile;
  std::span<const std::string_view> overlays;
  std::span<const Override> levels;
};

constexpr std::string_view strict_overlays[] = {"hygiene", "timing:strict"};
constexpr std::string_view production_overlays[] = {"hygiene", "timing"};
constexpr std::string_view development_overlays[] = {"hygiene"};
constexpr std::string_view permissive_overlays[] = {"timing:permissive"};

// What is only recommended becomes a warning.
constexpr Override strict_levels[] = {{2033, Level::warning}, {3111, Level::warning},
                                      {3113, Level::warning}, {4011, Level::warning},
                                      {8005, Level::warning}, {8015, Level::warning}};
// Timestamps and ids that nobody has filled in yet.
constexpr Override development_levels[] = {
    {8005, Level::off}, {8015, Level::off}, {8016, Level::off}};
// Pieces of streams, as fixtures are: without a beginning, without an end.
constexpr Override testing_levels[] = {
    {2001, Level::info}, {2010, Level::info}, {2033, Level::off},
    {2104, Level::info}, {3004, Level::info}, {3104, Level::info},
    {3204, Level::info}, {3207, Level::info}, {4005, Level::info}};

constexpr Preset preset_table[] = {
    {{"strict", "Profile strict, hygiene and strict timing; recommendations are warnings."},
     Profile::strict,
     strict_overlays,
     strict_levels},
    {{"production", "Profile strict, hygiene and timing."},
     Profile::strict,
     production_overlays,
     {}},
    {{"development", "Profile strict and hygiene; empty ids and missing timestamps are fine."},
     Profile::strict,
     development_overlays,
     development_levels},
    {{"permissive", "Profile consumer, permissive timing."},
     Profile::consumer,
     permissive_overlays,
     {}},
    {{"testing",
      "Profile strict for pieces of streams: what is missing before or behind is an info. Touches "
      "fatal, so the id of the rule set changes."},
     Profile::strict,
     {},
     testing_levels},
};

constexpr auto preset_infos = [] {
  std::array<PresetInfo, std::size(preset_table)> out{};
  std::ranges::transform(preset_table, out.begin(), &Preset::info);
  return out;
}();

class Maker {
 public:
  explicit Maker(const PolicySpec& spec) : spec_(spec) {}

  tl::expected<Policy, std::vector<PolicyFault>> make() {
    take_rule_set();
    take_preset();
    take_profile();
    for (const RuleSetting& setting : spec_.settings) take(setting);
    for (std::size_t i = 0; i < spec_.overlays.size(); ++i) {
      select(spec_.overlays[i], "overlays[" + std::to_string(i) + "]");
    }
    take_custom();
    sort_levels();
    if (!faults_.empty()) return tl::unexpected(std::move(faults_));
    return std::move(out_);
  }

 private:
  void take_rule_set() {
    const auto rules = RuleSet::parse(spec_.rule_set);
    if (!rules) {
      faults_.push_back({"rule_set", rules.error().detail});
      return;
    }
    out_.rules = *rules;
    for (const Override& one : std::exchange(out_.rules.overrides, {})) {
      levels_[one.code] = one.level;
    }
  }

  void take_preset() {
    if (spec_.preset.empty()) return;
    const auto found = std::ranges::find(preset_table, spec_.preset,
                                         [](const Preset& one) { return one.info.name; });
    if (found == std::end(preset_table)) {
      std::string names;
      for (const PresetInfo& one : presets())
        names += (names.empty() ? "" : ", ") + std::string(one.name);
      faults_.push_back({"preset", "unknown preset '" + spec_.preset + "'; use one of " + names});
      return;
    }
    out_.rules.profile = found->profile;
    for (const std::string_view overlay : found->overlays) select(std::string(overlay), "preset");
    for (const Override& one : found->levels) {
      if (find_rule(one.code)->belongs_to(out_.rules.protocol)) levels_[one.code] = one.level;
    }
  }

  void take_profile() {
    if (spec_.compat) out_.rules.compat = *spec_.compat;
    if (spec_.profile.empty()) return;
    if (spec_.profile != "strict" && spec_.profile != "consumer") {
      faults_.push_back(
          {"profile", "unknown profile '" + spec_.profile + "'; use strict or consumer"});
      return;
    }
    out_.rules.profile = spec_.profile == "strict" ? Profile::strict : Profile::consumer;
  }

  void take(const RuleSetting& setting) {
    const std::string where = "rules." + setting.rule;
    const Rule* rule = find_rule(std::string_view(setting.rule));
    if (rule == nullptr) {
      const std::string_view meant = nearest_rule(setting.rule);
      faults_.push_back({where, meant.empty()
                                    ? "unknown rule; vouch-peer rules lists them all"
                                    : "unknown rule; did you mean '" + std::string(meant) + "'?"});
      return;
    }
    const auto level = level_of(setting.level);
    if (!level) {
      faults_.push_back(
          {where, "unknown level '" + setting.level + "'; use off, info, warning or fatal"});
      return;
    }
    if (std::string fault = override_fault(*rule, *level, out_.rules); !fault.empty()) {
      faults_.push_back({where, std::move(fault)});
      return;
    }
    levels_[rule->code] = *level;
  }

  void select(const std::string& name, std::string where) {
    if (const auto done = out_.overlays.select(name); !done) {
      faults_.push_back({std::move(where), done.error().detail});
    }
  }

  void take_custom() {
    CustomRules all = spec_.custom;
    all.insert(all.end(), spec_.later.begin(), spec_.later.end());
    for (std::string& fault : custom_faults(all)) {
      faults_.push_back({"custom_rules", std::move(fault)});
    }
    if (!faults_.empty()) return;
    const auto named = std::exchange(out_.rules.custom, pure_ids(spec_.custom));
    for (const std::string& id : named) {
      if (std::ranges::binary_search(out_.rules.custom, id)) continue;
      faults_.push_back({"rule_set", "custom rule '" + id + "' is named but not given"});
    }
    out_.custom = spec_.custom;
    out_.later = spec_.later;
  }

  /// Into the rule set what touches fatal, into the policy what only changes a report.
  void sort_levels() {
    for (const auto& [code, level] : levels_) {
      const Rule& rule = *find_rule(code);
      if (level == default_level(rule, out_.rules)) continue;
      auto& list = touches_fatal(rule, level, out_.rules) ? out_.rules.overrides : out_.levels;
      list.push_back({code, level});
    }
  }

  const PolicySpec& spec_;
  Policy out_;
  std::map<std::uint16_t, Level> levels_;
  std::vector<PolicyFault> faults_;
};

}  // namespace

std::span<const PresetInfo> presets() {
  return preset_infos;
}

tl::expected<Policy, std::vector<PolicyFault>> make_policy(const PolicySpec& spec) {
  return Maker(spec).make();
}

std::set<std::string> runnable_ids(const Policy& policy) {
  std::set<std::string> out;
  for (const CustomRules* rules : {&policy.custom, &policy.later}) {
    for (std::string& id : pure_ids(*rules)) out.insert(std::move(id));
  }
  return out;
}

Result<void> check_runs(std::string_view rule_set, const std::set<std::string>& custom) {
  const auto rules = RuleSet::parse(rule_set);
  if (!rules) return tl::unexpected(rules.error());
  if (rules->id() != rule_set) {
    return fail(Errc::invalid_config,
                "'" + std::string(rule_set) + "' is not in canonical form; write " + rules->id());
  }
  for (const std::string& id : rules->custom) {
    if (custom.contains(id)) continue;
    return fail(Errc::invalid_config,
                "this peer cannot judge by " + std::string(rule_set) + ": it has no custom rule '" +
                    id + "'; give it that rule (Config::validation.later) and start it again");
  }
  return {};
}

Result<Policy> under(const Policy& policy, std::string_view rule_set) {
  if (auto runs = check_runs(rule_set, runnable_ids(policy)); !runs) {
    return tl::unexpected(runs.error());
  }
  Policy out{*RuleSet::parse(rule_set), {}, policy.overlays, {}, {}, policy.state_interval};
  for (const Override& one : policy.levels) {
    const Rule& rule = *find_rule(one.code);
    const bool set = std::ranges::find(out.rules.overrides, one.code, &Override::code) !=
                     out.rules.overrides.end();
    const bool fits = override_fault(rule, one.level, out.rules).empty() &&
                      !touches_fatal(rule, one.level, out.rules);
    if (fits && !set) out.levels.push_back(one);
  }
  for (const CustomRules* rules : {&policy.custom, &policy.later}) {
    for (const auto& rule : *rules) {
      const bool named = std::ranges::binary_search(out.rules.custom, rule->id());
      const bool local = rule->purity() == Purity::local && rules == &policy.custom;
      if (named || local) out.custom.push_back(rule);
    }
  }
  return out;
}

}  // namespace vouch::validator
