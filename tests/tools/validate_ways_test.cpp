// vouch-peer validate in its other ways: modes, overlays, single documents, inputs.
// SPDX-License-Identifier: MIT
#include "tests/tools/validating.hpp"

namespace vouch::tools::validate_ways_test {
namespace {

std::vector<std::uint64_t> codes_of(const json::Value& report) {
  std::vector<std::uint64_t> out;
  for (const json::Value& finding : list(report, "findings")) {
    out.push_back(number(finding, "code"));
  }
  return out;
}

TEST(Validate, TheRetiredRuleSetCanBeChosen) {
  const std::string_view thinking = R"({"type":"THINKING_START"})"
                                    "\n";
  const json::Value report =
      report_of(join({start, thinking, thinking}), {"--ruleset", "agui-0.0.58"});
  EXPECT_EQ(text(report, "ruleset"), "agui-0.0.58/strict/plain");
  EXPECT_EQ(number(*report.find("first_rejected"), "code"), 3251U);
}

TEST(Validate, SequenceOnlyJudgesTheOrderAlone) {
  const std::string_view incomplete = R"({"type":"TEXT_MESSAGE_START"})"
                                      "\n";
  const std::string input = join({start, incomplete, future, incomplete});
  EXPECT_EQ(number(*report_of(input).find("first_rejected"), "code"), 1101U);
  const json::Value report = report_of(input, {"--sequence-only"});
  EXPECT_EQ(codes_of(report), std::vector<std::uint64_t>{3001});
  EXPECT_EQ(text(report, "ruleset"), "agui-1.1/strict/compat/local-sequence");
  EXPECT_FALSE(flag(report, "structural_valid"));
  EXPECT_TRUE(flag(report_of(start, {"--sequence-only"}), "valid")) << "no truncation there";
}

TEST(Validate, ContinueNamesEveryFault) {
  const std::string input = join({start, stray, stray, finish});
  const json::Value frozen = report_of(input);
  EXPECT_EQ(codes_of(frozen), (std::vector<std::uint64_t>{3002}));
  EXPECT_EQ(number(frozen, "unjudged"), 2U);
  const json::Value report = report_of(input, {"--continue"});
  EXPECT_EQ(codes_of(report), (std::vector<std::uint64_t>{3002, 3002}));
  EXPECT_EQ(number(report, "unjudged"), 0U);
  EXPECT_EQ(text(report, "ruleset"), "agui-1.1/strict/compat/local-continue");
  EXPECT_NE(text(report, "head"), text(frozen, "head"));
}

TEST(Validate, OverlaysAreAddedByName) {
  const std::string input =
      join({R"({"type":"RUN_STARTED","threadId":"t","runId":"r","protocolVersion":"1.1",)",
            R"("timestamp":1})"
            "\n",
            R"({"type":"CUSTOM","name":"","value":1})"
            "\n",
            finish});
  EXPECT_EQ(codes_of(report_of(input)), std::vector<std::uint64_t>{});
  const json::Value hygiene = report_of(input, {"--overlay", "hygiene"});
  EXPECT_EQ(codes_of(hygiene), (std::vector<std::uint64_t>{8013, 8015, 8015}));
  const auto both = codes_of(report_of(input, {"--overlay", "hygiene", "--overlay", "local"}));
  EXPECT_EQ(both, (std::vector<std::uint64_t>{9002, 8013, 8015, 8015}));
  EXPECT_EQ(text(hygiene, "head"), text(report_of(input), "head")) << "reported, never voted";
  const Ran ran = validate({"--overlay", "hygeine", "-"}, input);
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("hygiene, timing"), std::string::npos) << ran.err;
}

TEST(Validate, StructureJudgesEachFileAsOneDocument) {
  const TemporaryFolder folder;
  const std::string good = write_file(folder.path / "good.json",
                                      "{\n\"threadId\":\"t\",\"runId\":\"r\",\n\"messages\":[]}\n");
  const std::string extra = write_file(folder.path / "extra.json",
                                       R"({"threadId":"t","runId":"r","messages":[],"zzz":1})");
  const Ran ran = validate({"--structure", "RunAgentInput", "--format", "json", good, extra});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(checked("json", ran.out), "files 2\n");
  const json::Value first = *json::parse(ran.out.substr(0, ran.out.find('\n')));
  EXPECT_TRUE(flag(first, "valid"));
  EXPECT_TRUE(first.find("stream")->is_null());
  EXPECT_TRUE(first.find("head")->is_null());
  const json::Value second = *json::parse(ran.out.substr(ran.out.find('\n') + 1));
  EXPECT_FALSE(flag(second, "structural_valid"));
  EXPECT_EQ(number(second, "rejected"), 1U);
  EXPECT_EQ(text(*second.find("first_rejected"), "pointer"), "/zzz");
  EXPECT_EQ(validate({"--structure", "RunAgentInput", good}).code, 0);
  EXPECT_NE(validate({"--structure", "RunAgentInput", extra}).out.find("fatal 1202"),
            std::string::npos);
  for (const std::string format : {"sarif", "junit"}) {
    const Ran other = validate({"--structure", "RunAgentInput", "--format", format, good, extra});
    EXPECT_TRUE(checked(format, other.out).starts_with("files 2")) << other.out;
  }
}

constexpr std::string_view asked =
    R"({"type":"RUN_FINISHED","threadId":"t","runId":"r","outcome":)"
    R"({"type":"interrupt","interrupts":[{"id":"i","reason":"approve"}]}})"
    "\n";
constexpr std::string_view second =
    R"({"type":"RUN_STARTED","threadId":"t","runId":"r2","protocolVersion":"1.1"})"
    "\n"
    R"({"type":"RUN_FINISHED","threadId":"t","runId":"r2"})"
    "\n";

/// What `--input` finds: code, index and exit code, with the files as turns of one thread.
struct OnInput {
  std::vector<std::uint64_t> codes;
  std::vector<std::int64_t> indices;
  bool valid = false;
  int code = 0;
};
OnInput on_input(std::string_view input, const std::vector<std::string>& turns) {
  const TemporaryFolder folder;
  std::vector<std::string> arguments{"--format", "json", "--input",
                                     write_file(folder.path / "input.json", input)};
  for (const std::string& turn : turns) {
    arguments.push_back(write_file(folder.path / fmt::format("{}.jsonl", arguments.size()), turn));
  }
  const Ran ran = validate(arguments);
  EXPECT_EQ(checked("json", ran.out), fmt::format("files {}\n", turns.size())) << ran.err;
  OnInput out{{}, {}, true, ran.code};
  std::string_view rest = ran.out;
  for (std::size_t i = 0; i < turns.size(); ++i) {
    const json::Value report = *json::parse(rest.substr(0, rest.find('\n')));
    rest.remove_prefix(rest.find('\n') + 1);
    out.valid &= flag(report, "valid");
    for (const json::Value& finding : list(report, "findings")) {
      out.codes.push_back(number(finding, "code"));
      out.indices.push_back(*finding.find("index")->get<std::int64_t>());
    }
  }
  return out;
}

TEST(Validate, AnInputIsJudgedWithTheRunThatAnswersIt) {
  const std::string_view silent = R"({"threadId":"t","runId":"r2","messages":[]})";
  const std::string_view answers = R"({"threadId":"t","runId":"r2","messages":[],)"
                                   R"("resume":[{"interruptId":"i","status":"resolved"}]})";
  const std::string whole = join({start, asked, second});
  const std::vector<std::vector<std::string>> as_turns{{whole},
                                                       {join({start, asked}), std::string(second)}};
  for (const auto& turns : as_turns) {
    const OnInput bad = on_input(silent, turns);
    EXPECT_EQ(bad.codes, std::vector<std::uint64_t>{6030});
    EXPECT_EQ(bad.indices, std::vector<std::int64_t>{turns.size() == 1 ? 2 : 0});
    EXPECT_FALSE(bad.valid);
    EXPECT_EQ(bad.code, 1);
    const OnInput good = on_input(answers, turns);
    EXPECT_EQ(good.codes, std::vector<std::uint64_t>{});
    EXPECT_EQ(good.code, 0);
  }
  const OnInput next = on_input(silent, {join({start, asked})});
  EXPECT_EQ(next.codes, (std::vector<std::uint64_t>{6030, 6042})) << "as that of the next run";
  EXPECT_EQ(next.indices, (std::vector<std::int64_t>{-1, -1}));
}

TEST(Validate, AMalformedInputIsToldWithTheFirstStream) {
  const OnInput bad = on_input(R"({"threadId":"t","runId":7,"messages":[]})",
                               {join({start, finish}), std::string(second)});
  EXPECT_EQ(bad.codes, std::vector<std::uint64_t>{1102});
  EXPECT_FALSE(bad.valid);
  const Ran ran = validate({"--input", "absent.json", "-"}, join({start, finish}));
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("cannot read absent.json"), std::string::npos) << ran.err;
}

