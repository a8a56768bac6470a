// Real peers that hear each other: the graph of their batches has arrows from log to log, and a
// data folder knows the logs alone.
// SPDX-License-Identifier: MIT
#include "tests/net/daemons.hpp"
#include "tests/tools/process.hpp"
#include "tools/causal_graph.hpp"

namespace vouch::net::graph_test {
namespace {

using std::chrono::seconds;

/// A batch of peer 1 comes after one of peer 0, and both tell what is in theirs.
testing::AssertionResult crosses(Daemons& peers) {
  const auto graph = tools::causal_graph(tools::merge_batches({peers.dump(0), peers.dump(1)}), 256);
  if (!graph) return testing::AssertionFailure() << graph.error().text();
  for (const auto& [from, to] : graph->edges) {
    const tools::GraphNode &seen = graph->nodes[from], &by = graph->nodes[to];
    if (graph->lanes[seen.lane].starts_with("a (") && graph->lanes[by.lane].starts_with("b (") &&
        !seen.records.empty() && !by.records.empty()) {
      return testing::AssertionSuccess();
    }
  }
  return testing::AssertionFailure() << "no such edge of " << graph->edges.size();
}

TEST(GraphOfDaemons, ShowsWhoHadSeenWhatWhenItWrote) {
  Daemons peers(3);
  peers.start_all();
  peers.submit(0, "first", run_events("first", 50));
  ASSERT_TRUE(within(seconds(20), [&] { return peers.converged({0, 1, 2}, 3); }));
  peers.submit(1, "second", run_events("second", 50));
  EXPECT_TRUE(within(seconds(20), [&] { return crosses(peers); }));

  const tools::Ran svg =
      tools::run("vouch-dump", {"graph", "--peer", peers[0].socket, "--peer", peers[1].socket,
                                "--format", "svg", "--last", "256"});
  EXPECT_EQ(svg.code, 0) << svg.err;
  EXPECT_NE(svg.out.find("<path class=\"edge\" stroke"), std::string::npos);

  const std::string folder = peers[0].data();
  ASSERT_TRUE(peers.cluster().stop_all(seconds(10)));
  const tools::Ran stored = tools::run("vouch-dump", {"graph", "--data", folder, "--last", "3"});
  EXPECT_EQ(stored.code, 0) << stored.err;
  EXPECT_NE(stored.err.find("only the links of the logs"), std::string::npos) << stored.err;
  EXPECT_NE(stored.out.find("subgraph cluster_2 {"), std::string::npos) << "all three logs";
  EXPECT_NE(stored.out.find("[color=gray60]"), std::string::npos);
}

}  // namespace
}  // namespace vouch::net::graph_test
