// vouch-peer validate as people and programs run it.
// SPDX-License-Identifier: MIT
#include "tests/tools/validating.hpp"
#include "tests/validator/corpus.hpp"

namespace vouch::tools::validate_test {
namespace {

TEST(Validate, JsonIsOneObjectOnOneLineAFile) {
  const TemporaryFolder folder;
  const std::string good = write_file(folder.path / "good.jsonl", join({start, finish}));
  const std::string bad = write_file(folder.path / "bad.jsonl", join({start, stray, future}));
  const Ran ran = validate({"--format", "json", good, bad});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(checked("json", ran.out), "files 2\n");
  const std::string first = ran.out.substr(0, ran.out.find('\n'));
  const std::size_t head = first.find("\"head\":\"") + 8;
  EXPECT_EQ(first.substr(0, head) + first.substr(head + 64),
            "{\"file\":\"" + good +
                R"(","stream":"t","ruleset":"agui-1.1/strict/compat","events":2,"valid":true,)"
                R"("structural_valid":true,"head":"","rejected":0,"warned":0,"unjudged":0,)"
                R"("first_rejected":null,"findings":[]})");
  const std::string second = ran.out.substr(first.size() + 1);
  const json::Value report = *json::parse(second);
  const json::Value& finding = list(report, "findings").back();
  EXPECT_EQ(text(finding, "rule"), "text.content-not-open");
  EXPECT_EQ(text(finding, "severity"), "fatal");
  EXPECT_EQ(text(finding, "pointer"), "/messageId");
}

TEST(Validate, TheThreeFormatsOfAStreamHaveOneHead) {
  const std::string event1(start.substr(0, start.size() - 1)),
      event2(finish.substr(0, finish.size() - 1));
  const json::Value lines = report_of(event1 + "\n\n\r\n" + event2);
  const json::Value array = report_of("[\n" + event1 + " ,\n" + event2 + "]\n");
  const json::Value sse =
      report_of("\xEF\xBB\xBF: hi\r\n\r\ndata: " + event1 + "\r\n\r\nid: 4\r\ndata:" + event2);
  for (const json::Value* report : {&lines, &array, &sse}) {
    EXPECT_EQ(number(*report, "events"), 2U);
    EXPECT_TRUE(flag(*report, "valid"));
    EXPECT_EQ(text(*report, "head"), text(lines, "head"));
    EXPECT_EQ(text(*report, "file"), "-");
  }
}

TEST(Validate, BrokenUnitsAreFindingsInTheirPlace) {
  const auto first = [](const json::Value& report) {
    const json::Value* rejected = report.find("first_rejected");
    return std::pair(number(*rejected, "index"), number(*rejected, "code"));
  };
  using At = std::pair<std::uint64_t, std::uint64_t>;
  EXPECT_EQ(first(report_of(join({start, "{\"type\":\n", finish}))), At(1, 1001));
  EXPECT_EQ(first(report_of(join({"\xEF\xBB\xBF", start}))), At(0, 1001));
  EXPECT_EQ(first(report_of(join({"[", start}))), At(1, 1001));
  EXPECT_EQ(first(report_of(join({"data: ", start, "\ndata:\n\n"}))), At(1, 1001));
  EXPECT_EQ(first(report_of(join({start, "\n\n[]\n"}))), At(1, 1002));
  const json::Value array = report_of(join({"[", start, ",", finish}));
  EXPECT_EQ(text(*array.find("first_rejected"), "message"), "the array ends without ]");
  EXPECT_EQ(number(array, "events"), 3U);
}

TEST(Validate, TruncationHasIndexMinusOne) {
  const json::Value report = report_of(start);
  EXPECT_FALSE(flag(report, "valid"));
  EXPECT_TRUE(flag(report, "structural_valid"));
  EXPECT_EQ(number(report, "rejected"), 0U);
  EXPECT_EQ(*report.find("first_rejected")->find("index")->get<std::int64_t>(), -1);
  EXPECT_EQ(number(*report.find("first_rejected"), "code"), 2010U);
}

TEST(Validate, AStreamWithoutANameHasNone) {
  const json::Value report = report_of("");
  EXPECT_TRUE(flag(report, "valid"));
  EXPECT_TRUE(report.find("stream")->is_null());
  EXPECT_EQ(number(report, "events"), 0U);
}

TEST(Validate, StructureIsJudgedAlsoWhereTheStreamIsNot) {
  const std::string_view extra = R"({"type":"CUSTOM","name":"a.b","value":1,"zzz":1})"
                                 "\n";
  const std::string_view null_result =
      R"({"type":"RUN_FINISHED","threadId":"t","runId":"r","result":null})"
      "\n";
  EXPECT_TRUE(flag(report_of(join({start, stray, finish})), "structural_valid"));
  const json::Value unjudged = report_of(join({start, stray, extra}));
  EXPECT_FALSE(flag(unjudged, "structural_valid"));
  EXPECT_EQ(number(unjudged, "unjudged"), 1U);
  EXPECT_FALSE(flag(report_of(join({start, stray, null_result})), "structural_valid"));
  const json::Value warned = report_of(join({start, extra, finish}));
  EXPECT_TRUE(flag(warned, "valid"));
  EXPECT_FALSE(flag(warned, "structural_valid"));
  EXPECT_EQ(number(warned, "warned"), 1U);
}

TEST(Validate, RuleSetProfileAndCompatCanBeChosen) {
  const std::string_view null_result =
      R"({"type":"RUN_FINISHED","threadId":"t","runId":"r","result":null})"
      "\n";
  EXPECT_TRUE(flag(report_of(join({start, null_result})), "valid"));
  const json::Value plain = report_of(join({start, null_result}), {"--no-compat"});
  EXPECT_FALSE(flag(plain, "valid"));
  EXPECT_EQ(text(plain, "ruleset"), "agui-1.1/strict/plain");
  const std::string reused = join({start, finish, start, finish});
  EXPECT_FALSE(flag(report_of(reused), "valid"));
  const json::Value consumer =
      report_of(reused, {"--profile", "consumer", "--ruleset", "agui-1.0"});
  EXPECT_TRUE(flag(consumer, "valid"));
  EXPECT_EQ(text(consumer, "ruleset"), "agui-1.0/consumer/compat");
}

TEST(Validate, FailOnDecidesTheExitCode) {
  const std::string clean = join({start, finish});
  const std::string info = join({R"({"type":"RUN_STARTED","threadId":"t","runId":"r"})"
                                 "\n",
                                 finish});
  const std::string warning = join({start, future, finish});
  const std::string fatal = join({start, stray});
  const std::vector<std::pair<std::string, std::vector<int>>> expected{{"info", {0, 1, 1, 1}},
                                                                       {"warning", {0, 0, 1, 1}},
                                                                       {"fatal", {0, 0, 0, 1}},
                                                                       {"never", {0, 0, 0, 0}}};
  for (const auto& [level, codes] : expected) {
    std::vector<int> got;
    for (const std::string& input : {clean, info, warning, fatal}) {
      got.push_back(validate({"--fail-on", level, "-"}, input).code);
    }
    EXPECT_EQ(got, codes) << level;
  }
  EXPECT_EQ(validate({"-"}, fatal).code, 1);
}

TEST(Validate, UnreadableFilesAreTwoAndTheOthersAreJudged) {
  const TemporaryFolder folder;
  write_file(folder.path / "bad.jsonl", join({start, stray}));
  const Ran ran =
      validate({"--format", "json", "absent.jsonl", "bad.jsonl", "."}, {}, {.folder = folder.path});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(checked("json", ran.out), "files 1\n");
  EXPECT_NE(ran.err.find("cannot read absent.jsonl: No such file"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("cannot read .: Is a directory"), std::string::npos) << ran.err;
}

TEST(Validate, EventsOverOneMebibyteAreRefusedAtTheDoor) {
  const std::string large =
      R"({"type":"CUSTOM","name":"a.b","value":")" + std::string(1U << 20, 'x') + "\"}\n";
  const Ran ran = validate({"--format", "json", "-"}, join({start, large, finish}));
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("-:2: an event of more than 1 MiB"), std::string::npos) << ran.err;
  const auto report = json::parse(ran.out);
  ASSERT_TRUE(report);
  EXPECT_EQ(number(*report, "events"), 2U);
  EXPECT_TRUE(flag(*report, "valid"));
}

