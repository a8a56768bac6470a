// The examples of docs/rules do what their pages say: the last event, or the end of the stream,
// breaks the rule that the file is named after, and nothing before it is fatal.
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/paths.hpp"
#include <gtest/gtest.h>

#include "vouch/validator/rules.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace vouch::validator::policy_examples_test {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> lines_of(const fs::path& file) {
  std::ifstream in(file);
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

/// The rule set that a rule is shown under.
RuleSet rules_for(const Rule& rule) {
  return RuleSet{rule.belongs_to(Protocol::agui_1_1) ? Protocol::agui_1_1 : Protocol::agui_0_0_58};
}

bool names(const Verdict& verdict, std::uint16_t code) {
  return std::ranges::find(verdict.findings, code, &Finding::code) != verdict.findings.end();
}

TEST(Examples, LastEventBreaksTheRule) {
  std::size_t seen = 0;
  for (const fs::directory_entry& file :
       fs::directory_iterator(fs::path(paths::source) / "docs/rules/examples")) {
    const Rule* rule = find_rule(std::string_view(file.path().stem().string()));
    ASSERT_NE(rule, nullptr) << file.path();
    Options options;
    options.rules = rules_for(*rule);
    options.overlays.hygiene = rule->scope == Scope::overlay;
    if (rule->family == Family::timing) options.overlays.timing = TimingLimits{};
    StreamValidator validator(options);
    Verdict last;
    bool clean_before = true;
    for (const std::string& line : lines_of(file.path())) {
      clean_before &= last.outcome != Outcome::rejected && last.outcome != Outcome::unjudged;
      last = validator.feed(line);
    }
    EXPECT_TRUE(clean_before) << rule->code << " breaks another rule before";
    if (!names(last, rule->code)) last = validator.close();
    EXPECT_TRUE(names(last, rule->code)) << rule->code << " is not found by its example";
    ++seen;
  }
  EXPECT_GT(seen, 95U);
}

}  // namespace
}  // namespace vouch::validator::policy_examples_test
