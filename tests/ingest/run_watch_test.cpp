// Which runs of a stream a table tells, and when.
// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "vouch/ingest/stream_table.hpp"
#include "vouch/schemas/limits.hpp"

namespace vouch::ingest::run_watch_test {
namespace {

using Runs = std::vector<ThreadRun>;

std::string start(const std::string& run) {
  return R"({"type":"RUN_STARTED","threadId":"t","runId":")" + run + "\"}";
}
std::string finish(const std::string& run) {
  return R"({"type":"RUN_FINISHED","threadId":"t","runId":")" + run + "\"}";
}

StreamTable table(const std::string& rules = "agui-1.1/strict/compat") {
  validator::Policy policy;
  policy.rules = *validator::RuleSet::parse(rules);
  return StreamTable(policy, {});
}

/// What is news of `s` after these events.
Runs news(StreamTable& streams, const std::vector<std::string>& events) {
  for (const std::string& event : events) EXPECT_TRUE(streams.submit("s", event, std::nullopt));
  std::vector<Progress> progress;
  streams.collect(progress);
  return progress.empty() ? Runs{} : progress.front().runs;
}

TEST(RunWatch, TellsARunWhenItBeginsAndWhenItEnds) {
  StreamTable streams = table();
  EXPECT_EQ(news(streams, {start("r")}), (Runs{{"t", "r", "s", false}}));
  EXPECT_EQ(news(streams, {R"({"type":"CUSTOM","name":"a.b","value":1})"}), Runs{});
  EXPECT_EQ(news(streams, {finish("r")}), (Runs{{"t", "r", "s", true}}));
  EXPECT_EQ(news(streams, {start("q"), finish("q"), start("p")}),
            (Runs{{"t", "q", "s", true}, {"t", "p", "s", false}}));
  EXPECT_EQ(streams.runs("s"),
            (Runs{{"t", "p", "s", false}, {"t", "q", "s", true}, {"t", "r", "s", true}}));
}

TEST(RunWatch, ARejectionAndTheEndOfTheStreamEndARun) {
  StreamTable streams = table();
  EXPECT_EQ(news(streams, {start("r"), "{"}), (Runs{{"t", "r", "s", true}}));
  EXPECT_EQ(news(streams, {start("q")}), (Runs{{"t", "q", "s", false}}));
  EXPECT_TRUE(streams.close("s"));
  EXPECT_EQ(news(streams, {}), (Runs{{"t", "q", "s", true}}));
}

TEST(RunWatch, WhatWasStoredIsNoNews) {
  StreamTable streams = table();
  const std::vector<std::string> events{start("r")};
  streams.restore("s", {}, events, false, false);
  EXPECT_EQ(news(streams, {R"({"type":"CUSTOM","name":"a.b","value":1})"}), Runs{});
  EXPECT_EQ(streams.runs("s"), (Runs{{"t", "r", "s", false}}));
}

TEST(RunWatch, LongIdsAreNamedByTheirHash) {
  StreamTable streams = table();
  const std::string id(limits::stream_name_bytes_max + 1, 'x');
  const Runs told = news(streams, {start(id)});
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].run.size(), 65U);
  EXPECT_EQ(told[0].run.front(), '#');
}

TEST(RunWatch, ARunEndsWithTheNextOneWhereThatIsOnlyWarnedOf) {
  StreamTable streams = table("agui-1.1/strict/compat/2004=warning");
  EXPECT_EQ(news(streams, {start("r")}), (Runs{{"t", "r", "s", false}}));
  EXPECT_EQ(news(streams, {start("q")}), (Runs{{"t", "r", "s", true}, {"t", "q", "s", false}}));
}

TEST(RunWatch, AThreadIsToldOfSoManyRunsOfAStream) {
  StreamTable streams = table();
  std::vector<std::string> events;
  for (std::size_t i = 0; i < limits::thread_runs_max; ++i) {
    events.push_back(start(std::to_string(i)));
    events.push_back(finish(std::to_string(i)));
  }
  EXPECT_EQ(news(streams, events).size(), limits::thread_runs_max);
  EXPECT_EQ(news(streams, {start("r")}), Runs{});
  EXPECT_EQ(news(streams, {finish("r")}), Runs{});
}

TEST(RunWatch, OldRuleSetsHaveNoThreads) {
  StreamTable streams = table("agui-0.0.58/strict/plain");
  EXPECT_EQ(news(streams, {start("r")}), Runs{});
  EXPECT_EQ(streams.runs("s"), Runs{});
}

}  // namespace
}  // namespace vouch::ingest::run_watch_test
