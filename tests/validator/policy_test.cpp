// Presets, overrides and custom rules: what they change, and whether the others must know.
// SPDX-License-Identifier: MIT
#include "vouch/validator/policy.hpp"

#include <gtest/gtest.h>

#include "vouch/validator/stream_validator.hpp"

namespace vouch::validator::policy_test {
namespace {

constexpr const char* start = R"({"type":"RUN_STARTED","threadId":"t","runId":"r1"})";
constexpr const char* finish = R"({"type":"RUN_FINISHED","threadId":"t","runId":"r1"})";
constexpr const char* same_run = R"({"type":"RUN_STARTED","threadId":"t","runId":"r1"})";
constexpr const char* open_text = R"({"type":"TEXT_MESSAGE_START","messageId":"m"})";
constexpr const char* text = R"({"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":"x"})";
constexpr const char* system_custom = R"({"type":"CUSTOM","name":"system","value":1})";

Policy policy_of(PolicySpec spec) {
  const auto policy = make_policy(spec);
  if (policy) return *policy;
  ADD_FAILURE() << policy.error()[0].where << ": " << policy.error()[0].what;
  return {};
}

std::string only_fault(PolicySpec spec) {
  const auto policy = make_policy(spec);
  if (policy || policy.error().size() != 1) return "not one fault";
  return policy.error()[0].where + ": " + policy.error()[0].what;
}

std::vector<Verdict> judge(const Policy& policy, const std::vector<std::string>& events,
                           Hash* head = nullptr) {
  StreamValidator validator(options_of(policy, "s"));
  std::vector<Verdict> out;
  for (const std::string& event : events) out.push_back(validator.feed(event));
  out.push_back(validator.close());
  if (head != nullptr) *head = validator.chain().head();
  return out;
}

bool names(const Verdict& verdict, std::uint16_t code) {
  return std::ranges::find(verdict.findings, code, &Finding::code) != verdict.findings.end();
}

TEST(Policy, AnOverrideThatTouchesFatalChangesTheIdAndTheHead) {
  const Policy usual = policy_of({});
  const Policy lowered = policy_of({.settings = {{"thread.run-id-reused", "warning"}}});
  EXPECT_EQ(lowered.rules.id(), "agui-1.1/strict/compat/2006=warning");
  const std::vector<std::string> events{start, finish, same_run, finish};
  Hash usual_head, lowered_head;
  EXPECT_EQ(judge(usual, events, &usual_head)[2].code, 2006);
  const Verdict forgiven = judge(lowered, events, &lowered_head)[2];
  EXPECT_EQ(forgiven.outcome, Outcome::warned);
  EXPECT_NE(usual_head, lowered_head);
}

TEST(Policy, OtherOverridesStayLocal) {
  const Policy quiet = policy_of({.settings = {{"2033", "off"}}});
  EXPECT_EQ(quiet.rules, RuleSet{});
  Hash usual_head, quiet_head;
  EXPECT_TRUE(names(judge(policy_of({}), {start, finish}, &usual_head)[0], 2033));
  EXPECT_FALSE(names(judge(quiet, {start, finish}, &quiet_head)[0], 2033));
  EXPECT_EQ(usual_head, quiet_head);
  const Policy loud = policy_of({.settings = {{"2033", "warning"}}});
  EXPECT_EQ(judge(loud, {start, finish})[0].outcome, Outcome::warned);
}

TEST(Policy, LocalOverridesLeaveCountsAlone) {
  StreamValidator validator(options_of(policy_of({.settings = {{"2033", "warning"}}}), "s"));
  EXPECT_EQ(validator.feed(start).outcome, Outcome::warned);
  EXPECT_EQ(validator.counts(), (Counts{1, 0, 0, 0}));
  EXPECT_TRUE(validator.first_findings().empty());
}

TEST(Policy, ErrorIsReadAsFatal) {
  EXPECT_EQ(policy_of({.settings = {{"1202", "error"}}}).rules.id(),
            "agui-1.1/strict/compat/1202=fatal");
}

TEST(Policy, ARaisedWarningRejects) {
  const Policy policy = policy_of({.settings = {{"2033", "fatal"}}});
  EXPECT_EQ(judge(policy, {start})[0].code, 2033);
}

TEST(Policy, TheLaterSettingWinsAndTheDefaultIsNoOverride) {
  const Policy policy = policy_of({.settings = {{"2006", "off"}, {"2006", "fatal"}}});
  EXPECT_EQ(policy.rules.id(), "agui-1.1/strict/compat");
}

TEST(Policy, FaultsHaveHints) {
  EXPECT_EQ(only_fault({.settings = {{"text.alredy-open", "off"}}}),
            "rules.text.alredy-open: unknown rule; did you mean 'text.already-open'?");
  EXPECT_EQ(only_fault({.settings = {{"3001", "loud"}}}),
            "rules.3001: unknown level 'loud'; use off, info, warning or fatal");
  EXPECT_EQ(only_fault({.settings = {{"1101", "warning"}}}),
            "rules.1101: 1101 struct.missing-required cannot be lowered below fatal: later rules "
            "build on it");
  EXPECT_EQ(only_fault({.settings = {{"9001", "fatal"}}}),
            "rules.9001: 9001 clock.future cannot be fatal: it is never voted on; use warning");
  EXPECT_EQ(only_fault({.rule_set = "agui-1.0", .settings = {{"3212", "off"}}}),
            "rules.3212: 3212 reasoning.type-without-value does not belong to this rule set");
  EXPECT_TRUE(only_fault({.preset = "lax"}).starts_with("preset: unknown preset 'lax'; use one"));
  EXPECT_TRUE(only_fault({.overlays = {"hygene"}}).starts_with("overlays[0]: unknown overlay"));
  EXPECT_TRUE(only_fault({.rule_set = "agui-2"}).starts_with("rule_set: unknown rule set"));
  EXPECT_EQ(
      make_policy({.rule_set = "x", .preset = "y", .settings = {{"z", "off"}}}).error().size(), 3U);
}

TEST(Policy, IdsAreReadBack) {
  for (const char* id :
       {"agui-1.1/strict/compat", "agui-1.0/consumer/plain", "agui-0.0.58/strict/plain",
        "agui-1.1/strict/compat/2006=off,3111=fatal", "agui-1.1/strict/compat/+acme.a@1,acme.b",
        "agui-1.1/strict/compat/2006=off/+acme.a@1"}) {
    const auto rules = RuleSet::parse(id);
    ASSERT_TRUE(rules) << id << " " << rules.error().detail;
    EXPECT_EQ(rules->id(), id);
  }
  for (const char* other :
       {"", "agui-1.1/", "agui-1.1/strict", "agui-1.1/strict/compat/", "agui-1.1/lax/compat",
        "agui-1.1/strict/compat/3111=fatal,2006=off", "agui-1.1/strict/compat/2006=fatal",
        "agui-1.1/strict/compat/2006=off,2006=off", "agui-1.1/strict/compat/2033=off",
        "agui-1.1/strict/compat/2006=error", "agui-1.1/strict/compat/+", "agui-1.1/strict/compat/x",
        "agui-1.1/strict/compat/+b,a", "agui-1.1/strict/compat/1001=off",
        "agui-0.0.58/strict/compat"}) {
    EXPECT_FALSE(RuleSet::parse(other)) << other;
  }
}

TEST(Presets, Act) {
  const Policy strict = policy_of({.preset = "strict"});
  const Policy production = policy_of({.preset = "production"});
  const Policy development = policy_of({.preset = "development"});
  const Policy permissive = policy_of({.preset = "permissive"});
  const Policy testing = policy_of({.preset = "testing"});

  // A recommendation, and hygiene.
  EXPECT_EQ(judge(strict, {start})[0].outcome, Outcome::warned);
  EXPECT_EQ(judge(production, {start})[0].outcome, Outcome::accepted);
  EXPECT_TRUE(names(judge(production, {start})[0], 8015));
  EXPECT_FALSE(names(judge(development, {start})[0], 8015));
  EXPECT_TRUE(names(judge(development, {start, system_custom})[1], 8011));
  EXPECT_FALSE(names(judge(permissive, {start, system_custom})[1], 8011));
  EXPECT_FALSE(names(judge(testing, {start, system_custom})[1], 8011));

  // What only producers must not do.
  EXPECT_EQ(judge(strict, {start, finish, same_run})[2].code, 2006);
  EXPECT_EQ(judge(permissive, {start, finish, same_run})[2].outcome, Outcome::warned);

  // Pieces of streams.
  EXPECT_EQ(judge(development, {open_text})[0].code, 2001);
  const auto piece = judge(testing, {open_text, text});
  EXPECT_EQ(piece[0].outcome, Outcome::accepted);
  EXPECT_EQ(piece[1].outcome, Outcome::accepted);
  EXPECT_EQ(judge(testing, {text})[0].code, 3002);
  const auto cut = judge(testing, {start, open_text});
  EXPECT_EQ(cut.back().outcome, Outcome::accepted);
  EXPECT_EQ(cut.back().code, code_accepted);
  EXPECT_EQ(judge(production, {start, open_text}).back().code, 2010);

  for (const PresetInfo& preset : presets()) {
    const Policy policy = policy_of({.preset = std::string(preset.name)});
    const bool voted_alike = policy.rules == RuleSet{};
    EXPECT_EQ(voted_alike, preset.name != "permissive" && preset.name != "testing") << preset.name;
    EXPECT_TRUE(RuleSet::parse(policy.rules.id())) << policy.rules.id();
  }
}

class NoSecrets final : public CustomRule {
 public:
  explicit NoSecrets(Purity purity, Severity severity = Severity::fatal,
                     std::uint16_t code = 20'001)
      : CustomRule(code, "acme.no-secrets@1", purity, severity) {}
  std::optional<Objection> check(const Event& event, const StreamState&) const override {
    if (!event.delta || event.delta->find("sk-") == std::string_view::npos) return {};
    return Objection{"the delta holds a key", "/delta"};
  }
};

/// Reads the state before the event.
class OneCallAtATime final : public CustomRule {
 public:
  OneCallAtATime() : CustomRule(20'002, "acme.one-call", Purity::pure, Severity::fatal) {}
  std::optional<Objection> check(const Event& event, const StreamState& before) const override {
    if (event.kind != Kind::tool_call_start || before.run.tool.empty()) return {};
    return Objection{"a call is open", "/toolCallId"};
  }
};

constexpr const char* secret =
    R"({"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":"sk-123"})";

TEST(CustomRules, APureRuleRejectsAndIsPartOfTheId) {
  const Policy policy = policy_of({.custom = {std::make_shared<NoSecrets>(Purity::pure)}});
  EXPECT_EQ(policy.rules.id(), "agui-1.1/strict/compat/+acme.no-secrets@1");
  const auto verdicts = judge(policy, {start, open_text, text, secret, text});
  EXPECT_EQ(verdicts[2].outcome, Outcome::accepted);
  EXPECT_EQ(verdicts[3].code, 20'001);
  EXPECT_EQ(verdicts[3].findings.back().pointer, "/delta");
  EXPECT_EQ(verdicts[3].findings.back().index, 3);
  EXPECT_EQ(verdicts[4].outcome, Outcome::unjudged);
}

TEST(CustomRules, ALocalRuleOnlyWarnsAndLeavesNoTraceInWhatIsShared) {
  const Policy policy =
      policy_of({.custom = {std::make_shared<NoSecrets>(Purity::local, Severity::warning)}});
  EXPECT_EQ(policy.rules, RuleSet{});
  StreamValidator with(options_of(policy, "s")), without(options_of(Policy{}, "s"));
  for (const char* event : {start, open_text, secret}) {
    with.feed(event);
    without.feed(event);
  }
  EXPECT_EQ(with.feed(secret).outcome, Outcome::warned);
  EXPECT_EQ(without.feed(secret).outcome, Outcome::accepted);
  EXPECT_EQ(with.counts(), without.counts());
  EXPECT_EQ(with.first_findings(), without.first_findings());
  EXPECT_EQ(with.chain().head(), without.chain().head());
}

TEST(CustomRules, SeeTheStateBeforeTheEvent) {
  const Policy policy = policy_of({.custom = {std::make_shared<OneCallAtATime>()}});
  const auto call = [](std::string id) {
    return R"({"type":"TOOL_CALL_START","toolCallName":"f","toolCallId":")" + id + "\"}";
  };
  const auto verdicts = judge(policy, {start, call("a"), call("b")});
  EXPECT_EQ(verdicts[1].outcome, Outcome::accepted);
  EXPECT_EQ(verdicts[2].code, 20'002);
}

TEST(CustomRules, FaultsAreSaid) {
  const auto fault = [](std::shared_ptr<const CustomRule> rule) {
    return only_fault({.custom = {std::move(rule)}});
  };
  EXPECT_EQ(fault(nullptr), "custom_rules: a custom rule is null");
  EXPECT_EQ(fault(std::make_shared<NoSecrets>(Purity::local)),
            "custom_rules: custom rule 'acme.no-secrets@1': only a pure rule may reject; make it "
            "pure or a warning");
  EXPECT_EQ(fault(std::make_shared<NoSecrets>(Purity::pure, Severity::fatal, 3001)),
            "custom_rules: custom rule 'acme.no-secrets@1': its number is not within 20000 to "
            "29999");
  EXPECT_EQ(only_fault({.rule_set = "agui-1.1/strict/compat/+acme.x"}),
            "rule_set: custom rule 'acme.x' is named but not given");
}

}  // namespace
}  // namespace vouch::validator::policy_test