TEST(Validate, StandardInputShowsEachFindingAsItAppears) {
  for (const std::string format : {"text", "json"}) {
    Process process("vouch-peer", {"validate", "--format", format, "-"});
    process.write(start);
    process.write(stray);
    EXPECT_TRUE(process.shows("-:2: fatal 3002 text.content-not-open")) << format;
    process.write(R"({"type":"RUN_STARTED","threadId":"t","runId":"r2"})"
                  "\n");
    process.write(future);
    EXPECT_TRUE(process.shows("-:4: warning 1201")) << format;
    const Ran ran = process.wait();
    EXPECT_EQ(ran.code, 1);
    if (format == "json") {
      EXPECT_EQ(checked("json", ran.out), "files 1\n");
    }
  }
}

TEST(Validate, TextSaysWhatWasExpectedWhatToDoAndWhereToRead) {
  const Ran ran = validate({"-"}, join({start, stray}));
  for (const std::string_view part :
       {"-:2: fatal 3002 text.content-not-open: message 'm' is not open (event 1, /messageId)\n",
        "  expected: ", "  to do: ", "  rule: docs/rules/text.md#3002\n",
        "-: invalid; 2 events: 1 accepted, ", "stream t, rules agui-1.1/strict/compat, head "}) {
    EXPECT_NE(ran.out.find(part), std::string::npos) << part << "\n" << ran.out;
  }
}

TEST(Validate, ColourIsForTerminalsThatWantIt) {
  const std::string input = join({start, stray});
  const std::vector<std::string> terminal{"TERM=xterm"}, refused{"TERM=xterm", "NO_COLOR=1"};
  EXPECT_NE(validate({"-"}, input, {.terminal = true, .environment = terminal})
                .out.find("\x1b[31mfatal\x1b[0m"),
            std::string::npos);
  EXPECT_EQ(validate({"-"}, input, {.terminal = true, .environment = refused}).out.find('\x1b'),
            std::string::npos);
  EXPECT_EQ(validate({"-"}, input, {.environment = terminal}).out.find('\x1b'), std::string::npos);
}

