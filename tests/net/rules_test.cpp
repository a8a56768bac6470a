// The rule set of a cluster, changed by command while real peers run and one dies in between.
// SPDX-License-Identifier: MIT
#include <fstream>

#include "tests/net/operated.hpp"
#include <gmock/gmock.h>

#include "vouch/base/stream_key.hpp"

namespace vouch::net::rules_test {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

/// An event before RUN_STARTED rejects a stream under the first rules, and not under these.
const std::string later = "agui-1.1/strict/compat/2001=info";

struct RuleSets : Operated {
  RuleSets() : Operated(4, [](std::size_t, Config&) {}) {}

  static std::vector<std::string> without_run() {
    return {R"({"type":"TEXT_MESSAGE_START","messageId":"m","role":"assistant"})",
            R"({"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":"hello"})",
            R"({"type":"TEXT_MESSAGE_END","messageId":"m"})"};
  }
  testing::AssertionResult certified(const std::string& key, std::uint64_t entries) {
    for (std::size_t i = 0; i < peers.size(); ++i) {
      if (!certificate_at(i, key, entries)) {
        return testing::AssertionFailure() << "none at peer " << i;
      }
    }
    return testing::AssertionSuccess();
  }
  tools::Ran dump(std::vector<std::string> words) { return tools::run("vouch-dump", words); }
  std::string write(const std::string& name, const std::string& content) {
    const auto path = peers.cluster().folder() / name;
    std::ofstream(path) << content;
    return path.string();
  }
  /// Receipt of a stream, checked by a roster and with its events.
  tools::Ran verify(const std::string& stream, const std::string& roster,
                    std::vector<std::string> more = {}) {
    const std::string receipt =
        write(stream + ".receipt", dump({"receipt", stream, "--peer", peers[1].socket}).out);
    std::string events;
    for (const std::string& event : without_run()) events += event + "\n";
    std::vector<std::string> words{"verify", receipt,    "--roster",
                                   roster,   "--events", write(stream + ".jsonl", events)};
    words.insert(words.end(), more.begin(), more.end());
    return dump(words);
  }
};

TEST_F(RuleSets, AreChangedByCommandWhileStreamsRun) {
  peers.start_all();
  ASSERT_TRUE(within(patience, [&] { return in_epoch({0, 1, 2, 3}, 0); }));
  peers.submit(0, "before", without_run());
  peers.submit(0, "runs", {without_run().front()}, false);
  ASSERT_TRUE(within(patience, [&] { return certified("before", 4); }));

  const tools::Ran unknown = roster({"rules", "agui-9"}, {0});
  EXPECT_EQ(unknown.code, 2) << unknown.out;
  EXPECT_THAT(unknown.err, HasSubstr("unknown rule set"));
  const tools::Ran lacking = roster({"rules", "agui-1.1/strict/compat/+acme.no-secrets@1"}, {0});
  EXPECT_EQ(lacking.code, 1) << lacking.err;
  EXPECT_THAT(lacking.out, HasSubstr("no custom rule 'acme.no-secrets@1'"));
  const tools::Ran same = roster({"rules", "agui-1.1"}, {0});
  EXPECT_EQ(same.code, 0) << same.out << same.err;
  EXPECT_THAT(same.out, HasSubstr("nothing to change"));
  const tools::Ran alone = roster({"rules", later}, {0});
  EXPECT_EQ(alone.code, 1) << alone.err;
  EXPECT_THAT(alone.out, HasSubstr("1 of the 2 voters that it takes propose it"));
  const tools::Ran both = roster({"rules", later}, {1}, 40'000);
  EXPECT_EQ(both.code, 0) << both.out << both.err;
  EXPECT_THAT(both.out, HasSubstr("in force as epoch 1"));
  EXPECT_THAT(both.out, HasSubstr("streams begin under " + later));
  ASSERT_TRUE(within(patience, [&] { return in_epoch({0, 1, 2, 3}, 1); }));

  peers.cluster().kill(peers[0]);
  peers.start(0);
  peers.submit(0, "runs", without_run());  // goes on behind the first event
  peers.submit(2, "after", without_run());
  EXPECT_TRUE(within(patience, [&] { return certified("runs", 4); }));
  const std::string after = stream_key("after", 1);
  EXPECT_TRUE(within(patience, [&] { return certified(after, 4); }));

  const auto rejected = [&](const std::string& key) {
    const json::Value told = peers.dump(3);
    const json::Value* stream = find_by(tools::list(told, "streams"), "stream", key);
    if (stream == nullptr) return std::uint64_t{99};
    return tools::number(tools::list(*stream, "attestations").front(), "rejected");
  };
  EXPECT_EQ(rejected("before"), 1U);
  EXPECT_EQ(rejected("runs"), 1U);
  EXPECT_EQ(rejected(after), 0U);

  const std::string shown =
      tools::run("vouch-peer", {"roster", "show", "--peer", peers[3].socket}).out;
  EXPECT_THAT(shown, HasSubstr("streams begin under agui-1.1/strict/compat\n"));
  EXPECT_THAT(shown, HasSubstr("streams begin under " + later + " from epoch 1 on"));
  EXPECT_THAT(dump({"health", "--json", "--peer", peers[3].socket}).out, HasSubstr(later));
  const std::string chain = dump({"roster", peers[0].socket}).out;
  EXPECT_THAT(chain, HasSubstr(later));
  EXPECT_THAT(dump({"--peer", peers[3].socket}).out, HasSubstr("after (rules of epoch 1)"));

  // Who trusts the roster of now, and who trusts the first one and has the chain.
  const std::string newest = write("roster.json", chain);
  const std::string config = peers[3].config().string();
  for (const char* stream : {"before", "runs", "after"}) {
    const tools::Ran ran = verify(stream, newest);
    EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
    EXPECT_THAT(ran.out, HasSubstr("to the certified head"));
    const tools::Ran old = verify(stream, config, {"--chain", newest});
    EXPECT_EQ(old.code, 0) << old.out << old.err;
  }
  EXPECT_THAT(verify("after", newest).out, HasSubstr("after (rules of epoch 1)"));
  const tools::Ran blind = verify("after", config);
  EXPECT_EQ(blind.code, 1) << blind.out;
}

}  // namespace
}  // namespace vouch::net::rules_test
