// submit, vouch-dump and vouch-dump diff against running peers.
// SPDX-License-Identifier: MIT
#include "tests/paths.hpp"
#include "tests/tools/process.hpp"
#include "tests/transport/temporary_folder.hpp"
#include "tools/dump_frontier.hpp"
#include "tools/json_view.hpp"
#include "tools/process_cluster.hpp"
#include <gtest/gtest.h>

#include "vouch/schemas/json_parse.hpp"

namespace vouch::tools::peer_test {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view start = R"({"type":"RUN_STARTED","threadId":"t","runId":"r"})"
                                   "\n";
constexpr std::string_view finish = R"({"type":"RUN_FINISHED","threadId":"t","runId":"r"})"
                                    "\n";
constexpr std::string_view stray = R"({"type":"TEXT_MESSAGE_END","messageId":"m"})"
                                   "\n";

std::string lines(std::initializer_list<std::string_view> events) {
  std::string out;
  for (const std::string_view event : events) out += event;
  return out;
}

/// Peers that do not know each other, so that each holds only what it was told.
class Peers : public ::testing::Test {
 protected:
  void SetUp() override {
    auto cluster =
        ProcessCluster::make({2, paths::programs + std::string("vouch-peer"),
                              [](std::size_t, Config& config) { config.roster.clear(); }});
    ASSERT_TRUE(cluster);
    cluster_.emplace(std::move(*cluster));
    ASSERT_TRUE(cluster_->start_all(milliseconds(10'000)));
  }

  std::string socket(std::size_t index) const { return cluster_->peers()[index].socket.string(); }

  Ran submit(std::size_t index, std::string_view events, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"submit", "--peer", socket(index), "--stream", "s"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run("vouch-peer", arguments, events);
  }

  mutable std::optional<ProcessCluster> cluster_;
};

json::Value line_of(const Ran& ran, std::size_t number) {
  std::string_view rest = ran.out;
  for (; number > 0; --number) rest.remove_prefix(rest.find('\n') + 1);
  auto value = json::parse(rest.substr(0, rest.find('\n')));
  EXPECT_TRUE(value) << ran.out << ran.err;
  return value ? *value : json::Value();
}

TEST_F(Peers, SubmitPrintsOneVerdictALine) {
  const Ran ran = submit(0, lines({start, finish}), {"--close"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 3);
  EXPECT_EQ(text(line_of(ran, 0), "outcome"), "accepted");
  EXPECT_EQ(number(line_of(ran, 1), "index"), 1U);
}

TEST_F(Peers, SubmitEndsWithOneWhenSomethingIsRejected) {
  const Ran ran = submit(0, lines({start, stray}), {"--quiet"});
  EXPECT_EQ(ran.code, 1);
  const json::Value last =
      line_of(ran, static_cast<std::size_t>(std::count(ran.out.begin(), ran.out.end(), '\n')) - 1);
  EXPECT_EQ(text(last, "outcome"), "rejected");
  const json::Value& finding = list(last, "findings").back();
  EXPECT_EQ(text(finding, "rule"), "text.end-not-open");
  EXPECT_EQ(number(finding, "code"), 3003U);
  EXPECT_EQ(submit(1, start, {"--close"}).code, 1) << "truncated";
}

TEST_F(Peers, AnInterruptedSubmitCanBeRepeated) {
  EXPECT_EQ(submit(0, start).code, 0);
  EXPECT_EQ(submit(0, stray).code, 2) << "another event at an index that is taken";
  const Ran again = submit(0, lines({start, finish}));
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(text(line_of(again, 0), "answer"), "duplicate");
  EXPECT_EQ(text(line_of(again, 1), "outcome"), "accepted");
}

TEST_F(Peers, DumpShowsARunningPeerAndItsFolder) {
  ASSERT_EQ(submit(0, lines({start, finish}), {"--close"}).code, 0);
  const Ran live = run("vouch-dump", {"--peer", socket(0), "--json"});
  EXPECT_EQ(live.code, 0) << live.err;
  const auto told = json::parse(live.out);
  ASSERT_TRUE(told);
  EXPECT_EQ(run("vouch-dump", {"--peer", socket(0)}).code, 0);
  const std::string folder = cluster_->peers()[0].data().string();
  const auto running = json::parse(run("vouch-dump", {"--data", folder, "--json"}).out);
  ASSERT_TRUE(running);
  EXPECT_EQ(behind(frontier_of(*running), frontier_of(*told)), 0U)
      << "what the peer told is in its folder";
  EXPECT_EQ(run("vouch-dump", {"--data", folder}).code, 0);
  ASSERT_TRUE(cluster_->stop(cluster_->peers()[0], milliseconds(5'000)));
  const Ran rested = run("vouch-dump", {"--data", folder, "--json"});
  EXPECT_EQ(rested.code, 0) << rested.err;
  EXPECT_TRUE(json::parse(rested.out));
}

TEST_F(Peers, DumpGivesTheNamedPartsAlone) {
  const Ran two = run("vouch-dump", {"--peer", socket(0), "--json", "--only", "counters,traffic"});
  ASSERT_EQ(two.code, 0) << two.err;
  const auto dump = json::parse(two.out);
  ASSERT_TRUE(dump);
  EXPECT_NE(dump->find("counters"), nullptr);
  EXPECT_NE(dump->find("traffic"), nullptr);
  EXPECT_EQ(dump->find("streams"), nullptr);
  const Ran other = run("vouch-dump", {"--peer", socket(0), "--json", "--only", "countres"});
  EXPECT_EQ(other.code, 2);
  EXPECT_NE(other.err.find("counters"), std::string::npos) << other.err;
  EXPECT_EQ(run("vouch-dump", {"--peer", socket(0), "--only", "counters"}).code, 2)
      << "there is no text of parts";
  EXPECT_NE(run("vouch-dump", {"metrics", "--peer", socket(0)}).out.find("vouch_voters 1\n"),
            std::string::npos);
  EXPECT_EQ(run("vouch-dump", {"health", "--peer", socket(0)}).code, 0);
}

TEST_F(Peers, DiffTellsWhetherStatesAreEqual) {
  ASSERT_EQ(submit(0, lines({start, finish}), {"--close"}).code, 0);
  const Ran differ = run("vouch-dump", {"diff", "--json", socket(0), socket(1)});
  EXPECT_EQ(differ.code, 1) << differ.err;
  EXPECT_TRUE(json::parse(differ.out));
  const TemporaryFolder folder;
  const std::string saved =
      write_file(folder.path / "dump.json", run("vouch-dump", {"--peer", socket(0), "--json"}).out);
  const Ran equal = run("vouch-dump", {"diff", saved, saved});
  EXPECT_EQ(equal.code, 0) << equal.out << equal.err;
}

TEST_F(Peers, WatchShowsWhoLacksWhatAndEndsWhenAllAreEqual) {
  ASSERT_EQ(submit(0, lines({start, finish}), {"--close"}).code, 0);
  const TemporaryFolder folder;
  const std::string saved =
      write_file(folder.path / "dump.json", run("vouch-dump", {"--peer", socket(0), "--json"}).out);
  const std::string nobody = (folder.path / "none.sock").string();
  Process watching("vouch-dump", {"watch", "--interval", "50", "--looks", "2", saved, nobody});
  EXPECT_TRUE(watching.shows("1 of 2 do not answer."));
  EXPECT_EQ(watching.wait().code, 1);
  const Ran equal = run("vouch-dump", {"watch", "--json", "--until-equal", saved, saved});
  EXPECT_EQ(equal.code, 0) << equal.out << equal.err;
  const auto look = json::parse(equal.out);
  ASSERT_TRUE(look) << "one object on one line";
  EXPECT_TRUE(flag(*look, "equal"));
  EXPECT_EQ(list(*look, "peers").size(), 2U);
  const Ran apart = run("vouch-dump", {"watch", "--looks", "1", socket(0), socket(1)});
  EXPECT_EQ(apart.code, 1) << "they do not know each other";
  EXPECT_NE(apart.out.find("2 different states."), std::string::npos) << apart.out;
}

TEST(NoPeer, IsTwoAndSaysSo) {
  const TemporaryFolder folder;
  const std::string nowhere = (folder.path / "none.sock").string();
  for (const Ran& ran :
       {run("vouch-peer", {"submit", "--peer", nowhere, "--stream", "s", "--timeout", "300"},
            start),
        run("vouch-dump", {"--data", nowhere}),
        run("vouch-dump", {"diff", nowhere + "1", nowhere})}) {
    EXPECT_EQ(ran.code, 2);
    EXPECT_EQ(ran.out, "");
    EXPECT_NE(ran.err, "");
  }
}

}  // namespace
}  // namespace vouch::tools::peer_test
