// What an enemy sends: whatever the bytes, there is a verdict with the right code, soon, and what a
// stream holds stays inside the limits of rule 1008.
// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "vouch/schemas/limits.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace vouch::validator::hostile_test {
namespace {

constexpr const char* run_started = R"({"type":"RUN_STARTED","threadId":"t","runId":"r"})";

StreamValidator in_a_run(RuleSet rules = {}) {
  StreamValidator validator({.rules = std::move(rules), .stream = "s"});
  validator.feed(run_started);
  return validator;
}

/// The verdict on one event in a run of its own.
Verdict judged(std::string_view unit, RuleSet rules = {}) {
  return in_a_run(std::move(rules)).feed(unit);
}

std::uint16_t code_of(std::string_view unit) {
  return judged(unit).code;
}

bool warns(std::string_view unit, std::uint16_t code) {
  for (const Finding& finding : judged(unit).findings) {
    if (finding.code == code && finding.severity == Severity::warning) return true;
  }
  return false;
}

std::string custom(std::string_view value) {
  return R"({"type":"CUSTOM","name":"a.b","value":)" + std::string(value) + "}";
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::string text_event(std::string_view kind, const std::string& id) {
  return R"({"type":"TEXT_MESSAGE_)" + std::string(kind) + R"(","messageId":")" + id + "\"}";
}

TEST(Hostile, AnEventCutAtAnyByteIsNoJson) {
  const std::vector<std::string> events{
      run_started,
      R"({"type":"TEXT_MESSAGE_START","messageId":"m\u00e9\ud834\udd1e","role":"user"})",
      R"({"type":"STATE_DELTA","delta":[{"op":"add","path":"/a~0/-","value":[1.5e+3,-0,null]}]})",
      R"({"type":"RAW","event":{"a":[{},[],true,false,""],"é𝄞":{"":12345678901234567890}}})"};
  for (const std::string& event : events) {
    for (std::size_t size = 0; size < event.size(); ++size) {
      EXPECT_EQ(code_of(std::string_view(event).substr(0, size)), 1001) << event << ' ' << size;
    }
  }
}

TEST(Hostile, DepthIsCountedAndBombsAreRefused) {
  const auto lists = [](std::size_t n) {
    return custom(std::string(n, '[') + std::string(n, ']'));
  };
  EXPECT_EQ(code_of(lists(511)), 0);
  EXPECT_EQ(code_of(lists(512)), 1007);
  const auto objects = [](std::size_t n) {
    return custom(repeated("{\"a\":", n) + "1" + std::string(n, '}'));
  };
  EXPECT_EQ(code_of(objects(511)), 0);
  EXPECT_EQ(code_of(objects(512)), 1007);
  EXPECT_EQ(code_of(std::string(limits::event_bytes_max, '[')), 1007);
  EXPECT_EQ(code_of(repeated("{\"a\":", limits::event_bytes_max / 5)), 1007);
  EXPECT_EQ(code_of(repeated("[{\"\":", limits::event_bytes_max / 5)), 1007);
  const std::string flat = repeated("[],", limits::event_bytes_max / 4);
  EXPECT_EQ(code_of(custom("[" + flat + "[]]")), 0);
}

TEST(Hostile, AMemberThatIsDescribedStandsOnce) {
  EXPECT_EQ(code_of(R"({"type":"CUSTOM","type":"CUSTOM","name":"a.b","value":1})"), 1004);
  EXPECT_EQ(code_of(R"({"type":"CUSTOM","\u0074ype":"RAW","name":"a.b","value":1})"), 1004);
  EXPECT_EQ(code_of(R"({"type":"CUSTOM","name":"a.b","n\u0061me":"a.b","value":1})"), 1004);
  EXPECT_EQ(code_of(R"({"type":"CUSTOM","name":"a.b","value":1,"value":1})"), 1004);
  EXPECT_EQ(code_of(custom(R"({"a":1,"a":[2],"\u0061":3})")), 0) << "opaque: the last one counts";
  EXPECT_TRUE(warns(R"({"type":"CUSTOM","name":"a.b","value":1,"zzz":1,"zzz":2})", 1202));
  EXPECT_EQ(digest_of(custom(R"({"a":1,"a":2})")), digest_of(custom(R"({"a":2})")));
}

TEST(Hostile, HalfASurrogatePairIsFatalInIdsAndAWarningInText) {
  for (const char* half : {R"(\ud800)", R"(\uDBFF)", R"(\udc00)", R"(\uDFFF)", R"(\ud83d\ud83d)",
                           R"(\ude00\ud83d)", R"(\ud83d\u0041)"}) {
    EXPECT_EQ(code_of(text_event("START", half)), 1005) << half;
    EXPECT_TRUE(warns(
        std::string(R"({"type":"TEXT_MESSAGE_CHUNK","messageId":"m","delta":")") + half + "\"}",
        1006))
        << half;
  }
  EXPECT_EQ(code_of(text_event("START", R"(\ud83d\ude00)")), 0);
  EXPECT_EQ(code_of(text_event("START", R"(\ud83d\u00g0)")), 1001);
  EXPECT_EQ(code_of(text_event("START", R"(\ud83)")), 1001);
  EXPECT_EQ(code_of("{\"type\":\"\\ud800\"}"), 1005);
  EXPECT_EQ(code_of(R"({"type":"CUSTOM","\ud800":1,"name":"a.b","value":1})"), 0);
}

TEST(Hostile, NumbersBeyondTheirBounds) {
  const auto stamped = [](std::string_view number) {
    return R"({"type":"CUSTOM","name":"a.b","value":1,"timestamp":)" + std::string(number) + "}";
  };
  for (const char* fine : {"9007199254740991", "-9007199254740991", "1e3", "5.0", "-0", "1e-400",
                           "9007199254740991.0", "90071992547409910e-1"}) {
    EXPECT_EQ(code_of(stamped(fine)), 0) << fine;
  }
  for (const char* beyond : {"9007199254740992", "-9007199254740992", "18446744073709551616",
                             "123456789012345678901234567890", "1.5", "1e16", "1e308"}) {
    EXPECT_EQ(code_of(stamped(beyond)), 1106) << beyond;
    EXPECT_EQ(code_of(custom(beyond)), 0) << beyond;
  }
  for (const char* infinite : {"1e400", "-1e400", "1e309", "1e99999999999999999999"}) {
    EXPECT_EQ(code_of(stamped(infinite)), 1001) << infinite;
    EXPECT_EQ(code_of(custom(infinite)), 1001) << infinite;
  }
  EXPECT_EQ(code_of(custom("0." + std::string(100'000, '0') + "1e100001")), 0);
  EXPECT_EQ(code_of(custom(std::string(300, '9'))), 0);
  EXPECT_EQ(code_of(custom(std::string(limits::event_bytes_max - 100, '9'))), 1001);
  EXPECT_EQ(code_of(custom("1e-" + std::string(100'000, '9'))), 0);
  for (const char* broken : {"01", "+1", ".5", "5.", "1e", "1e+", "-", "0x1", "NaN", "Infinity",
                             "1_0", "--1", "1.e5", "00", "-01"}) {
    EXPECT_EQ(code_of(custom(broken)), 1001) << broken;
  }
  EXPECT_NE(digest_of(custom("9007199254740993")), digest_of(custom("9007199254740992")));
  EXPECT_NE(digest_of(custom("123456789012345678901234567891")),
            digest_of(custom("123456789012345678901234567890")));
}

TEST(Hostile, NulIsACharacterOnlyWhereItIsEscaped) {
  EXPECT_EQ(code_of(std::string("{\"type\":\"CUSTOM\",\"name\":\"a\0b\",\"value\":1}", 36)), 1001);
  EXPECT_EQ(code_of(custom("1") + std::string(1, '\0')), 1001);
  EXPECT_EQ(code_of(std::string(1, '\0') + custom("1")), 1001);
  EXPECT_EQ(code_of(std::string(1000, '\0')), 1001);
  StreamValidator v = in_a_run();
  EXPECT_EQ(v.feed(text_event("START", R"(a\u0000)")).code, 0);
  EXPECT_EQ(v.feed(text_event("START", R"(a\u0000b)")).code, 0);
  EXPECT_EQ(v.feed(text_event("START", "a")).code, 0) << "what follows the NUL counts";
  EXPECT_EQ(v.feed(text_event("END", R"(a\u0000)")).code, 0);
  EXPECT_EQ(v.feed(text_event("START", R"(a\u0000b)")).code, 3001);
}

TEST(Hostile, WhatIsNotUtf8IsNoJson) {
  const std::vector<std::string> bad{"\x80",
                                     "\xbf",
                                     "\xc0\x80",
                                     "\xc1\xbf",
                                     "\xc3",
                                     "\xe0\x80\x80",
                                     "\xe0\x9f\xbf",
                                     "\xe2\x82",
                                     "\xed\xa0\x80",
                                     "\xed\xbf\xbf",
                                     "\xf0\x80\x80\x80",
                                     "\xf0\x8f\xbf\xbf",
                                     "\xf4\x90\x80\x80",
                                     "\xf5\x80\x80\x80",
                                     "\xf8\x88\x80\x80\x80",
                                     "\xff",
                                     "\xfe",
                                     "\xf0\x9f\x98"};
  for (const std::string& bytes : bad) {
    for (const std::string& around : {std::string(), std::string(60, 'x')}) {
      const std::string text = "\"" + around + bytes + around + "\"";
      EXPECT_EQ(code_of(custom(text)), 1001);
      EXPECT_EQ(code_of(custom("{" + text + ":1}")), 1001);
      EXPECT_EQ(code_of(custom("1") + bytes), 1001);
    }
  }
  EXPECT_EQ(code_of("\xEF\xBB\xBF" + custom("1")), 1001) << "a byte order mark";
  EXPECT_EQ(code_of(custom("\"\xEF\xBB\xBF\xEF\xBF\xBF\xF4\x8F\xBF\xBF\"")), 0);
}

TEST(Hostile, IdsOfAMegabyte) {
  const std::string id(limits::event_bytes_max - 100, 'i');
  StreamValidator v = in_a_run();
  EXPECT_EQ(v.feed(text_event("START", id + "a")).code, 0);
  EXPECT_EQ(v.feed(text_event("END", id + "b")).code, 3003);
  EXPECT_EQ(v.first_findings().size(), 1U);
  EXPECT_LT(v.first_findings().front().message.size(), limits::event_bytes_max + 200);
}

TEST(Hostile, WideObjectsAndLongListsAreReadOnce) {
  std::string wide, unknown;
  for (std::size_t i = 0; wide.size() < limits::event_bytes_max - 100; ++i) {
    wide += "\"" + std::to_string(i) + "\":0,";
  }
  EXPECT_EQ(code_of(custom("{" + wide + "\"x\":0}")), 0);
  EXPECT_TRUE(warns("{" + wide + R"("type":"CUSTOM","name":"a.b","value":1})", 1202));
  const std::string same = repeated("\"a\":0,", limits::event_bytes_max / 6 - 20);
  EXPECT_EQ(code_of(custom("{" + same + "\"a\":1}")), 0);
  EXPECT_EQ(code_of(R"({"type":"CUSTOM","name":"a.b","value":1,)" +
                    repeated("\"name\":0,", limits::event_bytes_max / 9 - 20) + "\"x\":0}"),
            1004);
  const std::string calls = repeated(R"({"id":"c","type":"function","function":{"name":"n",)"
                                     R"("arguments":""}},)",
                                     10'000);
  EXPECT_EQ(code_of(R"({"type":"MESSAGES_SNAPSHOT","messages":[{"id":"m","role":"assistant",)"
                    R"("toolCalls":[)" +
                    calls.substr(0, calls.size() - 1) + "]}]}"),
            0);
}

TEST(Hostile, PatchesCannotFillTheMemory) {
  StreamValidator v = in_a_run();
  v.feed(
      R"({"type":"STATE_SNAPSHOT","snapshot":{"a":["0123456789012345678901234567890123456789"]}})");
  std::string doubling;
  for (int i = 0; i < 40; ++i) {
    doubling += R"({"op":"copy","from":"","path":"/a/0"},)";
  }
  doubling.pop_back();
  EXPECT_EQ(v.feed(R"({"type":"STATE_DELTA","delta":[)" + doubling + "]}").code, 1008);
}

TEST(Hostile, PatchesCannotKeepAPeerBusy) {
  const auto zeros = "[" + repeated("0,", 500'000) + "0]";
  std::string members;
  for (int i = 0; i < 80'000; ++i) members += "\"" + std::to_string(i) + "\":0,";
  const auto object = "{" + members + "\"x\":0}";
  const auto code_after = [](const std::string& state, std::string_view op, std::size_t times) {
    StreamValidator v = in_a_run();
    EXPECT_EQ(v.feed(R"({"type":"STATE_SNAPSHOT","snapshot":)" + state + "}").code, 0);
    const std::string ops = repeated(op, times);
    return v.feed(R"({"type":"STATE_DELTA","delta":[)" + ops.substr(0, ops.size() - 1) + "]}").code;
  };
  const auto front = R"({"op":"add","path":"/0","value":0},)";
  EXPECT_EQ(code_after("[]", front, 10'000), 0);
  EXPECT_EQ(code_after(zeros, front, 20'000), 1008);
  EXPECT_EQ(code_after(object, R"({"op":"add","path":"/0","value":0},)", 20'000), 1008);
  EXPECT_EQ(code_after("{\"a\":" + object + ",\"b\":0}",
                       R"({"op":"copy","from":"/a","path":"/b"},)", 20'000),
            1008);
  EXPECT_EQ(
      code_after("{\"a\":" + object + "}",
                 R"({"op":"move","from":"/a","path":"/b"},{"op":"move","from":"/b","path":"/a"},)",
                 9'000),
      1008);
}

/// Feeds events until one is rejected; how many were taken, and with which code it ended.
template <class Make>
std::pair<std::size_t, std::uint16_t> fill(StreamValidator& v, std::size_t most, const Make& make) {
  for (std::size_t i = 0; i < most; ++i) {
    const Verdict verdict = v.feed(make(std::to_string(i)));
    if (verdict.outcome == Outcome::rejected) return {i, verdict.code};
  }
  return {most, 0};
}

using Filled = std::pair<std::size_t, std::uint16_t>;

TEST(Hostile, OpenItemsAreBoundedWhateverTheyAre) {
  const std::vector<std::string> kinds{
      R"({"type":"TEXT_MESSAGE_START","messageId":")",
      R"({"type":"TOOL_CALL_START","toolCallName":"n","toolCallId":")",
      R"({"type":"REASONING_START","messageId":")",
      R"({"type":"REASONING_MESSAGE_START","role":"reasoning","messageId":")",
      R"({"type":"STEP_STARTED","stepName":")",
      R"({"type":"SUBAGENT_STARTED","name":"n","subagentRunId":")"};
  for (const std::string& kind : kinds) {
    StreamValidator v = in_a_run();
    EXPECT_EQ(fill(v, 70'000, [&](const std::string& id) { return kind + id + "\"}"; }),
              Filled(65'536, 1008))
        << kind;
  }
}

TEST(Hostile, AMillionOpenMessagesAreARejectionAndAnUnjudgedRest) {
  StreamValidator v = in_a_run();
  const auto start = [](const std::string& id) { return text_event("START", id); };
  ASSERT_EQ(fill(v, 1'000'000, start), Filled(65'536, 1008));
  for (std::size_t i = 65'537; i < 1'000'000; ++i) v.feed(start(std::to_string(i)));
  EXPECT_EQ(v.counts(), (Counts{65'537, 0, 1, 1'000'000 - 65'537}));
  EXPECT_LE(v.chain().segment().size(), limits::segment_entries_max);
  EXPECT_EQ(v.first_findings().size(), 1U);
}

TEST(Hostile, KnownIdsAreBounded) {
  StreamValidator v = in_a_run();
  const auto chunk = [](const std::string& id) { return text_event("CHUNK", id); };
  const auto [taken, code] = fill(v, 1'100'000, chunk);
  EXPECT_EQ(code, 1008);
  EXPECT_EQ(taken, (1U << 20) - 1) << "the run's id is one of them";
}

TEST(Hostile, LanesAreBounded) {
  StreamValidator v = in_a_run();
  const auto [taken, code] = fill(v, 1'100'000, [](const std::string& id) {
    return R"({"type":"TEXT_MESSAGE_CHUNK","messageId":"m)" + id + R"(","subagentRunId":")" + id +
           "\"}";
  });
  EXPECT_EQ(code, 1008);
  EXPECT_LE(taken, 65'536U);
}

}  // namespace
}  // namespace vouch::validator::hostile_test