TEST(Validate, WhatStrangersWroteCannotBreakAReport) {
  const TemporaryFolder folder;
  const std::string name = "odd \"\xFF\n<&>\x1b[2J.jsonl";
  write_file(folder.path / name, join({start,
                                       R"({"type":"\u001b[31m\ud800\u0000<]]>&\"é\ufffe"})"
                                       "\n",
                                       "{\"type\":\"\xFF\"}\n"}));
  for (const std::string format : {"json", "sarif", "junit"}) {
    const Ran ran =
        validate({"--format", format, "--fail-on", "info", name}, {}, {.folder = folder.path});
    EXPECT_EQ(ran.code, 1);
    EXPECT_TRUE(checked(format, ran.out).starts_with("files 1")) << ran.out;
  }
  const Ran ran = validate({name}, {}, {.folder = folder.path});
  EXPECT_EQ(ran.out.find('\x1b'), std::string::npos);
  EXPECT_EQ(ran.out.find('\xFF'), std::string::npos);
}

TEST(Validate, SarifAndJunitHoldWhatTheirConsumersRead) {
  const TemporaryFolder folder;
  write_file(folder.path / "good.jsonl", join({start, finish}));
  write_file(folder.path / "bad.jsonl", join({start, future, stray}));
  const std::vector<std::string> files{"good.jsonl", "bad.jsonl", "absent.jsonl"};
  const auto report = [&](const std::string& format) {
    std::vector<std::string> arguments{"--format", format};
    arguments.insert(arguments.end(), files.begin(), files.end());
    const Ran ran = validate(arguments, {}, {.folder = folder.path});
    EXPECT_EQ(ran.code, 2);
    return ran.out;
  };
  EXPECT_EQ(checked("sarif", report("sarif")), "files 2 results 2 notifications 1\n");
  EXPECT_EQ(checked("junit", report("junit")), "files 3 failures 1 errors 1\n");
  const auto sarif = json::parse(report("sarif"));
  ASSERT_TRUE(sarif);
  const json::Value& result = list(list(*sarif, "runs").front(), "results").back();
  EXPECT_EQ(text(result, "ruleId"), "3002");
  EXPECT_EQ(text(result, "level"), "error");
  const json::Value& place = *list(result, "locations").front().find("physicalLocation");
  EXPECT_EQ(text(*place.find("artifactLocation"), "uri"), "bad.jsonl");
  EXPECT_EQ(number(*place.find("region"), "startLine"), 3U);
}

TEST(Validate, AReportThatCannotBeWrittenIsNoSuccess) {
  EXPECT_EQ(
      validate({"--format", "json", "-"}, join({start, finish}), {.output = "/dev/full"}).code, 2);
}

TEST(Validate, WrongWordsAreRefused) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"--format", "xml", "-"},
                                             {"--fail-on", "error", "-"},
                                             {"--profile", "lax", "-"},
                                             {"--ruleset", "agui-7", "-"},
                                             {"--no-such-flag", "-"}}) {
    const Ran ran = validate(arguments, join({start, finish}));
    EXPECT_EQ(ran.code, 2) << ::testing::PrintToString(arguments);
    EXPECT_EQ(ran.out, "");
    EXPECT_NE(ran.err, "");
  }
}

/// The acceptance streams through the command: verdict, index and rule of every case.
TEST(Validate, JudgesTheCorpusLikeTheLibrary) {
  const TemporaryFolder folder;
  std::vector<std::string> arguments{"--format", "json"};
  const auto cases = validator::corpus("spec_rules.jsonl");
  std::vector<const json::Value*> judged;
  for (const json::Value& one : cases) {
    if (one.find("options") != nullptr) continue;
    std::string lines;
    for (const std::string& event : validator::events_of(one)) lines += event + "\n";
    arguments.push_back(write_file(folder.path / fmt::format("{}.jsonl", judged.size()), lines));
    judged.push_back(&one);
  }
  const Ran ran = validate(arguments);
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(checked("json", ran.out), fmt::format("files {}\n", judged.size()));
  ASSERT_GE(judged.size(), 60U);
  std::string_view rest = ran.out;
  for (const json::Value* one : judged) {
    const auto report = json::parse(rest.substr(0, rest.find('\n')));
    rest.remove_prefix(rest.find('\n') + 1);
    ASSERT_TRUE(report);
    const json::Value& expect = *one->find("expect");
    ASSERT_EQ(flag(*report, "valid"), flag(expect, "valid")) << validator::name_of_case(*one);
    if (flag(expect, "valid")) continue;
    const json::Value& first = *report->find("first_rejected");
    EXPECT_EQ(text(first, "rule"), text(expect, "rule")) << validator::name_of_case(*one);
    EXPECT_EQ(*first.find("index")->get<std::int64_t>(),
              *expect.find("error_index")->get<std::int64_t>());
  }
}

}  // namespace
}  // namespace vouch::tools::validate_test
