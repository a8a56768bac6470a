// Streams of one thread that come in at different peers: every peer finds the same, and shows it.
// SPDX-License-Identifier: MIT
#include <set>

#include "tests/net/daemons.hpp"
#include "tests/tools/process.hpp"

#include "vouch/schemas/json_write.hpp"

namespace vouch::net::threads_test {
namespace {

using std::chrono::seconds;

std::string started(const std::string& run) {
  return R"({"type":"RUN_STARTED","threadId":"t","runId":")" + run + "\"}";
}
std::string finished(const std::string& run) {
  return R"({"type":"RUN_FINISHED","threadId":"t","runId":")" + run + "\"}";
}

/// Every peer shows findings of exactly these rules, with the same runs, in equal states.
testing::AssertionResult all_find(Daemons& peers, const std::vector<std::uint64_t>& codes) {
  std::set<std::string> shown, states;
  for (std::size_t i = 0; i < peers.size(); ++i) {
    const json::Value dump = peers.dump(i);
    const json::Value* threads = dump.find("threads");
    if (threads == nullptr) return testing::AssertionFailure() << "no answer of peer " << i;
    std::vector<std::uint64_t> found;
    for (const json::Value& one : tools::list(dump, "threads")) {
      found.push_back(tools::number(one, "code"));
    }
    if (found != codes) {
      return testing::AssertionFailure() << "peer " << i << ": " << json::to_text(*threads);
    }
    shown.insert(json::to_text(*threads));
    states.insert(tools::text(dump, "state_hash"));
  }
  if (shown.size() == 1 && states.size() == 1) return testing::AssertionSuccess();
  return testing::AssertionFailure() << shown.size() << " answers, " << states.size() << " states";
}

TEST(ThreadsOverPeers, AllFindWhatCrossesStreams) {
  Daemons peers(3);
  peers.start_all();
  peers.submit(0, "a", {started("r"), finished("r")});
  peers.submit(1, "b", {started("q"), finished("q")});
  ASSERT_TRUE(within(seconds(20), [&] { return all_find(peers, {}); }));

  peers.submit(2, "c", {started("r"), finished("r")});
  ASSERT_TRUE(within(seconds(20), [&] { return all_find(peers, {2006}); }));

  const tools::Ran shown = tools::run("vouch-dump", {"--peer", peers[1].socket});
  EXPECT_EQ(shown.code, 0) << shown.err;
  EXPECT_NE(shown.out.find("2006 thread.run-id-reused"), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find("run r of stream c"), std::string::npos) << shown.out;

  // Runs that go on at two peers at once, until one of them has ended.
  peers.submit(0, "d", {started("s")}, false);
  peers.submit(1, "e", {started("u")}, false);
  ASSERT_TRUE(within(seconds(20), [&] { return all_find(peers, {2006, 6002}); }));
  peers.submit(0, "d", {started("s"), finished("s")});
  ASSERT_TRUE(within(seconds(20), [&] { return all_find(peers, {2006}); }));

  // It is part of the state, so that a stopped peer holds it, too.
  const std::string folder = peers[0].data();
  ASSERT_TRUE(peers.cluster().stop_all(seconds(10)));
  const tools::Ran stored = tools::run("vouch-dump", {"--data", folder, "--json"});
  EXPECT_NE(stored.out.find("thread.run-id-reused"), std::string::npos) << stored.err;
}

}  // namespace
}  // namespace vouch::net::threads_test
