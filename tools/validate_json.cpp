// Reports for programs: one JSON object on one line per file.
// SPDX-License-Identifier: MIT
#include "tools/finding_json.hpp"
#include "tools/plain_text.hpp"
#include "tools/validate.hpp"
#include <fmt/format.h>

#include "vouch/schemas/json_write.hpp"
#include "vouch/validator/rules.hpp"

namespace vouch::tools {
namespace {

json::Value first_rejected(const FileReport& report) {
  if (!report.first_rejected) return {};
  const validator::Finding& finding = *report.first_rejected;
  return json::Object{{"index", finding.index},
                      {"code", std::uint64_t{finding.code}},
                      {"rule", std::string(validator::find_rule(finding.code)->id)},
                      {"message", valid_text(finding.message)},
                      {"pointer", valid_text(finding.pointer)}};
}

class JsonReporter final : public Reporter {
 public:
  void file(const FileReport& report) override {
    json::Array findings;
    for (const PlacedFinding& placed : report.findings) {
      findings.emplace_back(finding_json(placed.finding));
    }
    const auto text_or_null = [](const std::string& text) {
      return text.empty() ? json::Value() : json::Value(valid_text(text));
    };
    const json::Value line(
        json::Object{{"file", valid_text(report.file)},
                     {"stream", text_or_null(report.stream)},
                     {"ruleset", report.rules},
                     {"events", report.events},
                     {"valid", report.valid()},
                     {"structural_valid", report.structural_valid},
                     {"head", report.head ? json::Value(report.head->hex()) : json::Value()},
                     {"rejected", report.counts.rejected},
                     {"warned", report.counts.warned},
                     {"unjudged", report.counts.unjudged},
                     {"first_rejected", first_rejected(report)},
                     {"findings", std::move(findings)}});
    fmt::print("{}\n", json::to_text(line));
  }
};

}  // namespace

std::unique_ptr<Reporter> json_reporter() {
  return std::make_unique<JsonReporter>();
}

}  // namespace vouch::tools
