// The structural verdict of single documents, with the official fixtures.
// SPDX-License-Identifier: MIT
#include "tests/validator/corpus.hpp"
#include <fmt/format.h>

#include "vouch/schemas/json_write.hpp"
#include "vouch/validator/document.hpp"

namespace vouch::validator::policy_document_test {
namespace {

TEST(Documents, OfficialStructuralFixtures) {
  // null was still allowed there when the fixtures were published.
  const std::string stale = "TextMessageEndEvent/valid/raw-event-null";
  std::size_t right = 0;
  for (const json::Value& one : corpus("spec_fixtures.jsonl")) {
    const std::string text = json::to_text(*one.find("doc"));
    const auto verdict = judge_document(text, *one.find_text("definition"), Protocol::agui_1_1);
    ASSERT_TRUE(verdict) << verdict.error().detail;
    const bool expected = *one.find("expect")->find("valid")->get<bool>();
    const bool agrees = verdict->valid == (name_of_case(one) == stale ? false : expected);
    EXPECT_TRUE(agrees) << name_of_case(one);
    right += agrees ? 1 : 0;
  }
  EXPECT_EQ(right, 179U);
}

bool valid(const char* text, const char* definition, Protocol protocol = Protocol::agui_1_1) {
  const auto verdict = judge_document(text, definition, protocol);
  EXPECT_TRUE(verdict) << definition;
  return verdict && verdict->valid;
}

TEST(Documents, ScalarsListsAndUnions) {
  EXPECT_TRUE(valid(R"("/a/~0b")", "JsonPointer"));
  EXPECT_FALSE(valid(R"("a")", "JsonPointer"));
  EXPECT_TRUE(valid("[]", "JsonPatch"));
  EXPECT_FALSE(valid(R"([{"op":"increment","path":""}])", "JsonPatch"));
  EXPECT_TRUE(valid(R"({"op":"remove","path":"/a"})", "RemoveOperation"));
  EXPECT_FALSE(valid(R"({"op":"add","path":"/a","value":1})", "RemoveOperation"));
  EXPECT_TRUE(valid(R"({"role":"user","id":"1","content":"x"})", "Message"));
  EXPECT_FALSE(valid(R"({"role":"user","id":"1","content":"x"})", "AssistantMessage"));
  EXPECT_FALSE(valid("[]", "UserMessage"));
  EXPECT_FALSE(valid("{", "State"));
  EXPECT_TRUE(valid("null", "State"));
}

TEST(Documents, AnyEventByItsType) {
  EXPECT_TRUE(valid(R"({"type":"STEP_STARTED","stepName":"s"})", "Event"));
  EXPECT_FALSE(valid(R"({"type":"STEP_STARTED"})", "Event"));
  EXPECT_FALSE(valid(R"({"type":"FUTURE"})", "Event"));
  EXPECT_FALSE(valid(R"({"type":"THINKING_START"})", "Event"));
  EXPECT_TRUE(valid(R"({"type":"THINKING_START"})", "Event", Protocol::agui_0_0_58));
  EXPECT_FALSE(valid("[]", "Event"));
}

TEST(Documents, PointersStartAtTheDocument) {
  const auto verdict =
      judge_document(R"({"threadId":"t","runId":"r","messages":[{"role":"user"}]})",
                     "RunAgentInput", Protocol::agui_1_1);
  ASSERT_TRUE(verdict);
  ASSERT_EQ(verdict->findings.size(), 1U);
  EXPECT_EQ(verdict->findings[0].code, 1101);
  EXPECT_EQ(verdict->findings[0].pointer, "/messages/0");
}

TEST(Documents, UnknownDefinitionsGetAHint) {
  const auto verdict = judge_document("{}", "RunAgentInputs", Protocol::agui_1_1);
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().detail,
            "no definition 'RunAgentInputs'; did you mean 'RunAgentInput'?");
}

TEST(Documents, EveryDefinitionTakesAnyDocument) {
  for (const Protocol protocol : {Protocol::agui_1_1, Protocol::agui_1_0, Protocol::agui_0_0_58}) {
    for (const std::string& name : definition_names(protocol)) {
      for (const char* text : {"", "null", "0", "\"\"", "[]", "{}", "[[]]", R"({"type":1})"}) {
        EXPECT_TRUE(judge_document(text, name, protocol)) << name << " " << text;
      }
    }
  }
}

}  // namespace
}  // namespace vouch::validator::policy_document_test
