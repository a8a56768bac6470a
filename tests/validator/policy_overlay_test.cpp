// The overlays: what they find, that they never touch what is voted unless pinned, and that time
// is an argument.
// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "vouch/validator/date.hpp"
#include "vouch/validator/policy.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace vouch::validator::policy_overlay_test {
namespace {

constexpr const char* start = R"({"type":"RUN_STARTED","threadId":"t","runId":"r"})";
constexpr const char* open_text = R"({"type":"TEXT_MESSAGE_START","messageId":"m"})";

Options with(std::vector<std::string> overlays, std::vector<RuleSetting> settings = {}) {
  const auto policy =
      make_policy({.settings = std::move(settings), .overlays = std::move(overlays)});
  EXPECT_TRUE(policy);
  return options_of(*policy, "s");
}

std::vector<std::uint16_t> codes_of(const Verdict& verdict) {
  std::vector<std::uint16_t> out;
  for (const Finding& finding : verdict.findings) {
    if (finding.code >= 8000) out.push_back(finding.code);
  }
  return out;
}

using Codes = std::vector<std::uint16_t>;

/// What hygiene finds about `event` inside an open message and call; 8015 left out.
Codes hygiene_of(const std::string& event) {
  StreamValidator validator(with({"hygiene"}, {{"8015", "off"}}));
  validator.feed(start);
  validator.feed(open_text);
  validator.feed(R"({"type":"TOOL_CALL_START","toolCallId":"c","toolCallName":"f"})");
  return codes_of(validator.feed(event));
}

std::string text(const std::string& delta) {
  return R"({"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":")" + delta + "\"}";
}
std::string args(const std::string& delta) {
  return R"({"type":"TOOL_CALL_ARGS","toolCallId":"c","delta":")" + delta + "\"}";
}
std::string custom(const std::string& name) {
  return R"({"type":"CUSTOM","value":1,"name":")" + name + "\"}";
}
std::string message(const std::string& id) {
  return R"({"type":"TEXT_MESSAGE_START","messageId":")" + id + "\"}";
}

TEST(Hygiene, Deltas) {
  const std::string lines = std::string(999, 'x') + "\\n";
  const auto many = [&](int n) {
    std::string out;
    for (int i = 0; i < n; ++i) out += lines;
    return out;
  };
  EXPECT_EQ(hygiene_of(text("fine\\t\\r\\n")), Codes{});
  EXPECT_EQ(hygiene_of(text(many(10))), Codes{});
  EXPECT_EQ(hygiene_of(text(many(10) + "x")), (Codes{8001}));
  EXPECT_EQ(hygiene_of(args(many(50))), Codes{});
  EXPECT_EQ(hygiene_of(args(many(50) + "x")), (Codes{8003}));
  EXPECT_EQ(hygiene_of(text("\\u001b[31m")), (Codes{8002}));
  EXPECT_EQ(hygiene_of(text("\\u007f")), (Codes{8002}));
  EXPECT_EQ(hygiene_of(args("\\u001b")), Codes{});
  EXPECT_EQ(hygiene_of(text("\\u001b\\u0000")), (Codes{8008}));
  EXPECT_EQ(hygiene_of(args("\\u0000")), (Codes{8008}));
  EXPECT_EQ(hygiene_of(text(std::string(1001, 'x'))), (Codes{8007}));
  EXPECT_EQ(hygiene_of(text("JavaScript:x")), (Codes{8009}));
  EXPECT_EQ(hygiene_of(text("")), (Codes{8017}));
  EXPECT_EQ(hygiene_of(R"({"type":"TEXT_MESSAGE_CHUNK","messageId":"n","delta":""})"),
            (Codes{8017}));
}

TEST(Hygiene, Ids) {
  EXPECT_EQ(hygiene_of(message("msg_1.a:b/c+d=e@f-g")), Codes{});
  EXPECT_EQ(hygiene_of(message("a b")), (Codes{8004}));
  EXPECT_EQ(hygiene_of(message("é")), (Codes{8004}));
  EXPECT_EQ(hygiene_of(message("")), (Codes{8005}));
  EXPECT_EQ(hygiene_of(message(std::string(256, 'x'))), Codes{});
  EXPECT_EQ(hygiene_of(message(std::string(257, 'x'))), (Codes{8006}));
}

TEST(Hygiene, CustomAndRaw) {
  EXPECT_EQ(hygiene_of(custom("acme.x")), Codes{});
  EXPECT_EQ(hygiene_of(custom("x")), (Codes{8012}));
  EXPECT_EQ(hygiene_of(custom("AG-UI")), (Codes{8011}));
  EXPECT_EQ(hygiene_of(custom("")), (Codes{8013}));
  EXPECT_EQ(hygiene_of(R"({"type":"RAW","event":null})"), (Codes{8010}));
  EXPECT_EQ(hygiene_of(R"({"type":"RAW","event":{"type":"RUN_ERROR"}})"), (Codes{8014}));
  EXPECT_EQ(hygiene_of(R"({"type":"RAW","event":{"type":"THINKING_END"}})"), (Codes{8014}));
  EXPECT_EQ(hygiene_of(R"({"type":"RAW","event":{"type":"mine"}})"), Codes{});
}

