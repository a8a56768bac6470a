// No rule stands only in the table: each is raised by its example of docs/rules/examples, which
// policy_examples_test.cpp judges, or by a stream of this file.
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <filesystem>
#include <functional>

#include "tests/paths.hpp"
#include <gtest/gtest.h>

#include "vouch/validator/rules.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace vouch::validator::coverage_test {
namespace {

using Units = std::vector<std::string>;

/// In milliseconds since 1970.
constexpr std::int64_t now = 1'000'000'000'000;

std::string run(const std::string& id = "r", const std::string& more = {}) {
  return R"({"type":"RUN_STARTED","threadId":"t","runId":")" + id + '"' + more + "}";
}
std::string finish(const std::string& id = "r", const std::string& more = {}) {
  return R"({"type":"RUN_FINISHED","threadId":"t","runId":")" + id + '"' + more + "}";
}
std::string text(const std::string& type, const std::string& id, const std::string& more = {}) {
  return R"({"type":"TEXT_MESSAGE_)" + type + R"(","messageId":")" + id + '"' + more + "}";
}
std::string call(const std::string& type, const std::string& id, const std::string& more = {}) {
  return R"({"type":"TOOL_CALL_)" + type + R"(","toolCallId":")" + id + '"' + more + "}";
}
std::string subagent(const std::string& type, const std::string& more = {}) {
  return R"({"type":"SUBAGENT_)" + type + R"(","subagentRunId":"s")" + more + "}";
}
std::string at(std::int64_t timestamp) {
  return ",\"timestamp\":" + std::to_string(timestamp);
}
std::string delta(const std::string& text) {
  return ",\"delta\":\"" + text + '"';
}

/// The same thing a number of times, told apart by their ids.
Units many(std::size_t count, const std::function<std::string(const std::string&)>& event) {
  Units out{run()};
  for (std::size_t i = 0; i < count; ++i) out.push_back(event(std::to_string(i)));
  return out;
}

const std::string named = R"(,"toolCallName":"search")";
const std::string named_s = R"(,"name":"s")";
const std::string tagged = R"(,"subagentRunId":"s")";
const std::string tools = R"(,"tools":[{"name":"search","description":"d"}])";
const std::string asks =
    R"(,"outcome":{"type":"interrupt","interrupts":[{"id":"i","reason":"r"}]})";
const std::string expires = R"(,"outcome":{"type":"interrupt","interrupts":[)"
                            R"({"id":"i","reason":"r","expiresAt":"2001-01-01T00:00:00Z"}]})";
const std::string pending = R"(,"outcome":{"type":"success","pendingToolCallIds":["c"]})";

/// RUN_STARTED that echoes its input.
std::string echo(const std::string& id, const std::string& more = {},
                 const std::string& messages = "[]") {
  return run(id, R"(,"input":{"threadId":"t","runId":")" + id + R"(","messages":)" + messages +
                     more + "}");
}
std::string resume(const std::string& ids) {
  std::string out = R"(,"resume":[)";
  for (const char id : ids) {
    out += (out.back() == '[' ? "" : ",");
    out += R"({"status":"resolved","interruptId":")" + std::string(1, id) + "\"}";
  }
  return out + "]";
}

struct Shown {
  std::uint16_t code;
  Units units;
};

