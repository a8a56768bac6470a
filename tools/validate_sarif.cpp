// Reports for code scanning: SARIF 2.1.0 (OASIS), one run over all files, written at the end.
// SPDX-License-Identifier: MIT
#include "tools/commands.hpp"
#include "tools/plain_text.hpp"
#include "tools/validate.hpp"
#include <fmt/format.h>

#include "vouch/schemas/json_write.hpp"
#include "vouch/validator/rules.hpp"
#include "vouch/version.hpp"

namespace vouch::tools {
namespace {

using json::Array;
using json::Object;
using json::Value;
using validator::Rule;
using validator::Severity;

std::string level_of(Severity severity) {
  constexpr std::string_view levels[] = {"note", "warning", "error"};
  return std::string(levels[static_cast<std::size_t>(severity)]);
}

Value message(std::string text) {
  return Object{{"text", std::move(text)}};
}

/// RFC 3986: everything but unreserved characters and slashes is percent-encoded.
std::string uri_of(std::string_view path) {
  constexpr std::string_view kept =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  std::string out = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    if (kept.find(c) != std::string_view::npos) {
      out.push_back(c);
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

Value descriptor(const Rule& rule) {
  const Severity severity = severity_of(rule, validator::Profile::strict);
  return Object{{"id", std::to_string(rule.code)},
                {"name", std::string(rule.id)},
                {"shortDescription", message(std::string(rule.expected))},
                {"help", message(fmt::format("{} See {}.", rule.suggestion, page_of(rule)))},
                {"defaultConfiguration", Object{{"level", level_of(severity)}}}};
}

Array locations(const std::string& file, const PlacedFinding& placed) {
  const Value physical =
      Object{{"artifactLocation", Object{{"uri", uri_of(file_of(file, placed))}}},
             {"region", Object{{"startLine", placed.line}}}};
  const validator::Finding& finding = placed.finding;
  const std::string name = place_of(finding);
  const Value logical =
      Object{{"name", name}, {"fullyQualifiedName", name + valid_text(finding.pointer)}};
  return {Object{{"physicalLocation", physical}, {"logicalLocations", Array{logical}}}};
}

Value result(const std::string& file, const PlacedFinding& placed, std::size_t rule_index) {
  const validator::Finding& finding = placed.finding;
  const Rule& rule = *validator::find_rule(finding.code);
  Object properties{{"index", finding.index}, {"pointer", valid_text(finding.pointer)}};
  if (finding.related) properties.emplace_back("related", *finding.related);
  return Object{{"ruleId", std::to_string(finding.code)},
                {"ruleIndex", std::uint64_t{rule_index}},
                {"level", level_of(finding.severity)},
                {"message", message(fmt::format("{}; expected: {}", valid_text(finding.message),
                                                rule.expected))},
                {"locations", locations(file, placed)},
                {"properties", std::move(properties)}};
}

class SarifReporter final : public Reporter {
 public:
  void file(const FileReport& report) override {
    for (const PlacedFinding& placed : report.findings) {
      const Rule* rule = validator::find_rule(placed.finding.code);
      const auto index = static_cast<std::size_t>(rule - validator::rules().data());
      results_.push_back(result(report.file, placed, index));
    }
    artifacts_.push_back(Object{{"location", Object{{"uri", uri_of(report.file)}}}});
    if (report.refused > 0) notify(fmt::format("{}: {}", report.file, refused_text(report)));
  }

  void unreadable(const std::string& /*file*/, const Error& error) override {
    notify(error.detail);
  }

  void end(int exit_code) override {
    Array rules;
    for (const Rule& rule : validator::rules()) rules.push_back(descriptor(rule));
    Object driver{{"name", std::string("vouch-peer")},
                  {"version", std::string(version)},
                  {"rules", std::move(rules)}};
    Object invocation{{"executionSuccessful", exit_code != exit_failed},
                      {"exitCode", std::int64_t{exit_code}},
                      {"toolExecutionNotifications", std::move(notifications_)}};
    Object run{{"tool", Object{{"driver", std::move(driver)}}},
               {"invocations", Array{std::move(invocation)}},
               {"artifacts", std::move(artifacts_)},
               {"results", std::move(results_)}};
    const Value log(
        Object{{"$schema", std::string("https://json.schemastore.org/sarif-2.1.0.json")},
               {"version", std::string("2.1.0")},
               {"runs", Array{std::move(run)}}});
    fmt::print("{}\n", json::to_text(log));
  }

 private:
  void notify(std::string_view what) {
    notifications_.push_back(
        Object{{"level", std::string("error")}, {"message", message(valid_text(what))}});
  }

  Array results_;
  Array artifacts_;
  Array notifications_;
};

}  // namespace

std::unique_ptr<Reporter> sarif_reporter() {
  return std::make_unique<SarifReporter>();
}

}  // namespace vouch::tools
