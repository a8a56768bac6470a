// The table of rules is whole: every rule can be found, says what to do, and has a severity that
// fits its class.
// SPDX-License-Identifier: MIT
#include <set>

#include <gtest/gtest.h>

#include "vouch/validator/findings.hpp"
#include "vouch/validator/rules.hpp"

namespace vouch::validator::policy_rules_test {
namespace {

TEST(RuleTable, EveryRuleIsFoundByNumberAndById) {
  std::set<std::string_view> ids;
  for (const Rule& rule : rules()) {
    EXPECT_EQ(find_rule(rule.code), &rule) << rule.id;
    EXPECT_EQ(find_rule(std::to_string(rule.code)), &rule) << rule.id;
    EXPECT_EQ(find_rule(rule.id), &rule) << rule.id;
    EXPECT_TRUE(ids.insert(rule.id).second) << rule.id << " stands twice";
  }
  EXPECT_EQ(find_rule(std::uint16_t{9999}), nullptr);
  EXPECT_EQ(find_rule("3001x"), nullptr);
  EXPECT_EQ(find_rule(""), nullptr);
}

TEST(RuleTable, EveryRuleSaysWhatWasExpectedAndWhatToDo) {
  for (const Rule& rule : rules()) {
    EXPECT_FALSE(rule.expected.empty()) << rule.id;
    EXPECT_NE(rule.expected.back(), '.') << rule.id;
    ASSERT_FALSE(rule.suggestion.empty()) << rule.id;
    EXPECT_EQ(rule.suggestion.back(), '.') << rule.id;
    EXPECT_NE(rule.sets, 0) << rule.id;
  }
}

TEST(RuleTable, SeverityFollowsTheClass) {
  for (const Rule& rule : rules()) {
    const Severity strict = severity_of(rule, Profile::strict);
    const Severity consumer = severity_of(rule, Profile::consumer);
    const bool reporting =
        rule.scope == Scope::thread || rule.scope == Scope::overlay || rule.scope == Scope::local;
    EXPECT_TRUE(!reporting || strict != Severity::fatal) << rule.id;
    switch (rule.standing.rule_class) {
      case RuleClass::consumer:
        EXPECT_EQ(std::pair(strict, consumer), std::pair(Severity::fatal, Severity::fatal));
        break;
      case RuleClass::producer:
        EXPECT_EQ(std::pair(strict, consumer), std::pair(Severity::fatal, Severity::warning));
        break;
      case RuleClass::tolerated:
      case RuleClass::warning:
        EXPECT_EQ(std::pair(strict, consumer), std::pair(Severity::warning, Severity::warning));
        break;
      case RuleClass::should:
        EXPECT_NE(strict, Severity::fatal) << rule.id;
        [[fallthrough]];
      case RuleClass::ours:
        EXPECT_EQ(strict, consumer) << rule.id;
        break;
    }
  }
}

TEST(RuleTable, HintsNameTheNearestRule) {
  EXPECT_EQ(nearest_rule("text.alredy-open"), "text.already-open");
  EXPECT_EQ(nearest_rule("content-not-open"), "text.content-not-open");
  EXPECT_EQ(nearest_rule("completely else"), "");
  EXPECT_EQ(nearest_rule(std::string(1 << 20, 'x')), "");
}

TEST(RuleTable, PageOfARule) {
  EXPECT_EQ(page_of(*find_rule(3001)), "docs/rules/text.md#3001");
}

TEST(Findings, RuleOfAnotherRuleSetSaysNothing) {
  Findings findings{RuleSet{Protocol::agui_1_0}};
  EXPECT_FALSE(findings.add(3212, "only 1.1 has this member"));
  EXPECT_TRUE(findings.list().empty());
  EXPECT_TRUE(findings.add(3001, "open", "/messageId", 7));
  EXPECT_EQ(findings.list().at(0).related, 7);
  EXPECT_EQ(findings.list().at(0).suggestion(), find_rule(3001)->suggestion);
}

}  // namespace
}  // namespace vouch::validator::policy_rules_test