TEST(Validate, FindingsOnAnInputNameItsFile) {
  const TemporaryFolder folder;
  write_file(folder.path / "in.json", R"({"threadId":"t","runId":"r2","messages":[]})");
  write_file(folder.path / "s.jsonl", join({start, asked, second}));
  const auto report = [&](const std::string& format) {
    return validate({"--input", "in.json", "--format", format, "s.jsonl"}, {},
                    {.folder = folder.path})
        .out;
  };
  EXPECT_NE(report("text").find("in.json:1: fatal 6030 resume.uncovered: input: interrupt 'i'"),
            std::string::npos);
  EXPECT_EQ(checked("sarif", report("sarif")), "files 1 results 1 notifications 0\n");
  EXPECT_NE(report("sarif").find(R"("artifactLocation":{"uri":"in.json"})"), std::string::npos);
  EXPECT_EQ(checked("junit", report("junit")), "files 1 failures 1 errors 0\n");
}

TEST(Validate, AnUnknownDefinitionIsToldItsNearestName) {
  const Ran ran = validate({"--structure", "RunAgentInputs", "-"}, "{}");
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_NE(ran.err.find("did you mean 'RunAgentInput'?"), std::string::npos) << ran.err;
  EXPECT_EQ(validate({"--structure", "Event", "--continue", "-"}, "{}").code, 2);
}

}  // namespace
}  // namespace vouch::tools::validate_ways_test
