// Rules of scope input: an input document against what its thread left, a stream against the input
// that it answers, and the same for inputs that a stream echoes.
// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vouch/validator/rules.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace vouch::validator::input_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Seen = std::vector<std::pair<std::uint16_t, Severity>>;

std::string started(const std::string& run, const std::string& input_members = {}) {
  const std::string head =
      R"({"type":"RUN_STARTED","threadId":"t","protocolVersion":"1.1","runId":")" + run + '"';
  if (input_members.empty()) return head + "}";
  return head + R"(,"input":{"threadId":"t","runId":")" + run + "\"," + input_members + "}}";
}
std::string finished(const std::string& run, const std::string& outcome = {}) {
  const std::string head = R"({"type":"RUN_FINISHED","threadId":"t","runId":")" + run + '"';
  return head + (outcome.empty() ? "" : ",\"outcome\":" + outcome) + "}";
}
std::string input_of(const std::string& run, const std::string& members) {
  return R"({"threadId":"t","runId":")" + run + "\"," + members + "}";
}
std::string call(const std::string& id, const std::string& tool) {
  return R"({"type":"TOOL_CALL_START","toolCallId":")" + id + R"(","toolCallName":")" + tool +
         "\"}";
}
std::string call_end(const std::string& id) {
  return R"({"type":"TOOL_CALL_END","toolCallId":")" + id + "\"}";
}
std::string result(const std::string& id) {
  return R"({"type":"TOOL_CALL_RESULT","messageId":"result of )" + id + R"(","toolCallId":")" + id +
         R"(","content":"ok"})";
}

const std::string interrupted =
    R"({"type":"interrupt","interrupts":[{"id":"i1","reason":"ask"},{"id":"i2","reason":"ask"}]})";
const std::string advertised = R"("messages":[],"tools":[{"name":"search","description":"d"}])";

class Fixture {
 public:
  explicit Fixture(const std::string& input = {}, RuleSet rules = {}) {
    Options options{std::move(rules)};
    if (!input.empty()) {
      InputDocument document = read_input(input, options.rules);
      EXPECT_TRUE(document.value) << input;
      options.input = std::move(document.value);
    }
    stream_.emplace(std::move(options));
  }

  Fixture& feed(const std::vector<std::string>& events) {
    for (const std::string& event : events) {
      last_ = stream_->feed(event);
      note();
    }
    return *this;
  }
  Fixture& close() {
    last_ = stream_->close();
    note();
    return *this;
  }
  StreamValidator& stream() { return *stream_; }
  const Verdict& last() const { return last_; }
  /// Everything that the stream has touched, infos included.
  const Seen& stream_findings() const { return seen_; }
  Seen input_findings() const { return seen(stream_->input_findings()); }
  static Seen seen(const std::vector<Finding>& findings) {
    Seen out;
    for (const Finding& finding : findings) out.emplace_back(finding.code, finding.severity);
    return out;
  }

 private:
  void note() {
    for (const auto& one : seen(last_.findings)) seen_.push_back(one);
  }

  std::optional<StreamValidator> stream_;
  Verdict last_;
  Seen seen_;
};

constexpr auto info = Severity::info;
constexpr auto warning = Severity::warning;
constexpr auto fatal = Severity::fatal;
using F = std::pair<std::uint16_t, Severity>;

TEST(Input, EveryOpenInterruptIsAnswered) {
  Fixture f(input_of("r2", R"("messages":[],"resume":[{"interruptId":"i1","status":"resolved"}])"));
  f.feed({started("r1"), finished("r1", interrupted), started("r2")});
  EXPECT_THAT(f.input_findings(), ElementsAre(F(6030, fatal)));
  EXPECT_EQ(f.stream().input_findings()[0].index, 2);
  EXPECT_EQ(f.stream().input_findings()[0].pointer, "/resume");
  EXPECT_THAT(f.stream_findings(), IsEmpty()) << "the producer had to run anyway";
  EXPECT_TRUE(f.stream().input_met());
}

TEST(Input, OnlyOpenInterruptsAreAnsweredAndOnce) {
  Fixture f(input_of("r2", R"("messages":[],"resume":[{"interruptId":"i1","status":"resolved"},)"
                           R"({"interruptId":"i2","status":"cancelled"},)"
                           R"({"interruptId":"i2","status":"cancelled"},)"
                           R"({"interruptId":"i3","status":"resolved"}])"));
  f.feed({started("r1"), finished("r1", interrupted), started("r2")});
  EXPECT_THAT(f.input_findings(), ElementsAre(F(6032, warning), F(6031, fatal)));
  EXPECT_EQ(f.stream().input_findings()[1].pointer, "/resume/3/interruptId");
}

