// The acceptance streams: verdict, first index and rule of every case; what the corpora's README
// says we reach.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "tests/validator/disagreements.hpp"

#include "vouch/validator/decoder.hpp"

namespace vouch::validator::corpora_test {
namespace {

const RuleSet legacy{Protocol::agui_0_0_58};

std::optional<std::int64_t> error_index_of(const json::Value& one) {
  const auto* index = one.find("expect")->find("error_index")->get<std::int64_t>();
  return index == nullptr ? std::nullopt : std::optional(*index);
}

bool compat_of(const json::Value& one) {
  const json::Value* options = one.find("options");
  const json::Value* compat = options == nullptr ? nullptr : options->find("compat");
  return compat == nullptr || compat->get<bool>() == nullptr || *compat->get<bool>();
}

std::size_t agreed_in_sequence_only(const std::string& name, Protocol protocol) {
  const RuleSet rules{protocol};
  Disagreements known(name, rules.id().substr(0, rules.id().find('/')));
  Options options{rules, ""};
  options.mode.sequence_only = true;
  for (const json::Value& one : corpus(name + ".jsonl")) {
    known.compare(name_of_case(one), error_index_of(one), judge_stream(events_of(one), options));
  }
  return known.agreed();
}

TEST(Corpora, SpecRules) {
  std::size_t seen = 0;
  for (const json::Value& one : corpus("spec_rules.jsonl")) {
    const RuleSet rules{Protocol::agui_1_1, Profile::strict, compat_of(one)};
    const Judged got = judge_stream(events_of(one), {rules, ""});
    const json::Value& expect = *one.find("expect");
    std::optional<Rejection> expected;
    if (!*expect.find("valid")->get<bool>()) {
      expected = {*expect.find("error_index")->get<std::int64_t>(), *expect.find_text("rule")};
    }
    EXPECT_EQ(got.first, expected) << name_of_case(one);
    ++seen;
  }
  EXPECT_EQ(seen, 68U);
}

TEST(Corpora, RecordedServerStreamsAreValidWithoutAWarning) {
  std::size_t seen = 0;
  for (const json::Value& one : corpus("real_streams.jsonl")) {
    if (!name_of_case(one).starts_with("dotnet-baseline/")) continue;
    const Judged got = judge_stream(events_of(one));
    EXPECT_EQ(got.first, std::nullopt) << name_of_case(one);
    EXPECT_EQ(got.count(Severity::warning), 0U) << name_of_case(one);
    for (const Finding& finding : got.findings) {
      // One second turn answers a call of the first, which is another stream: 3115.
      const bool usual = finding.code == 2033 || finding.code == 3111 || finding.code == 3115;
      EXPECT_TRUE(usual) << name_of_case(one) << " " << finding.code;
    }
    ++seen;
  }
  EXPECT_EQ(seen, 20U);
}

TEST(Corpora, RecordedFixturesBreakWhereTheyAreKnownTo) {
  const std::map<std::string, Rejection> broken{
      {"dart-events/error_handling", {5, "run.event-after-error"}},
      {"dart-events/reasoning_events", {4, "reasoning.message-already-open"}},
      {"dart-events/messages_snapshot", {2, "text.reopen-mismatch"}}};
  const RuleSet consumer{Protocol::agui_1_1, Profile::consumer};
  std::size_t seen = 0;
  for (const json::Value& one : corpus("real_streams.jsonl")) {
    const std::string name = name_of_case(one);
    if (!name.starts_with("dart-events/")) continue;
    const Judged got = judge_stream(events_of(one));
    const auto known = broken.find(name);
    const auto expected =
        known == broken.end() ? std::nullopt : std::optional<Rejection>(known->second);
    EXPECT_EQ(got.first, expected) << name;
    if (name == "dart-events/messages_snapshot") {
      EXPECT_EQ(judge_stream(events_of(one), {consumer, ""}).first, std::nullopt);
    }
    if (name == "dart-events/thinking_events") {
      const auto dropped = std::ranges::count(got.findings, 1201, &Finding::code);
      EXPECT_EQ(dropped, 2) << "the two unknown THINKING_CONTENT";
    }
    ++seen;
  }
  EXPECT_EQ(seen, 15U);
}

/// Lists of single events: each is decoded and its structure judged, alone.
TEST(Corpora, WireFixturesAreAccepted) {
  std::size_t seen = 0;
  Disagreements known("real_streams", "agui-1.1");
  for (const json::Value& one : corpus("real_streams.jsonl")) {
    const std::string name = name_of_case(one);
    if (!name.starts_with("dotnet-compat/")) continue;
    bool unknown_members = false;
    Judged judged;
    const auto events = events_of(one);
    for (std::size_t i = 0; i < events.size(); ++i) {
      Decoder decoder{RuleSet{}};
      const Decoded& decoded = decoder.decode(events[i]);
      for (const Finding& finding : decoded.findings) {
        if (finding.severity != Severity::fatal || judged.first) continue;
        judged.first = {static_cast<std::int64_t>(i), std::string(find_rule(finding.code)->id)};
      }
      unknown_members |= std::ranges::count(decoded.findings, 1202, &Finding::code) > 0;
    }
    if (name.ends_with("forward-compatibility.json")) {
      EXPECT_TRUE(unknown_members);
    }
    known.compare(name, std::nullopt, judged);
    ++seen;
  }
  EXPECT_EQ(seen, 7U);
}

TEST(Corpora, TypeScriptVerifier) {
  EXPECT_EQ(agreed_in_sequence_only("ts_verify", Protocol::agui_1_1), 79U);
  EXPECT_EQ(agreed_in_sequence_only("ts_verify", Protocol::agui_1_0), 79U);
  EXPECT_EQ(agreed_in_sequence_only("ts_verify", Protocol::agui_0_0_58), 77U);
}

TEST(Corpora, KotlinVerifier) {
  EXPECT_EQ(agreed_in_sequence_only("kotlin_verify", Protocol::agui_0_0_58), 43U);
  EXPECT_EQ(agreed_in_sequence_only("kotlin_verify", Protocol::agui_1_0), 37U);
  EXPECT_EQ(agreed_in_sequence_only("kotlin_verify", Protocol::agui_1_1), 37U);
}

/// That verifier knows no runs: a run is opened for it, and indices count from there.
TEST(Corpora, CppVerifierSkipsWhatItRejects) {
  Options options{legacy, ""};
  options.mode = {.sequence_only = true, .continues = true};
  std::map<std::string, std::vector<std::int64_t>> differ;
  for (const json::Value& one : corpus("cxx_verify.jsonl")) {
    auto events = events_of(one);
    events.insert(events.begin(), R"({"type":"RUN_STARTED","threadId":"t","runId":"r"})");
    std::vector<std::int64_t> theirs, ours;
    for (const json::Value& error : *one.find("expect")->find("all_errors")->get<json::Array>()) {
      theirs.push_back(*(*error.get<json::Array>())[0].get<std::int64_t>());
    }
    for (const std::int64_t index : judge_stream(events, options).rejected) {
      ours.push_back(index - 1);
    }
    if (ours != theirs) differ[name_of_case(one)] = ours;
  }
  std::map<std::string, std::vector<std::int64_t>> expected;
  for (const json::Value& line : corpus("disagreements.jsonl")) {
    if (*line.find_text("corpus") != "cxx_verify") continue;
    auto& indices = expected[name_of_case(line)];
    for (const json::Value& index : *line.find("ours")->get<json::Array>()) {
      indices.push_back(*index.get<std::int64_t>());
    }
  }
  EXPECT_EQ(differ, expected);
  EXPECT_EQ(differ.size(), 3U);
}

}  // namespace
}  // namespace vouch::validator::corpora_test
