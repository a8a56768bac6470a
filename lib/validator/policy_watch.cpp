// SPDX-License-Identifier: MIT
#include "vouch/validator/policy_watch.hpp"

#include <algorithm>

#include "vouch/validator/levels.hpp"

namespace vouch::validator {
namespace {

bool is_overlay(std::uint16_t code) {
  const Rule* rule = find_rule(code);
  return rule != nullptr && rule->scope == Scope::overlay;
}

/// Pinned rules need the hygiene overlay to run, selected or not.
Overlays running(const RuleSet& rules, Overlays overlays) {
  overlays.hygiene |= PolicyWatch::votes_by_overlays(rules);
  return overlays;
}

}  // namespace

bool PolicyWatch::votes_by_overlays(const RuleSet& rules) {
  return std::ranges::any_of(rules.overrides, is_overlay, &Override::code);
}

PolicyWatch::PolicyWatch(const RuleSet& rules, std::vector<Override> levels, Overlays overlays,
                         CustomRules custom)
    : rules_(rules),
      levels_(std::move(levels)),
      hygiene_reports_(overlays.hygiene),
      overlay_(running(rules, overlays)),
      custom_(std::move(custom)),
      found_(rules) {}

bool PolicyWatch::needed(const RuleSet& rules, const std::vector<Override>& levels,
                         const Overlays& overlays, const CustomRules& custom) {
  return !levels.empty() || overlays.any() || !custom.empty() || votes_by_overlays(rules);
}

void PolicyWatch::before(const Event& event, const StreamState& state,
                         std::optional<std::int64_t> now_ms, Findings& voted) {
  kept_.clear();
  for (const auto& rule : custom_) {
    auto objection = rule->check(event, state);
    if (!objection) continue;
    Finding finding;
    finding.code = rule->code();
    finding.severity = rule->severity();
    finding.message = std::move(objection->message);
    finding.pointer = std::move(objection->pointer);
    if (rule->purity() == Purity::local) {
      kept_.push_back(std::move(finding));
    } else if (voted.push(std::move(finding))) {
      return;
    }
  }
  overlay_.check(event, now_ms, found_);
  overlay_.check_answers(event, state.thread, now_ms, found_);
  for (Finding& finding : found_.take()) {
    if (pinned(finding.code)) {
      if (voted.push(std::move(finding))) return;
    } else if (hygiene_reports_ || find_rule(finding.code)->family != Family::hygiene) {
      kept_.push_back(std::move(finding));
    }
  }
}

bool PolicyWatch::pinned(std::uint16_t code) const {
  return std::ranges::find(rules_.overrides, code, &Override::code) != rules_.overrides.end();
}

void PolicyWatch::report(Verdict& verdict) {
  for (Finding& finding : kept_) {
    finding.index = verdict.index;
    verdict.findings.push_back(std::move(finding));
  }
  kept_.clear();
  relevel(levels_, verdict.findings);
  if (verdict.outcome == Outcome::accepted || verdict.outcome == Outcome::warned) {
    verdict.outcome = outcome_of(verdict.findings);
  }
}

std::vector<Finding> PolicyWatch::check_stall(std::int64_t now_ms, std::int64_t index) {
  overlay_.check_stall(now_ms, found_);
  std::vector<Finding> out = found_.take();
  for (Finding& finding : out) finding.index = index;
  relevel(levels_, out);
  return out;
}

}  // namespace vouch::validator
