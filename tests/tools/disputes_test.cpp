// vouch-dump disputes, health and metrics as processes, on dumps made here.
// SPDX-License-Identifier: MIT
#include "tests/tools/process.hpp"
#include "tests/transport/temporary_folder.hpp"
#include <gtest/gtest.h>

namespace vouch::tools::disputes_test {
namespace {

constexpr const char* dump = R"json({"live": true,
 "members": [{"peer": "aa", "name": "a"}, {"peer": "bb", "name": "b"}, {"peer": "cc", "name": "c"}],
 "disputes": [
  {"stream": "t", "height": 2, "state": "open", "view": 1, "certified": 4, "needed": 3,
   "parted_at": 6, "since_ms": 2500, "missing": ["cc", "dddddddddd"],
   "voters": [
    {"voter": "aa", "upto": 9, "head": "11111111ff", "said": "view-change", "view": 1, "size": 10,
     "said_head": "11111111ff"},
    {"voter": "bb", "upto": 9, "head": "22222222ff", "said": "prepare", "view": 1, "size": 10,
     "said_head": "22222222ff"},
    {"voter": "cc"}, {"voter": "dddddddddd"}]},
  {"stream": "u", "height": 1, "state": "settled", "view": 2, "certified": 0, "needed": 3,
   "took_ms": 300, "since_ms": 60000, "missing": [], "voters": [],
   "certificate": {"height": 1, "view": 2, "size": 5, "head": "33333333ff", "null": false,
    "signers": ["aa", "bb", "cc"]}}],
 "agreement": {"votes": true, "votes_sent": 12, "bundles": 7, "certificates": 3, "disputes": 2,
  "decisions_timed": 2, "decision_ms": 1234, "open": 1, "oldest_open_ms": 2500},
 "proofs": [{"peer": "dddddddddd", "kind": "vote", "what": "commit in view 1"}],
 "health": {"state": "failing", "can_decide": false, "voters": 4, "needed": 3, "heard": 2,
  "reasons": ["cannot decide: 2 of 4 voters heard, 3 needed; absent: c (never heard)"]}})json";

struct DisputeCommands : ::testing::Test {
  const TemporaryFolder folder;
  const std::string file = write_file(folder.path / "dump.json", dump);
  Ran shown(std::vector<std::string> words) const {
    words.insert(words.end(), {"--peer", file});
    return run("vouch-dump", words);
  }
};

void expect_lines(const Ran& ran, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) {
    EXPECT_NE(ran.out.find(line), std::string::npos) << line << "\nis not in\n" << ran.out;
  }
}

TEST_F(DisputeCommands, OpenAndSettledOnesSayWhoSaidWhat) {
  const Ran ran = shown({"disputes"});
  EXPECT_EQ(ran.code, 1) << "one is open";
  expect_lines(ran, {"t  OPEN since 2.5 s, view 1\n",
                     "waits for c, dddddddd: 2 voters heard in this view, 3 needed\n",
                     "the chains differ from index 6 on; 4 entries were certified before\n",
                     "said prepare in view 1 for 10 entries, head 22222222\n",
                     "u  SETTLED in view 2, took 0.3 s, 60.0 s ago\n",
                     "certificate 1: 5 entries, head 33333333\n", "signed by a, b, c\n",
                     "1 open, 1 settled\n"});
}

TEST_F(DisputeCommands, OneStreamAndJsonCountAlone) {
  const Ran settled = shown({"disputes", "u", "--json"});
  EXPECT_EQ(settled.code, 0) << settled.out;
  expect_lines(settled, {R"({"open":0,"disputes":[{"stream":"u")"});
  const Ran open = shown({"disputes", "t", "--json"});
  EXPECT_EQ(open.code, 1);
  expect_lines(open, {R"({"open":1,"disputes":[{"stream":"t")"});
}

TEST_F(DisputeCommands, HealthGivesReasonsAndAnExitCode) {
  const Ran ran = shown({"health"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.out,
            "failing: 2 of 4 voters heard, 3 needed to decide\n"
            "  cannot decide: 2 of 4 voters heard, 3 needed; absent: c (never heard)\n");
  EXPECT_EQ(shown({"health", "--json"}).code, 1);
  const std::string stored = write_file(folder.path / "stored.json", R"({"live": false})");
  const Ran none = run("vouch-dump", {"health", "--peer", stored});
  EXPECT_EQ(none.code, 2);
  EXPECT_NE(none.err.find("only a running peer"), std::string::npos) << none.err;
}

TEST_F(DisputeCommands, MetricsAreInTheFormOfPrometheus) {
  const Ran ran = shown({"metrics"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  expect_lines(ran, {"# HELP vouch_votes_sent_total Own statements that were signed\n"
                     "# TYPE vouch_votes_sent_total counter\nvouch_votes_sent_total 12\n",
                     "# TYPE vouch_decision_seconds summary\nvouch_decision_seconds_count 2\n"
                     "vouch_decision_seconds_sum 1.234\n",
                     "vouch_oldest_open_instance_seconds 2.500\n", "vouch_has_vote 1\n",
                     "vouch_can_decide 0\n",
                     "# TYPE vouch_proven_keys gauge\nvouch_proven_keys{kind=\"fork\"} 0\n",
                     "vouch_proven_keys{kind=\"vote\"} 1\n"});
  EXPECT_EQ(ran.out.find("vouch_last_certificate_age_seconds"), std::string::npos)
      << "there was none";
}

}  // namespace
}  // namespace vouch::tools::disputes_test
