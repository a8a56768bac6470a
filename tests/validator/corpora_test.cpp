// The acceptance streams: verdict, first index and rule of every case.
// SPDX-License-Identifier: MIT
#include "tests/validator/corpus.hpp"

#include "vouch/validator/rules.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace vouch::validator {
namespace {

struct Judged {
  bool valid = true;
  std::int64_t index = 0;
  std::string rule;
  std::size_t warnings = 0;
};

/// Feeds a whole stream and closes it; the first rejection counts.
Judged judge(const std::vector<std::string>& events, RuleSet rules = {}) {
  StreamValidator validator({rules, ""});
  Judged out;
  const auto look = [&out](const Verdict& verdict) {
    for (const Finding& finding : verdict.findings) {
      if (finding.severity == Severity::warning) ++out.warnings;
      if (finding.severity != Severity::fatal || !out.valid) continue;
      out.valid = false;
      out.index = finding.index;
      out.rule = find_rule(finding.code)->id;
    }
  };
  for (const std::string& event : events) look(validator.feed(event));
  look(validator.close());
  return out;
}

bool compat_of(const json::Value& one) {
  const json::Value* options = one.find("options");
  const json::Value* compat = options == nullptr ? nullptr : options->find("compat");
  return compat == nullptr || compat->get<bool>() == nullptr || *compat->get<bool>();
}

TEST(Corpora, SpecRules) {
  std::size_t seen = 0;
  for (const json::Value& one : corpus("spec_rules.jsonl")) {
    const Judged got = judge(events_of(one), {Protocol::agui_1_1, Profile::strict, compat_of(one)});
    const json::Value& expect = *one.find("expect");
    const bool valid = *expect.find("valid")->get<bool>();
    EXPECT_EQ(got.valid, valid) << name_of_case(one) << " " << got.rule << " at " << got.index;
    if (!valid && !got.valid) {
      EXPECT_EQ(got.index, *expect.find("error_index")->get<std::int64_t>()) << name_of_case(one);
      EXPECT_EQ(got.rule, *expect.find_text("rule")) << name_of_case(one);
    }
    ++seen;
  }
  EXPECT_EQ(seen, 68U);
}

TEST(Corpora, RecordedServerStreamsAreValidWithoutAWarning) {
  std::size_t seen = 0;
  for (const json::Value& one : corpus("real_streams.jsonl")) {
    if (!name_of_case(one).starts_with("dotnet-baseline/")) continue;
    const Judged got = judge(events_of(one));
    EXPECT_TRUE(got.valid) << name_of_case(one) << " " << got.rule << " at " << got.index;
    EXPECT_EQ(got.warnings, 0U) << name_of_case(one);
    ++seen;
  }
  EXPECT_EQ(seen, 20U);
}

TEST(Corpora, RecordedFixturesBreakWhereTheyAreKnownTo) {
  const std::map<std::string, std::pair<std::int64_t, std::string>> broken{
      {"dart-events/error_handling", {5, "run.event-after-error"}},
      {"dart-events/reasoning_events", {4, "reasoning.message-already-open"}},
      {"dart-events/messages_snapshot", {2, "text.reopen-mismatch"}}};
  std::size_t seen = 0;
  for (const json::Value& one : corpus("real_streams.jsonl")) {
    const std::string name = name_of_case(one);
    if (!name.starts_with("dart-events/")) continue;
    const Judged got = judge(events_of(one));
    const auto expected = broken.find(name);
    EXPECT_EQ(got.valid, expected == broken.end()) << name << " " << got.rule;
    if (expected != broken.end()) {
      EXPECT_EQ(std::pair(got.index, got.rule), expected->second) << name;
    }
    ++seen;
  }
  EXPECT_EQ(seen, 15U);
}

TEST(Corpora, ConsumersForgiveWhatOnlyProducersMustNotDo) {
  for (const json::Value& one : corpus("real_streams.jsonl")) {
    if (name_of_case(one) != "dart-events/messages_snapshot") continue;
    EXPECT_TRUE(judge(events_of(one), {Protocol::agui_1_1, Profile::consumer, true}).valid);
  }
}

TEST(Corpora, FutureEventsAreAcceptedWithWarnings) {
  for (const json::Value& one : corpus("real_streams.jsonl")) {
    if (name_of_case(one) != "dotnet-compat/forward-compatibility.json") continue;
    for (const std::string& event : events_of(one)) {
      StreamValidator validator({RuleSet{}, ""});
      validator.feed(R"({"type":"RUN_STARTED","threadId":"t","runId":"r"})");
      const Verdict verdict = validator.feed(event);
      for (const Finding& finding : verdict.findings) {
        EXPECT_FALSE(finding.code >= 1001 && finding.code < 1200) << event << " " << finding.code;
      }
    }
  }
}

}  // namespace
}  // namespace vouch::validator
