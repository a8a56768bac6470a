// Reports for people: each finding as it appears, what was expected, where the rule is explained.
// SPDX-License-Identifier: MIT
#include <cstdio>

#include "tools/plain_text.hpp"
#include "tools/validate.hpp"
#include <fmt/format.h>

#include "vouch/validator/rules.hpp"

namespace vouch::tools {
namespace {

using validator::Severity;

class TextReporter final : public Reporter {
 public:
  TextReporter(std::FILE* out, bool colour) : out_(out), colour_(colour) {}

  bool collects() const override { return false; }

  void finding(const std::string& file, const PlacedFinding& placed) override {
    fmt::print(out_, "{}", describe(file, placed, painted(placed.finding.severity)));
  }

  void file(const FileReport& report) override {
    const validator::Counts& counts = report.counts;
    fmt::print(out_, "{}: {}{}; {} events: {} accepted, {} warned, {} rejected, {} unjudged\n",
               printable(report.file),
               report.valid() ? in_colour("valid", 32) : in_colour("invalid", 31),
               report.structural_valid ? "" : ", not valid by structure", report.events,
               counts.accepted, counts.warned, counts.rejected, counts.unjudged);
    fmt::print(out_, "  stream {}, rules {}, head {}\n",
               report.stream.empty() ? "(unnamed)" : printable(report.stream), report.rules,
               report.head ? report.head->hex() : "none");
    if (report.refused > 0) fmt::print(out_, "  {}\n", refused_text(report));
  }

 private:
  std::string in_colour(std::string_view text, int code) const {
    return colour_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
  }

  std::string painted(Severity severity) const {
    constexpr int codes[] = {36, 33, 31};
    return in_colour(name_of(severity), codes[static_cast<std::size_t>(severity)]);
  }

  std::FILE* out_;
  bool colour_;
};

}  // namespace

std::string refused_text(const FileReport& report) {
  return fmt::format("events of more than 1 MiB, refused without an index: {}", report.refused);
}

std::string place_of(const validator::Finding& finding) {
  return finding.index < 0 ? "end of the stream" : fmt::format("event {}", finding.index);
}

std::string describe(const std::string& file, const PlacedFinding& placed,
                     std::string_view severity) {
  const validator::Finding& finding = placed.finding;
  const validator::Rule& rule = *validator::find_rule(finding.code);
  std::string out =
      fmt::format("{}:{}: {} {} {}: {} ({}{})\n", printable(file_of(file, placed)), placed.line,
                  severity, rule.code, rule.id, printable(finding.message), place_of(finding),
                  finding.pointer.empty() ? "" : ", " + printable(finding.pointer));
  if (finding.related) out += fmt::format("  conflicts with event {}\n", *finding.related);
  out += fmt::format("  expected: {}\n  to do: {}\n  rule: {}\n", rule.expected, rule.suggestion,
                     page_of(rule));
  return out;
}

std::unique_ptr<Reporter> text_reporter(std::FILE* out, bool colour) {
  return std::make_unique<TextReporter>(out, colour);
}

}  // namespace vouch::tools
