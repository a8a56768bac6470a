// SPDX-License-Identifier: MIT
#include "tools/validate_judge.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "vouch/crdt/check.hpp"
#include "vouch/validator/document.hpp"

namespace vouch::tools {

using validator::Finding;
using validator::Severity;
using validator::Unit;
using validator::Verdict;

namespace {

constexpr std::uint16_t truncated_code = 2010;

validator::RuleSet without_compat(validator::RuleSet rules) {
  rules.compat = false;
  return rules;
}

validator::Options options_of(const ValidateOptions& options, const Thread& thread) {
  validator::Options out = validator::options_of(options.policy, "");
  out.mode = options.mode;
  out.input = thread.input;
  out.earlier = [&thread](std::string_view name) {
    const auto left = thread.left.find(name);
    return left == thread.left.end() ? validator::ThreadState() : left->second;
  };
  return out;
}

/// Time of arrival, which only the overlay `local` asks for.
std::int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

FileJudge::FileJudge(std::string file, const ValidateOptions& options, const Thread& thread,
                     bool collects, Found found)
    : collects_(collects),
      found_(std::move(found)),
      judges_order_only_(options.mode.sequence_only),
      validator_(options_of(options, thread)),
      structure_(without_compat(options.policy.rules)),
      input_file_(thread.input_file) {
  report_.file = std::move(file);
  report_.rules = rules_id(options);
}

void FileJudge::judge(const Unit& unit) {
  line_ = unit.line;
  if (unit.state == Unit::State::too_large) {
    ++report_.refused;
    return;
  }
  Verdict verdict = validator_.feed(unit.text, now_ms());
  if (unit.state == Unit::State::fault) {
    for (Finding& finding : verdict.findings) finding.message = unit.fault;
  }
  ++report_.events;
  if (judges_order_only_ || verdict.outcome == validator::Outcome::unjudged) {
    judge_structure(unit.text);
  }
  take(verdict);
  if (input_told_ || !validator_.input_met()) return;
  input_told_ = true;
  for (const Finding& finding : validator_.input_findings()) found_on_input(finding);
}

void FileJudge::found_on_input(const Finding& finding) {
  report_.input_rejected |= finding.severity == Severity::fatal;
  PlacedFinding placed{finding, 1, input_file_};
  placed.finding.message.insert(0, "input: ");
  take(std::move(placed));
}

void FileJudge::close() {
  take(validator_.close());
}

void FileJudge::judge_unmet_input() {
  for (const Finding& finding : validator_.judge_unmet_input()) found_on_input(finding);
}

FileReport FileJudge::report() {
  report_.stream = validator_.stream();
  report_.counts = validator_.counts();
  report_.head = validator_.chain().head();
  return std::move(report_);
}

void FileJudge::take(const Verdict& verdict) {
  for (const Finding& finding : verdict.findings) {
    report_.structural_valid &= !validator::is_structural(finding.code);
    report_.truncated |= finding.code == truncated_code;
    take({finding, line_});
  }
}

void FileJudge::take(PlacedFinding placed) {
  const Severity severity = placed.finding.severity;
  report_.worst = std::max(report_.worst, std::optional(severity));
  if (severity == Severity::fatal && !report_.first_rejected) {
    report_.first_rejected = placed.finding;
  }
  found_(placed);
  if (collects_) report_.findings.push_back(std::move(placed));
}

void FileJudge::judge_structure(std::string_view unit) {
  if (!report_.structural_valid) return;
  for (const Finding& finding : structure_.decode(unit).findings) {
    report_.structural_valid &= !validator::is_structural(finding.code);
  }
}

std::string rules_id(const ValidateOptions& options) {
  return options.policy.rules.id() + std::string(options.mode.suffix());
}

FileReport judge_as_document(const std::string& file, std::string_view text,
                             const ValidateOptions& options) {
  FileReport report;
  report.file = file;
  report.rules = rules_id(options);
  report.events = 1;
  auto verdict = validator::judge_document(text, options.definition, options.policy.rules.protocol);
  VOUCH_CHECK(verdict.has_value());
  report.structural_valid = verdict->valid;
  report.counts.rejected = verdict->valid ? 0 : 1;
  for (Finding& finding : verdict->findings) {
    if (validator::is_structural(finding.code)) {
      finding.severity = Severity::fatal;
      if (!report.first_rejected) report.first_rejected = finding;
    }
    report.worst = std::max(report.worst, std::optional(finding.severity));
    report.findings.push_back({std::move(finding)});
  }
  return report;
}

}  // namespace vouch::tools
