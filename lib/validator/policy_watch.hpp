// What a policy adds to the judging of one stream: custom rules and overlays, asked after the
// structure and before the sequence of an event. Keeps apart what is voted (pure custom rules,
// overlay rules that the rule set pins) from what is only reported.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/validator/custom.hpp"
#include "vouch/validator/overlay.hpp"

namespace vouch::validator {

class PolicyWatch {
 public:
  PolicyWatch(const RuleSet& rules, std::vector<Override> levels, Overlays overlays,
              CustomRules custom);

  /// The rule set itself has levels of overlay rules.
  static bool votes_by_overlays(const RuleSet& rules);
  /// False when there is nothing to watch.
  static bool needed(const RuleSet& rules, const std::vector<Override>& levels,
                     const Overlays& overlays, const CustomRules& custom);

  /// Adds voted findings to `voted` and keeps the others.
  void before(const Event& event, const StreamState& state, std::optional<std::int64_t> now_ms,
              Findings& voted);
  /// Adds what was kept and applies local levels; called when the voted part has been recorded.
  void report(Verdict& verdict);
  /// Rule 9005 for open items of the stream, whose latest event is `index`.
  std::vector<Finding> check_stall(std::int64_t now_ms, std::int64_t index);
  /// What a snapshot keeps; custom rules remember nothing.
  void archive(auto& a) { overlay_.archive(a); }

 private:
  bool pinned(std::uint16_t code) const;

  RuleSet rules_;
  std::vector<Override> levels_;
  bool hygiene_reports_;  ///< else only its pinned rules count
  Overlay overlay_;
  CustomRules custom_;
  Findings found_;
  std::vector<Finding> kept_;
};

}  // namespace vouch::validator