TEST(Input, NothingIsAnsweredWhenNothingWaits) {
  const std::string resume = R"("messages":[],"resume":[{"interruptId":"i1","status":"resolved"}])";
  Fixture first(input_of("r1", resume));
  EXPECT_THAT(first.feed({started("r1")}).input_findings(), ElementsAre(F(6034, warning)));
  // A run that succeeds, or a late RUN_ERROR, withdraws the questions; a failed resume does not.
  Fixture withdrawn(input_of("r3", resume));
  withdrawn.feed(
      {started("r1"), finished("r1", interrupted), started("r2"), finished("r2"), started("r3")});
  EXPECT_THAT(withdrawn.input_findings(), ElementsAre(F(6034, warning)));
  const std::string error = R"({"type":"RUN_ERROR","message":"m"})";
  Fixture late(input_of("r2", resume));
  late.feed({started("r1"), finished("r1", interrupted), error, started("r2")});
  EXPECT_THAT(late.input_findings(), ElementsAre(F(6034, warning)));
  Fixture kept(input_of("r3", R"("messages":[])"));
  kept.feed({started("r1"), finished("r1", interrupted), started("r2"), error, started("r3")});
  EXPECT_THAT(kept.input_findings(), ElementsAre(F(6030, fatal), F(6030, fatal)));
}

TEST(Input, CallsOfTheFrontendAreAnswered) {
  const std::string pending = R"({"type":"success","pendingToolCallIds":["c1","c2"]})";
  const std::string answer = R"({"role":"tool","id":"m1","toolCallId":"c1","content":"ok"})";
  Fixture named(input_of("r2", R"("messages":[)" + answer + "]"));
  named.feed({started("r1"), call("c1", "a"), call_end("c1"), call("c2", "a"), call_end("c2"),
              finished("r1", pending), started("r2")});
  EXPECT_THAT(named.input_findings(), ElementsAre(F(6040, fatal)));
  // Known by the earlier input; others only deserve a word.
  Fixture by_tool(input_of("r2", R"("messages":[])"));
  by_tool.feed({started("r1", advertised), call("c1", "search"), call_end("c1"), call("c2", "own"),
                call_end("c2"), finished("r1"), started("r2")});
  EXPECT_THAT(by_tool.input_findings(), ElementsAre(F(6040, fatal), F(6040, info)));
  // An open interrupt speaks of the call; a result came late.
  Fixture settled(
      input_of("r3", R"("messages":[],"resume":[{"interruptId":"i","status":"resolved"}])"));
  settled.feed(
      {started("r1"), call("c1", "a"), call_end("c1"), call("c2", "a"), call_end("c2"),
       finished("r1"), started("r2"), result("c2"),
       finished("r2",
                R"({"type":"interrupt","interrupts":[{"id":"i","reason":"r","toolCallId":"c1"}]})"),
       started("r3")});
  EXPECT_THAT(settled.input_findings(), IsEmpty());
}

TEST(Input, ActivitiesAreNotSentBack) {
  Fixture f(input_of(
      "r1", R"("messages":[{"role":"activity","id":"a","activityType":"x","content":{}}])"));
  EXPECT_THAT(f.feed({started("r1")}).input_findings(), ElementsAre(F(6041, fatal)));
}

TEST(Input, TheStateIsTheOneThatTheLastRunLeft) {
  const std::string snapshot = R"({"type":"STATE_SNAPSHOT","snapshot":{"a":1}})";
  for (const auto& [state, expected] :
       {std::pair<std::string, Seen>{R"({"a":1.0})", {}}, {R"({"a":2})", {F(6043, info)}}}) {
    Fixture f(input_of("r2", R"("messages":[],"state":)" + state));
    f.feed({started("r1"), snapshot, finished("r1"), started("r2")});
    EXPECT_EQ(f.input_findings(), expected) << state;
  }
}

TEST(Input, SomeRunAnswersIt) {
  Fixture f(input_of("r9", R"("messages":[])"));
  f.feed({started("r1"), finished("r1", interrupted)}).close();
  EXPECT_FALSE(f.stream().input_met());
  EXPECT_THAT(Fixture::seen(f.stream().judge_unmet_input()),
              ElementsAre(F(6030, fatal), F(6030, fatal), F(6042, warning)));
  Fixture truncated(input_of("r9", R"("messages":[])"));
  truncated.feed({started("r1")}).close();
  EXPECT_THAT(Fixture::seen(truncated.stream().judge_unmet_input()), IsEmpty());
  Fixture empty(input_of("r9", R"("messages":[])"));
  EXPECT_THAT(Fixture::seen(empty.close().stream().judge_unmet_input()), IsEmpty());
}

TEST(Input, ItsThreadIsTheThreadOfTheStream) {
  Fixture f(R"({"threadId":"u","runId":"r1","messages":[]})");
  EXPECT_EQ(f.feed({started("r1")}).last().code, 2005);
}

