// The streams of ag-ui-validate through the mapping of RULES section 6: what they call a fault and
// we do too, with place and rule; what we warn of; what is legal.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "tests/validator/corpus.hpp"
#include "tests/validator/judged.hpp"
#include <gtest/gtest.h>

namespace vouch::validator::corpora_auv_test {
namespace {

struct Fatal {
  std::int64_t index;
  std::uint16_t code;
};

// By the number of theirs. 104 and 205 are one event later: reopening is legal, staying open not.
const std::map<std::string, Fatal> rejected{
    {"001", {0, 2001}}, {"002", {1, 2004}}, {"003", {-1, 2010}}, {"004", {2, 2003}},
    {"006", {1, 2103}}, {"007", {2, 2104}}, {"008", {1, 2008}},  {"101", {1, 3002}},
    {"102", {1, 3003}}, {"103", {3, 3004}}, {"104", {5, 3004}},  {"106", {2, 3001}},
    {"201", {1, 3102}}, {"202", {1, 3103}}, {"203", {3, 3104}},  {"205", {4, 3104}},
    {"401", {1, 3202}}, {"402", {2, 3207}}, {"504", {1, 1101}}};
const std::map<std::string, std::uint16_t> warned{{"302", 5001}, {"303", 1203}, {"503", 1201}};
const std::map<std::string, std::uint16_t> overlay_infos{
    {"901", 8014}, {"902", 8015}, {"903", 8012}};

bool finds(const Judged& judged, std::uint16_t code, Severity severity) {
  return std::ranges::any_of(judged.findings, [&](const Finding& finding) {
    return finding.code == code && finding.severity == severity;
  });
}

TEST(Corpora, AgUiValidateThroughTheMapping) {
  const std::string invalid = "invalid/AGUI";
  std::map<std::string, std::size_t> seen;
  for (const json::Value& one : corpus("auv.jsonl")) {
    const std::string name = name_of_case(one);
    const auto events = events_of(one);
    if (events.empty()) continue;  // raw lines, below, and transport, which is not ours
    Options options;
    options.overlays.hygiene = name.starts_with(invalid + "9");
    const Judged got = judge_stream(events, options);
    const std::string number = name.starts_with(invalid) ? name.substr(invalid.size(), 3) : "";
    if (const auto fatal = rejected.find(number); fatal != rejected.end()) {
      const Rule& rule = *find_rule(fatal->second.code);
      EXPECT_EQ(got.first, (Rejection{fatal->second.index, std::string(rule.id)})) << name;
      ++seen["rejected"];
      continue;
    }
    EXPECT_EQ(got.first, std::nullopt) << name;
    if (const auto warning = warned.find(number); warning != warned.end()) {
      EXPECT_TRUE(finds(got, warning->second, Severity::warning)) << name;
      ++seen["warned"];
      continue;
    }
    EXPECT_EQ(got.count(Severity::warning), 0U) << name;
    if (const auto info = overlay_infos.find(number); info != overlay_infos.end()) {
      EXPECT_TRUE(finds(got, info->second, Severity::info)) << name;
      ++seen["overlay"];
    } else {
      ++seen[number.empty() ? "valid" : "legal"];
    }
  }
  const std::map<std::string, std::size_t> expected{
      {"valid", 7}, {"rejected", 19}, {"warned", 3}, {"legal", 9}, {"overlay", 3}};
  EXPECT_EQ(seen, expected);
}

TEST(Corpora, AgUiValidateRawLines) {
  std::size_t seen = 0;
  for (const json::Value& one : corpus("auv.jsonl")) {
    const auto lines = lines_of(one);
    if (lines.empty()) continue;
    EXPECT_EQ(judge_stream(lines).first, (Rejection{1, "decode.json"})) << name_of_case(one);
    ++seen;
  }
  EXPECT_EQ(seen, 1U);
}

}  // namespace
}  // namespace vouch::validator::corpora_auv_test
