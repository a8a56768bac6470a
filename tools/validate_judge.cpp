// SPDX-License-Identifier: MIT
#include "tools/validate_judge.hpp"

#include <utility>

namespace vouch::tools {

using validator::Finding;
using validator::Severity;
using validator::Unit;
using validator::Verdict;

namespace {

constexpr std::uint16_t truncated_code = 2010;

/// True for rules that a document of the same version, closed and complete, does not touch.
bool is_structural(std::uint16_t code) {
  return (code >= 1001 && code <= 1004) || code == 1007 || (code >= 1100 && code < 1400);
}

validator::RuleSet without_compat(validator::RuleSet rules) {
  rules.compat = false;
  return rules;
}

}  // namespace

FileJudge::FileJudge(std::string file, const ValidateOptions& options, bool collects, Found found)
    : collects_(collects),
      found_(std::move(found)),
      validator_({options.rules, ""}),
      structure_(without_compat(options.rules)) {
  report_.file = std::move(file);
  report_.rules = options.rules.id();
}

void FileJudge::judge(const Unit& unit) {
  line_ = unit.line;
  if (unit.state == Unit::State::too_large) {
    ++report_.refused;
    return;
  }
  Verdict verdict = validator_.feed(unit.text);
  if (unit.state == Unit::State::fault) {
    for (Finding& finding : verdict.findings) finding.message = unit.fault;
  }
  ++report_.events;
  if (verdict.outcome == validator::Outcome::unjudged) judge_structure(unit.text);
  take(verdict);
}

FileReport FileJudge::finish() {
  take(validator_.close());
  report_.stream = validator_.stream();
  report_.counts = validator_.counts();
  report_.head = validator_.chain().head();
  return std::move(report_);
}

void FileJudge::take(const Verdict& verdict) {
  for (const Finding& finding : verdict.findings) {
    const PlacedFinding placed{finding, line_};
    report_.structural_valid &= !is_structural(finding.code);
    report_.truncated |= finding.code == truncated_code;
    if (!report_.worst || finding.severity > *report_.worst) report_.worst = finding.severity;
    if (finding.severity == Severity::fatal && !report_.first_rejected) {
      report_.first_rejected = finding;
    }
    found_(placed);
    if (collects_) report_.findings.push_back(placed);
  }
}

void FileJudge::judge_structure(std::string_view unit) {
  if (!report_.structural_valid) return;
  for (const Finding& finding : structure_.decode(unit).findings) {
    report_.structural_valid &= !is_structural(finding.code);
  }
}

}  // namespace vouch::tools