std::vector<Shown> shown_streams() {
  const std::string own_call = call("START", "c", named);
  const std::string result =
      R"({"type":"TOOL_CALL_RESULT","messageId":"m","toolCallId":"c","content":"x"})";
  return {
      {1007, {std::string(513, '[') + std::string(513, ']')}},
      {1008, many(65'537, [](const std::string& id) { return text("START", id); })},
      {2011, {}},
      {3112, {echo("r", tools), own_call, call("END", "c"), result}},
      {3113, {echo("r", R"(,"tools":[])"), own_call, call("END", "c"), finish()}},
      {3117,
       {echo("r", "", R"([{"role":"user","id":"u","content":"x"}])"),
        call("START", "c", named + R"(,"parentMessageId":"u")")}},
      {4008,
       {run(), subagent("STARTED", named_s), text("START", "m", tagged), subagent("FINISHED")}},
      {4009,
       {run(), subagent("STARTED", named_s), subagent("FINISHED"), text("START", "m", tagged)}},
      {4010, {run(), subagent("STARTED", named_s + R"(,"parentToolCallId":"x")")}},
      {4011, {run(), text("START", "m", tagged)}},
      {5202,
       {run(), text("START", "m"), R"({"type":"MESSAGES_SNAPSHOT","messages":[]})",
        text("CONTENT", "m", delta("x"))}},
      {6010,
       {run(), text("START", "m"), text("END", "m"), finish(), run("q"),
        text("START", "m", R"(,"role":"user")")}},
      {6021,
       {run(), finish("r", R"(,"outcome":{"type":"interrupt","interrupts":[)"
                           R"({"id":"i","reason":"r","toolCallId":"x"}]})")}},
      {6030, {run(), finish("r", asks), echo("q")}},
      {6031, {run(), finish("r", asks), echo("q", resume("ix"))}},
      {6032, {run(), finish("r", asks), echo("q", resume("ii"))}},
      {6034, {run(), finish(), echo("q", resume("i"))}},
      {6040, {run(), own_call, call("END", "c"), finish("r", pending), echo("q")}},
      {6041, {echo("r", "", R"([{"role":"activity","id":"a","activityType":"x","content":{}}])")}},
      {6043,
       {run(), R"({"type":"STATE_SNAPSHOT","snapshot":1})", finish(), echo("q", R"(,"state":2)")}},
      {8001, {run(), text("START", "m"), text("CONTENT", "m", delta(std::string(10'001, 'x')))}},
      {8003, {run(), own_call, call("ARGS", "c", delta(std::string(50'001, 'x')))}},
      {8006, {run(std::string(257, 'x'))}},
      {8007, {run(), text("START", "m"), text("CONTENT", "m", delta(std::string(1'001, 'x')))}},
      {8031, {run("r", at(0)), finish("r", at(601'000))}},
      {8032, {run(), text("START", "m", at(0)), text("END", "m", at(301'000))}},
      {8033, {run(), call("START", "c", named + at(0)), call("END", "c", at(121'000))}},
      {8034,
       {run(), R"({"type":"STEP_STARTED","stepName":"s","timestamp":0})",
        R"({"type":"STEP_FINISHED","stepName":"s","timestamp":301000})"}},
      {8035, many(101, [](const std::string& id) { return text("START", id, at(0)); })},
      {8036, many(5'001,
                  [](const std::string& id) {
                    return text("START", id, at(std::stoll(id) * 59'000 / 5'001));
                  })},
      {9001, {run("r", at(now + 6'000))}},
      {9002, {run("r", at(now - 86'401'000))}},
      {9003, {run("r", at(now - 301'000))}},
      {9004, many(51, [](const std::string& id) { return text("START", id); })},
      {9005, {run()}},
      {9006, {run(), finish("r", expires), echo("q", resume("i"))}},
      {9011, many(100'001,
                  [](const std::string&) {
                    return std::string(R"({"type":"CUSTOM","name":"a.b","value":1})");
                  })},
      {9012, many(1'001, [](const std::string& id) { return text("START", id); })},
  };
}

/// Why nothing here raises a rule.
const std::map<std::uint16_t, std::string> exceptions{
    {6002, "is about two streams of a thread at one time; one stream cannot break it"},
    {6042, "is about a given input and the end of the stream: input_test.cpp"},
};

bool raises(const Shown& shown) {
  const Rule& rule = *find_rule(shown.code);
  Options options;
  if (!rule.belongs_to(Protocol::agui_1_1)) options.rules.protocol = Protocol::agui_0_0_58;
  options.overlays = {rule.family == Family::hygiene, {}, {}};
  if (rule.family == Family::timing) options.overlays.timing = TimingLimits{};
  if (rule.family == Family::local) options.overlays.local = LocalLimits{};
  StreamValidator validator(options);
  const auto names = [&](const std::vector<Finding>& findings) {
    return std::ranges::find(findings, shown.code, &Finding::code) != findings.end();
  };
  bool raised = false;
  for (const std::string& unit : shown.units) raised |= names(validator.feed(unit, now).findings);
  return raised || names(validator.check_stall(now + 601'000)) || names(validator.close().findings);
}

const std::vector<Shown>& thinking_streams() {
  const auto event = [](const std::string& type) { return R"({"type":"THINKING_)" + type + "\"}"; };
  const std::string start = event("START"), open = event("TEXT_MESSAGE_START");
  static const std::vector<Shown> out{{3251, {run(), start, start}},
                                      {3252, {run(), event("END")}},
                                      {3253, {run(), open}},
                                      {3254, {run(), start, open, open}},
                                      {3255, {run(), start, event("TEXT_MESSAGE_END")}}};
  return out;
}

TEST(Coverage, EveryRuleIsRaisedBySomething) {
  std::vector<Shown> streams = shown_streams();
  std::ranges::copy(thinking_streams(), std::back_inserter(streams));
  std::set<std::uint16_t> raised;
  for (const Shown& shown : streams) {
    EXPECT_TRUE(raises(shown)) << shown.code << " is not raised by its stream";
    raised.insert(shown.code);
  }
  const auto examples = std::filesystem::path(paths::source) / "docs/rules/examples";
  for (const Rule& rule : rules()) {
    const bool example = std::filesystem::exists(examples / (std::to_string(rule.code) + ".jsonl"));
    const bool shown = example || raised.contains(rule.code);
    EXPECT_NE(shown, exceptions.contains(rule.code)) << rule.code << " " << rule.id;
  }
}

}  // namespace
}  // namespace vouch::validator::coverage_test
