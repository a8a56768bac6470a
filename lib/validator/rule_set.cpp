// SPDX-License-Identifier: MIT
#include "vouch/validator/rule_set.hpp"

#include <algorithm>
#include <charconv>

#include "vouch/validator/custom.hpp"
#include "vouch/validator/levels.hpp"

namespace vouch::validator {
namespace {

constexpr std::string_view protocol_names[] = {"agui-1.1", "agui-1.0", "agui-0.0.58"};
constexpr std::string_view level_names[] = {"off", "info", "warning", "fatal"};

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> out;
  for (std::size_t end; (end = text.find(at)) != std::string_view::npos;) {
    out.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  out.push_back(text);
  return out;
}

tl::unexpected<Error> unknown(std::string_view text) {
  return fail(Errc::invalid_config,
              "unknown rule set '" + std::string(text) +
                  "'; use agui-1.1, agui-1.0 or agui-0.0.58, alone or with /strict or "
                  "/consumer and /compat or /plain, as agui-1.1/strict/compat");
}

/// Reads "2006=warning,3111=off" behind the base of `out`.
Result<void> read_overrides(std::string_view text, RuleSet& out) {
  for (const std::string_view item : split(text, ',')) {
    const auto equals = item.find('=');
    const Rule* rule = find_rule(item.substr(0, equals));
    const auto level =
        equals == std::string_view::npos ? std::nullopt : level_of(item.substr(equals + 1));
    if (rule == nullptr || !level) {
      return fail(Errc::invalid_config, "'" + std::string(item) +
                                            "' is no override; write a rule and its level, as "
                                            "2006=warning");
    }
    if (const std::string fault = override_fault(*rule, *level, out); !fault.empty()) {
      return fail(Errc::invalid_config, fault);
    }
    if (!touches_fatal(*rule, *level, out)) {
      return fail(Errc::invalid_config,
                  "'" + std::string(item) + "' does not touch fatal; set it beside the rule set");
    }
    const auto same = [&](const Override& one) { return one.code == rule->code; };
    if (std::ranges::any_of(out.overrides, same)) {
      return fail(Errc::invalid_config, "'" + std::string(item) + "' overrides a rule twice");
    }
    out.overrides.push_back({rule->code, *level});
  }
  return {};
}

Result<void> read_custom(std::string_view text, RuleSet& out) {
  for (const std::string_view id : split(text, ',')) {
    if (!is_custom_id(id)) {
      return fail(Errc::invalid_config, "'" + std::string(id) + "' is no id of a custom rule");
    }
    out.custom.emplace_back(id);
  }
  return {};
}

}  // namespace

std::string_view name_of(Level level) {
  return level_names[static_cast<std::size_t>(level)];
}

std::optional<Level> level_of(std::string_view name) {
  if (name == "error") return Level::fatal;
  const auto found = std::ranges::find(level_names, name);
  if (found == std::end(level_names)) return std::nullopt;
  return static_cast<Level>(found - std::begin(level_names));
}

std::string RuleSet::id() const {
  std::string out(protocol_names[static_cast<std::size_t>(protocol)]);
  out += profile == Profile::strict ? "/strict" : "/consumer";
  out += compat && modern() ? "/compat" : "/plain";
  for (char before = '/'; const Override& one : overrides) {
    out += std::exchange(before, ',') + std::to_string(one.code) + "=";
    out += name_of(one.level);
  }
  for (std::string_view before = "/+"; const std::string& one : custom) {
    out += std::exchange(before, ",");
    out += one;
  }
  return out;
}

Result<RuleSet> RuleSet::parse(std::string_view text) {
  const auto parts = split(text, '/');
  RuleSet out;
  const auto name = std::ranges::find(protocol_names, parts[0]);
  if (name == std::end(protocol_names)) return unknown(text);
  out.protocol = static_cast<Protocol>(name - std::begin(protocol_names));
  if (parts.size() == 1) return out;
  if (parts.size() < 3) return unknown(text);
  out.profile = parts[1] == "consumer" ? Profile::consumer : Profile::strict;
  out.compat = parts[2] == "compat";
  for (std::size_t i = 3; i < parts.size(); ++i) {
    const bool custom = parts[i].starts_with('+');
    const auto read = custom ? read_custom(parts[i].substr(1), out) : read_overrides(parts[i], out);
    if (!read) return tl::unexpected(read.error());
  }
  std::ranges::sort(out.overrides);
  std::ranges::sort(out.custom);
  if (out.id() == text) return out;
  if (parts.size() == 3) return unknown(text);
  return fail(Errc::invalid_config,
              "'" + std::string(text) + "' is not in canonical form; write " + out.id());
}

}  // namespace vouch::validator
