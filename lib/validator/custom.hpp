// Rules of your own. A rule sees each event that passed decoding and structure, before chunks are
// expanded and before its sequence is judged, together with the state that the events before it
// left. It is asked in the order of the list, and not while a stream is frozen by a rejection.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vouch/validator/event.hpp"
#include "vouch/validator/run_state.hpp"
#include "vouch/validator/verdict.hpp"

namespace vouch::validator {

/// pure: the answer depends on the arguments alone, on every machine: no clock, file, network,
/// randomness, locale, or memory of earlier calls. Such a rule is part of the rule-set id and may
/// reject; every peer of a cluster must have it. local: everything else; its findings are shown to
/// the submitter and never voted, counted in attestations or hashed.
enum class Purity : std::uint8_t { pure, local };

struct Objection {
  std::string message;  ///< for people; not hashed
  std::string pointer;  ///< RFC 6901 into the event; "" = the whole event
};

/// Derive from it:
///
///   class NoSecrets final : public CustomRule {
///    public:
///     NoSecrets() : CustomRule(20'001, "acme.no-secrets@1", Purity::pure, Severity::fatal) {}
///     std::optional<Objection> check(const Event& event, const StreamState&) const override {
///       if (!event.delta || event.delta->find("sk-") == std::string_view::npos) return {};
///       return Objection{"the delta holds a key", "/delta"};
///     }
///   };
class CustomRule {
 public:
  static constexpr std::uint16_t code_min = 20'000;
  static constexpr std::uint16_t code_max = 29'999;

  /// `code` within code_min..code_max. `id`: 1 to 64 of the characters a-z 0-9 . - _ @, best with a
  /// domain before and a version behind; a change of what the rule does needs a new one.
  /// `severity`: fatal needs a pure rule. make_policy reports what does not hold.
  CustomRule(std::uint16_t code, std::string id, Purity purity, Severity severity)
      : code_(code), id_(std::move(id)), purity_(purity), severity_(severity) {}
  virtual ~CustomRule() = default;
  CustomRule(const CustomRule&) = delete;
  CustomRule& operator=(const CustomRule&) = delete;

  /// Nothing when the rule has nothing to say. Called from several threads at once, for different
  /// streams; must return soon and must not throw. Views in `event` live until it returns.
  virtual std::optional<Objection> check(const Event& event, const StreamState& before) const = 0;

  std::uint16_t code() const { return code_; }
  const std::string& id() const { return id_; }
  Purity purity() const { return purity_; }
  Severity severity() const { return severity_; }

 private:
  std::uint16_t code_;
  std::string id_;
  Purity purity_;
  Severity severity_;
};

using CustomRules = std::vector<std::shared_ptr<const CustomRule>>;

bool is_custom_id(std::string_view id);
/// What is wrong with the list, one sentence a fault; empty when it can be used.
std::vector<std::string> custom_faults(const CustomRules& rules);
/// Sorted ids of the pure ones, as RuleSet::custom holds them.
std::vector<std::string> pure_ids(const CustomRules& rules);

}  // namespace vouch::validator
