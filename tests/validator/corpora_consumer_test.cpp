// The official structural fixtures as a consumer meets them: every document stands in a stream that
// is right but for it. Theirs is what the official tolerant parser 1.0.0 says of the document
// (`core_1_0_0_zod`), which knows no boundary for the nulls of older producers.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "tests/validator/disagreements.hpp"
#include <fmt/format.h>

#include "vouch/schemas/json_patch.hpp"

namespace vouch::validator::corpora_consumer_test {
namespace {

struct Hosted {
  std::vector<std::string> events;
  std::int64_t index = 0;  ///< of the event that the document is, or lies in
};

std::string input_with(const std::string& member) {
  return R"({"type":"RUN_STARTED","threadId":"t1","runId":"r1","input":)"
         R"({"threadId":"t1","runId":"r1",)" +
         member + "}}";
}

/// What opens the item that an event goes on with; nothing when it needs none.
std::vector<std::string> openers_of(const json::Value& event) {
  const std::string& type = *event.find_text("type");
  const auto text = [&event](const char* name) {
    const std::string* found = event.find_text(name);
    return found == nullptr ? std::string("none") : *found;
  };
  const std::string owner = event.find_text("subagentRunId") == nullptr
                                ? ""
                                : fmt::format(R"(,"subagentRunId":"{}")", text("subagentRunId"));
  const auto opener = [&](const std::string& head, const char* id) {
    return std::vector{fmt::format(R"({{"type":"{}","{}":"{}"{}}})", head, id, text(id), owner)};
  };
  if (type == "TEXT_MESSAGE_CONTENT" || type == "TEXT_MESSAGE_END") {
    return opener("TEXT_MESSAGE_START", "messageId");
  }
  if (type == "TEXT_MESSAGE_CHUNK") return {R"({"type":"TEXT_MESSAGE_CHUNK","messageId":"m"})"};
  if (type == "REASONING_MESSAGE_CHUNK") {
    return {R"({"type":"REASONING_MESSAGE_CHUNK","messageId":"m"})"};
  }
  if (type == "TOOL_CALL_CHUNK") {
    return {R"({"type":"TOOL_CALL_CHUNK","toolCallId":"c1","toolCallName":"search"})"};
  }
  if (type == "TOOL_CALL_ARGS" || type == "TOOL_CALL_END") {
    return opener(R"(TOOL_CALL_START","toolCallName":"search)", "toolCallId");
  }
  if (type == "REASONING_MESSAGE_CONTENT" || type == "REASONING_MESSAGE_END") {
    return opener(R"(REASONING_MESSAGE_START","role":"reasoning)", "messageId");
  }
  if (type == "REASONING_END") return opener("REASONING_START", "messageId");
  if (type == "STEP_FINISHED") return opener("STEP_STARTED", "stepName");
  if (type == "SUBAGENT_FINISHED" || type == "SUBAGENT_ERROR") {
    return {fmt::format(R"({{"type":"SUBAGENT_STARTED","subagentRunId":"{}","name":"n"}})",
                        text("subagentRunId"))};
  }
  if (event.find_text("parentSubagentRunId") != nullptr) {
    return {fmt::format(R"({{"type":"SUBAGENT_STARTED","subagentRunId":"{}","name":"n"}})",
                        text("parentSubagentRunId"))};
  }
  return {};
}

Hosted host(const std::string& definition, const json::Value& document) {
  const std::string text = json::to_text(document);
  const std::string start = R"({"type":"RUN_STARTED","threadId":"t1","runId":"r1"})";
  if (definition == "RunAgentInput") {
    return {{R"({"type":"RUN_STARTED","threadId":"t1","runId":"r1","input":)" + text + "}"}, 0};
  }
  if (definition == "Tool") return {{input_with(R"("messages":[],"tools":[)" + text + "]")}, 0};
  if (definition == "ResumeEntry") {
    return {{input_with(R"("messages":[],"resume":[)" + text + "]")}, 0};
  }
  if (definition == "UserMessage" || definition == "ToolMessage") {
    return {{start, R"({"type":"MESSAGES_SNAPSHOT","messages":[)" + text + "]}"}, 1};
  }
  if (definition == "Interrupt") {
    return {{start, R"({"type":"RUN_FINISHED","threadId":"t1","runId":"r1","outcome":)"
                    R"({"type":"interrupt","interrupts":[)" +
                        text + "]}}"},
            1};
  }
  Hosted out;
  if (definition != "RunStartedEvent") out.events.push_back(start);
  for (std::string& opener : openers_of(document)) out.events.push_back(std::move(opener));
  out.index = static_cast<std::int64_t>(out.events.size());
  out.events.push_back(text);
  return out;
}

/// The rejection before the stream ends: what stays open at the end is no matter of the fixture.
Judged judge_hosted(const Hosted& hosted, const RuleSet& rules) {
  Judged out = judge_stream(hosted.events, {rules, ""});
  if (out.first && out.first->index < 0) out.first.reset();
  return out;
}

const json::Value* value_at(const json::Value& document, const std::string& pointer) {
  const json::Value* at = &document;
  const auto tokens = json::pointer_tokens(pointer);
  for (const std::string& token : *tokens) {
    const auto* list = at->get<json::Array>();
    at = list != nullptr ? &(*list)[std::stoul(token)] : at->find(token);
  }
  return at;
}

/// Our rule for the keyword of the schema that a document breaks.
std::string rule_of(const json::Value& one) {
  const json::Value& reason = *one.find("expect")->find("reason");
  const std::string& keyword = *reason.find_text("keyword");
  const std::string& where = *reason.find_text("instanceLocation");
  if (keyword == "required") return "struct.missing-required";
  if (keyword == "pattern") return "struct.bad-pointer";
  if (keyword == "minItems") return "struct.min-items";
  if (keyword == "const") return "struct.bad-const";
  const bool number = keyword == "maximum" || keyword == "minimum";
  if (number || where == "/timestamp") return "struct.number-range";
  return value_at(*one.find("doc"), where)->is_null() ? "struct.null-optional"
                                                      : "struct.wrong-type";
}

TEST(CorporaConsumer, RejectsWhatTheOfficialParserDoesAndNothingElse) {
  const RuleSet rules{Protocol::agui_1_1, Profile::consumer, false};
  Disagreements known("spec_fixtures", "agui-1.1/consumer");
  std::size_t invalid = 0, rejected = 0;
  for (const json::Value& one : corpus("spec_fixtures.jsonl")) {
    const Hosted hosted = host(*one.find_text("definition"), *one.find("doc"));
    const Judged got = judge_hosted(hosted, rules);
    const bool passes = *one.find("core_1_0_0_zod")->get<bool>();
    known.compare(name_of_case(one), passes ? std::nullopt : std::optional(hosted.index), got);
    if (*one.find("expect")->find("valid")->get<bool>()) continue;
    ++invalid;
    // Whatever does not reject it must have taken notice of it.
    if (!got.first) {
      EXPECT_TRUE(got.found(1202) || got.found(1203)) << name_of_case(one);
      continue;
    }
    ++rejected;
    EXPECT_EQ(got.first->rule, rule_of(one)) << name_of_case(one);
  }
  EXPECT_EQ(known.agreed(), 169U);
  EXPECT_EQ(invalid, 63U);
  EXPECT_EQ(rejected, 50U);
}

/// With the boundary for older producers four of the fifty pass, and nothing else changes.
TEST(CorporaConsumer, TheBoundaryTakesFourNulls) {
  const RuleSet plain{Protocol::agui_1_1, Profile::consumer, false};
  const RuleSet compat{Protocol::agui_1_1, Profile::consumer, true};
  std::vector<std::string> taken;
  for (const json::Value& one : corpus("spec_fixtures.jsonl")) {
    const Hosted hosted = host(*one.find_text("definition"), *one.find("doc"));
    const Judged before = judge_hosted(hosted, plain);
    const Judged after = judge_hosted(hosted, compat);
    if (before.first == after.first) continue;
    EXPECT_EQ(after.first, std::nullopt) << name_of_case(one);
    EXPECT_TRUE(after.found(1304)) << name_of_case(one);
    taken.push_back(name_of_case(one));
  }
  std::ranges::sort(taken);
  EXPECT_EQ(taken, (std::vector<std::string>{"RunFinishedEvent/invalid/outcome-null",
                                             "TextMessageEndEvent/valid/raw-event-null",
                                             "ToolCallChunkEvent/invalid/parent-message-id-null",
                                             "ToolCallStartEvent/invalid/parent-message-id-null"}));
}

/// What only a producer owes is no reason to reject for a consumer.
TEST(CorporaConsumer, SpecRules) {
  std::size_t excused = 0;
  for (const json::Value& one : corpus("spec_rules.jsonl")) {
    const json::Value* options = one.find("options");
    const json::Value* compat = options == nullptr ? nullptr : options->find("compat");
    const bool boundary = compat == nullptr || *compat->get<bool>();
    const RuleSet rules{Protocol::agui_1_1, Profile::consumer, boundary};
    const Judged got = judge_stream(events_of(one), {rules, ""});
    const json::Value& expect = *one.find("expect");
    std::optional<Rejection> expected;
    if (!*expect.find("valid")->get<bool>()) {
      expected = {*expect.find("error_index")->get<std::int64_t>(), *expect.find_text("rule")};
      const Rule* rule = find_rule(expected->rule);
      ASSERT_NE(rule, nullptr) << expected->rule;
      if (severity_of(*rule, Profile::consumer) != Severity::fatal) {
        EXPECT_TRUE(got.found(rule->code)) << name_of_case(one);
        expected.reset();
        ++excused;
      }
    }
    EXPECT_EQ(got.first, expected) << name_of_case(one);
  }
  EXPECT_GT(excused, 0U);
}

}  // namespace
}  // namespace vouch::validator::corpora_consumer_test
