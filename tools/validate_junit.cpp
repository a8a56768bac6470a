// Reports for CI: JUnit XML, a suite per file, a case per failure; a file without one is a passed
// case. Findings below --fail-on stand in the suite's output.
// SPDX-License-Identifier: MIT
#include "tools/plain_text.hpp"
#include "tools/validate.hpp"
#include <fmt/format.h>

#include "vouch/validator/rules.hpp"

namespace vouch::tools {
namespace {

std::string describe(const std::string& file, const PlacedFinding& placed) {
  return tools::describe(file, placed, name_of(placed.finding.severity));
}

class JunitReporter final : public Reporter {
 public:
  explicit JunitReporter(const ValidateOptions& options) : options_(options) {}

  void file(const FileReport& report) override {
    const std::string name = xml_text(report.file);
    std::string cases, output;
    std::size_t failures = 0;
    for (const PlacedFinding& placed : report.findings) {
      if (!fails(options_, placed.finding.severity)) {
        output += describe(report.file, placed);
        continue;
      }
      ++failures;
      const validator::Rule& rule = *validator::find_rule(placed.finding.code);
      cases += fmt::format(
          "    <testcase classname=\"{0}\" name=\"{1} {2} at {3}\">"
          "<failure type=\"{1}\" message=\"{4}\">{5}</failure></testcase>\n",
          name, rule.code, rule.id, place_of(placed.finding), xml_text(placed.finding.message),
          xml_text(describe(report.file, placed)));
    }
    if (failures == 0) {
      cases =
          fmt::format("    <testcase classname=\"{}\" name=\"{} events\"/>\n", name, report.events);
    }
    const std::size_t errors = report.refused > 0 ? 1 : 0;
    if (errors > 0) {
      cases += fmt::format(
          "    <testcase classname=\"{}\" name=\"size\"><error type=\"too_large\" message=\"{}\"/>"
          "</testcase>\n",
          name, refused_text(report));
    }
    if (!output.empty()) {
      cases += fmt::format("    <system-out>{}</system-out>\n", xml_text(output));
    }
    add_suite(name, std::max<std::size_t>(failures, 1) + errors, failures, errors, cases);
  }

  void unreadable(const std::string& file, const Error& error) override {
    const std::string name = xml_text(file);
    add_suite(name, 1, 0, 1,
              fmt::format("    <testcase classname=\"{}\" name=\"read\"><error type=\"{}\" "
                          "message=\"{}\"/></testcase>\n",
                          name, name_of(error.code), xml_text(error.detail)));
  }

  void end(int /*exit_code*/) override {
    fmt::print(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuites name=\"vouch-peer validate\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n"
        "{}</testsuites>\n",
        tests_, failures_, errors_, suites_);
  }

 private:
  void add_suite(const std::string& name, std::size_t tests, std::size_t failures,
                 std::size_t errors, const std::string& cases) {
    suites_ += fmt::format(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"0\">\n"
        "{}  </testsuite>\n",
        name, tests, failures, errors, cases);
    tests_ += tests;
    failures_ += failures;
    errors_ += errors;
  }

  const ValidateOptions& options_;
  std::string suites_;
  std::size_t tests_ = 0;
  std::size_t failures_ = 0;
  std::size_t errors_ = 0;
};

}  // namespace

std::unique_ptr<Reporter> junit_reporter(const ValidateOptions& options) {
  return std::make_unique<JunitReporter>(options);
}

}  // namespace vouch::tools