TEST(Hygiene, ItemsWithoutContent) {
  EXPECT_EQ(hygiene_of(R"({"type":"TEXT_MESSAGE_END","messageId":"m"})"), (Codes{8018}));
  EXPECT_EQ(hygiene_of(R"({"type":"TOOL_CALL_END","toolCallId":"c"})"), (Codes{8018}));
  StreamValidator validator(with({"hygiene"}, {{"8015", "off"}}));
  for (const auto& event : {std::string(start), std::string(open_text), text("x")}) {
    validator.feed(event);
  }
  EXPECT_EQ(codes_of(validator.feed(R"({"type":"TEXT_MESSAGE_END","messageId":"m"})")), Codes{});
}

TEST(Hygiene, IsSilentUnlessSelected) {
  StreamValidator validator(with({}));
  validator.feed(start);
  EXPECT_TRUE(codes_of(validator.feed(custom("system"))).empty());
}

TEST(Hygiene, LeavesNoTraceInWhatIsShared) {
  StreamValidator plain(with({})), tidy(with({"hygiene", "timing", "local"}));
  for (const std::string& event : {std::string(start), custom("system"), message("a b")}) {
    plain.feed(event, 1'000);
    tidy.feed(event, 1'000);
  }
  EXPECT_EQ(plain.chain().head(), tidy.chain().head());
  EXPECT_EQ(plain.counts(), tidy.counts());
  EXPECT_EQ(plain.first_findings(), tidy.first_findings());
}

TEST(Hygiene, APinnedRuleRejectsAndIsPartOfTheId) {
  const Options options = with({}, {{"hygiene.custom-reserved", "fatal"}});
  EXPECT_EQ(options.rules.id(), "agui-1.1/strict/compat/8011=fatal");
  StreamValidator validator(options);
  EXPECT_TRUE(codes_of(validator.feed(start)).empty()) << "the others stay silent";
  const Verdict verdict = validator.feed(custom("system"));
  EXPECT_EQ(verdict.code, 8011);
  EXPECT_EQ(validator.first_findings().size(), 1U);
}

std::string at(const char* event, std::int64_t timestamp) {
  std::string out = event;
  out.insert(out.size() - 1, fmt::format(R"(,"timestamp":{})", timestamp));
  return out;
}

/// The last verdict of a stream whose events carry timestamps.
Codes timing_of(std::vector<std::pair<const char*, std::int64_t>> events,
                const char* overlay = "timing") {
  StreamValidator validator(with({overlay}));
  Verdict last;
  for (const auto& [event, timestamp] : events) last = validator.feed(at(event, timestamp));
  EXPECT_NE(last.outcome, Outcome::rejected);
  return codes_of(last);
}

constexpr const char* finish = R"({"type":"RUN_FINISHED","threadId":"t","runId":"r"})";
constexpr const char* note = R"({"type":"CUSTOM","name":"a.b","value":1})";
constexpr const char* end_text = R"({"type":"TEXT_MESSAGE_END","messageId":"m"})";

TEST(Timing, GapAndSkew) {
  EXPECT_EQ(timing_of({{start, 0}, {note, 30'000}}), Codes{});
  EXPECT_EQ(timing_of({{start, 0}, {note, 30'001}}), (Codes{8030}));
  EXPECT_EQ(timing_of({{start, 0}, {note, 10'001}}, "timing:strict"), (Codes{8030}));
  EXPECT_EQ(timing_of({{start, 0}, {note, 300'000}}, "timing:permissive"), Codes{});
  EXPECT_EQ(timing_of({{start, 30'000}, {note, 0}}), Codes{});
  EXPECT_EQ(timing_of({{start, 30'001}, {note, 0}}), (Codes{8037}));
}

TEST(Timing, DurationsOfItems) {
  const auto message_of = [](std::int64_t length) {
    std::vector<std::pair<const char*, std::int64_t>> out{{start, 0}, {open_text, 0}};
    for (std::int64_t t = 20'000; t < length; t += 20'000) out.emplace_back(note, t);
    out.emplace_back(end_text, length);
    return out;
  };
  EXPECT_EQ(timing_of(message_of(300'000)), Codes{});
  EXPECT_EQ(timing_of(message_of(300'001)), (Codes{8032}));
  std::vector<std::pair<const char*, std::int64_t>> run{{start, 0}};
  for (std::int64_t t = 20'000; t <= 600'000; t += 20'000) run.emplace_back(note, t);
  run.emplace_back(finish, 600'001);
  EXPECT_EQ(timing_of(run), (Codes{8031}));
}

TEST(Timing, RatesAreReportedOncePerBucket) {
  StreamValidator validator(with({"timing:strict"}));
  validator.feed(at(start, 1'000));
  std::size_t found = 0;
  for (int i = 0; i < 200; ++i) found += codes_of(validator.feed(at(note, 1'999))).size();
  EXPECT_EQ(found, 1U);
  EXPECT_EQ(codes_of(validator.feed(at(note, 2'000))), Codes{});
}

TEST(Timing, DecreasingTimestampsAreHygiene) {
  StreamValidator validator(with({"hygiene"}));
  validator.feed(at(start, 2));
  EXPECT_EQ(codes_of(validator.feed(at(note, 1))), (Codes{8016}));
}

TEST(Local, ClockRulesCompareWithTheArgument) {
  static constexpr std::int64_t now = 1'700'000'000'000;
  const auto found = [](std::int64_t timestamp) {
    StreamValidator validator(with({"local"}));
    return codes_of(validator.feed(at(start, timestamp), now));
  };
  EXPECT_EQ(found(now + 5'000), Codes{});
  EXPECT_EQ(found(now + 5'001), (Codes{9001}));
  EXPECT_EQ(found(now - 300'000), Codes{});
  EXPECT_EQ(found(now - 300'001), (Codes{9003}));
  EXPECT_EQ(found(now - 86'400'001), (Codes{9002}));
}

TEST(Local, ClockRulesAreSilentWithoutATime) {
  StreamValidator validator(with({"local"}));
  EXPECT_EQ(codes_of(validator.feed(at(start, 1))), Codes{});
}

TEST(Local, BurstsAndOpenItems) {
  StreamValidator validator(with({"local:strict"}));
  validator.feed(start, 5'000);
  Codes found;
  for (int i = 0; i < 30; ++i) {
    for (const auto code : codes_of(validator.feed(note, 5'500))) found.push_back(code);
  }
  EXPECT_EQ(found, (Codes{9004}));
  found.clear();
  for (int i = 0; i < 110; ++i) {
    const std::string call =
        fmt::format(R"({{"type":"TOOL_CALL_START","toolCallName":"f","toolCallId":"{}"}})", i);
    for (const auto code : codes_of(validator.feed(call))) found.push_back(code);
  }
  EXPECT_EQ(found, (Codes{9012}));
}

/// Codes of a run that answers an interrupt, when the answer arrives at `now`.
Codes answered(const std::string& expires_at, std::int64_t now, const char* status = "resolved") {
  StreamValidator validator(with({"local"}));
  validator.feed(start);
  validator.feed(fmt::format(R"({{"type":"RUN_FINISHED","threadId":"t","runId":"r","outcome":)"
                             R"({{"type":"interrupt","interrupts":[{{"id":"i","reason":"x",)"
                             R"("expiresAt":"{}"}}]}}}})",
                             expires_at));
  return codes_of(validator.feed(
      fmt::format(R"({{"type":"RUN_STARTED","threadId":"t","runId":"q","input":{{"threadId":"t",)"
                  R"("runId":"q","messages":[],"resume":[{{"interruptId":"i","status":"{}"}}]}}}})",
                  status),
      now));
}

TEST(Local, AnAnswerAfterItsInterruptExpired) {
  static constexpr std::int64_t then = 1'787'245'200'000;  // 2026-08-20T17:00:00Z
  EXPECT_EQ(answered("2026-08-20T17:00:00Z", then - 1), Codes{});
  EXPECT_EQ(answered("2026-08-20T17:00:00Z", then), (Codes{9006}));
  EXPECT_EQ(answered("2026-08-20T19:00:00.001+02:00", then), Codes{});
  EXPECT_EQ(answered("2026-08-20T17:00:00Z", then, "cancelled"), Codes{}) << "nobody resolved it";
  EXPECT_EQ(answered("in an hour", then), Codes{}) << "no date";
}

TEST(Local, DatesAreReadInOneForm) {
  EXPECT_EQ(read_date("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(read_date("1970-01-01 00:00:01.0239z"), 1'023);
  EXPECT_EQ(read_date("1969-12-31T23:59:59-00:30"), 1'799'000);
  EXPECT_EQ(read_date("2024-02-29T00:00:00Z"), 1'709'164'800'000);
  for (const char* none : {"", "2023-02-29T00:00:00Z", "2024-01-01", "2024-01-01T00:00:00",
                           "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:00Zx",
                           "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00+1:00", "20240101T000000Z",
                           "2024-13-01T00:00:00Z", "x024-01-01T00:00:00Z"}) {
    EXPECT_EQ(read_date(none), std::nullopt) << none;
  }
}

TEST(Local, SilenceOfOpenItemsIsReportedOnce) {
  StreamValidator validator(with({"local:strict"}));
  validator.feed(start, 0);
  validator.feed(open_text, 0);
  EXPECT_TRUE(validator.check_stall(120'000).empty());
  const auto first = validator.check_stall(120'001);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].code, 9005);
  EXPECT_TRUE(validator.check_stall(120'002).empty());
  EXPECT_EQ(validator.check_stall(300'001).size(), 1U) << "the run";
}

}  // namespace
}  // namespace vouch::validator::policy_overlay_test