TEST(Input, ItsStateIsWhatPatchesMeet) {
  const std::string delta = R"({"type":"STATE_DELTA","delta":[{"op":"remove","path":"/a"}]})";
  Fixture f(input_of("r1", R"("messages":[],"state":{"a":1})"));
  EXPECT_THAT(f.feed({started("r1"), delta}).stream_findings(), IsEmpty());
}

TEST(Input, ToolsOfTheFrontendAreLeftToIt) {
  Fixture f(input_of("r1", advertised));
  f.feed({started("r1"), call("c1", "search"), call_end("c1"), result("c1"), call("c2", "own"),
          call_end("c2"), result("c2"), finished("r1")});
  EXPECT_THAT(f.stream_findings(), ElementsAre(F(3112, warning)));
}

TEST(Input, CallsThatNobodyAnswersAreNamed) {
  Fixture f(input_of("r1", advertised));
  f.feed({started("r1"), call("c1", "search"), call_end("c1"), call("c2", "saerch"), call_end("c2"),
          finished("r1")});
  EXPECT_THAT(f.stream_findings(), ElementsAre(F(3113, info)));
}

TEST(Input, EchoesAreOnlyWarnedOf) {
  Fixture f;
  f.feed(
      {started("r1"), finished("r1", interrupted),
       started("r2", R"("messages":[{"role":"activity","id":"a","activityType":"x","content":{}}],)"
                     R"("resume":[{"interruptId":"i3","status":"resolved"}])")});
  EXPECT_THAT(f.stream_findings(),
              ElementsAre(F(6030, warning), F(6030, warning), F(6031, warning), F(6041, warning)));
  EXPECT_EQ(f.last().outcome, Outcome::warned);
  EXPECT_EQ(f.last().findings.back().pointer, "/input/messages/0");
  EXPECT_THAT(f.input_findings(), IsEmpty());
}

TEST(Input, ARaisedRuleStaysAWarningOnEchoes) {
  const auto rules = RuleSet::parse("agui-1.1/strict/compat/6032=fatal");
  ASSERT_TRUE(rules);
  const std::string twice = R"("messages":[],"resume":[{"interruptId":"i1","status":"resolved"},)"
                            R"({"interruptId":"i2","status":"resolved"},)"
                            R"({"interruptId":"i2","status":"resolved"}])";
  Fixture f(input_of("r2", twice), *rules);
  f.feed({started("r1"), finished("r1", interrupted), started("r2", twice)});
  EXPECT_THAT(f.input_findings(), ElementsAre(F(6032, fatal)));
  EXPECT_THAT(f.stream_findings(), ElementsAre(F(6032, warning)));
}

/// A stream may be the continuation of a thread that nobody here has seen.
TEST(Input, TheFirstEchoOfAStreamMayAnswerWhatWasBefore) {
  Fixture f;
  f.feed({started("r2", R"("messages":[],"state":{"a":1},)"
                        R"("resume":[{"interruptId":"i1","status":"resolved"}])")});
  EXPECT_THAT(f.stream_findings(), IsEmpty());
}

TEST(Input, EarlierStreamsOfTheThreadCount) {
  Fixture earlier;
  earlier.feed({started("r1"), finished("r1", interrupted)}).close();
  const ThreadState left = earlier.stream().thread();
  Options options;
  options.earlier = [&](std::string_view thread) { return thread == "t" ? left : ThreadState(); };
  StreamValidator later(options);
  const Verdict verdict = later.feed(
      started("r2", R"("messages":[],"resume":[{"interruptId":"i1","status":"resolved"}])"));
  EXPECT_THAT(Fixture::seen(verdict.findings), ElementsAre(F(6030, warning)));
}

TEST(Input, ItsStructureIsJudgedAsAConsumerDoes) {
  const InputDocument good =
      read_input(R"({"threadId":"t","runId":"r","messages":[],"state":null,"zzz":1,)"
                 R"("resume":[{"interruptId":"i","status":"paused"}]})",
                 RuleSet{});
  ASSERT_TRUE(good.value);
  EXPECT_EQ(good.value->find("zzz"), nullptr);
  EXPECT_THAT(Fixture::seen(good.findings),
              ElementsAre(F(1304, warning), F(1202, warning), F(1203, warning)));
  EXPECT_EQ(good.findings[1].pointer, "/zzz");
  for (const auto& [text, code] :
       {std::pair{"{", 1001},
        {"{},\"x\":1", 1001},
        {"", 1001},
        {"[]", 1102},
        {"{}", 1101},
        {"null", 1103},
        {R"({"threadId":"t","runId":"r","messages":[],"runId":"q"})", 1004}}) {
    const InputDocument bad = read_input(text, RuleSet{});
    EXPECT_FALSE(bad.value) << text;
    ASSERT_FALSE(bad.findings.empty()) << text;
    EXPECT_EQ(bad.findings.back().code, code) << text;
    EXPECT_EQ(bad.findings.back().index, -1);
  }
}

}  // namespace
}  // namespace vouch::validator::input_test
