// The causal graph of batches: what several dumps tell together, which edges are needed, where they
// are drawn, and that names steer nothing. The last tests run the program on dumps made here.
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <random>
#include <set>

#include "tests/tools/process.hpp"
#include "tests/transport/temporary_folder.hpp"
#include "tools/causal_graph.hpp"
#include "tools/graph_layout.hpp"
#include "tools/graph_text.hpp"
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vouch/schemas/json_parse.hpp"

namespace vouch::tools::graph_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

json::Value dump_of(const std::string& text) {
  auto value = json::parse(text);
  return value ? std::move(*value) : json::Value();
}

KnownBatch batch(std::map<std::string, std::uint64_t> after = {}) {
  return {1, "", std::move(after)};
}

KnownLogs logs_of(std::map<std::string, std::map<std::uint64_t, KnownBatch>> batches) {
  KnownLogs out;
  for (auto& [log, known] : batches) out[log] = {log, std::move(known)};
  return out;
}

CausalGraph drawn(const KnownLogs& logs, std::size_t newest = 20) {
  auto graph = causal_graph(logs, newest);
  EXPECT_TRUE(graph) << graph.error().text();
  return graph ? std::move(*graph) : CausalGraph{};
}

/// "a1>b2": edges by lane and last record.
std::set<std::string> edges_of(const CausalGraph& graph) {
  const auto name = [&](std::size_t n) {
    return graph.lanes[graph.nodes[n].lane] + std::to_string(graph.nodes[n].last);
  };
  std::set<std::string> out;
  for (const GraphEdge& edge : graph.edges) out.insert(name(edge.from) + ">" + name(edge.to));
  return out;
}

TEST(MergeBatches, WhatOneSawIsTheBatchThatTheOtherTellsOf) {
  const json::Value a = dump_of(R"({"members": [{"peer": "aaaaaaaaaa", "name": "alice"}],
    "batches": [{"writer": "aaaaaaaaaa", "incarnation": 1, "first": 1, "last": 3,
                 "records": {"sessions": 1, "votes": 2}, "after": {}}]})");
  const json::Value b = dump_of(R"({"batches": [
    {"writer": "bbbbbbbbbb", "incarnation": 2, "first": 1, "last": 1, "records": {"members": 1},
     "after": {"aaaaaaaaaa.1": 3, "cccccccccc.1": 7, "bbbbbbbbbb.2": 9}}]})");
  for (const auto& dumps : {std::vector{a, b}, std::vector{b, a}}) {
    const KnownLogs logs = merge_batches(dumps);
    ASSERT_EQ(logs.size(), 3U);
    const KnownLog& alice = logs.at("aaaaaaaaaa.1");
    EXPECT_EQ(alice.writer, "alice (aaaaaaaa)");
    ASSERT_EQ(alice.batches.size(), 1U);
    EXPECT_EQ(alice.batches.at(3).first, 1U);
    EXPECT_EQ(alice.batches.at(3).records, "1 session, 2 votes");
    EXPECT_EQ(logs.at("bbbbbbbbbb.2").writer, "bbbbbbbb incarnation 2");
    EXPECT_EQ(logs.at("bbbbbbbbbb.2").batches.size(), 1U) << "a log comes not after itself";
    EXPECT_EQ(logs.at("cccccccccc.1").batches.at(7).first, 0U) << "nobody said where it begins";
  }
}

TEST(MergeBatches, AnyJsonIsTaken) {
  for (const char* text : {"[]", "{}", R"({"batches": 1})", R"({"batches": [1, {}, {"last": 2}]})",
                           R"({"batches": [{"writer": "a", "last": -1, "after": [3]}]})",
                           R"({"batches": [{"writer": "", "last": 1}], "members": [{}]})"}) {
    const KnownLogs logs = merge_batches({dump_of(text)});
    EXPECT_TRUE(causal_graph(logs, 20)) << text;
  }
}

TEST(CausalGraph, AnEdgeThatFollowsFromOthersIsLeftOut) {
  // c saw a1 only after b, which had seen it.
  const CausalGraph graph = drawn(logs_of({{"a", {{1, batch()}}},
                                           {"b", {{1, batch({{"a", 1}})}}},
                                           {"c", {{1, batch({{"a", 1}, {"b", 1}})}}}}));
  EXPECT_THAT(edges_of(graph), UnorderedElementsAre("a1>b1", "b1>c1"));
}

TEST(CausalGraph, ALogKeepsItsLine) {
  // a2 comes after a1 by way of b1, too.
  const CausalGraph graph = drawn(
      logs_of({{"a", {{1, batch()}, {2, batch({{"b", 1}})}}}, {"b", {{1, batch({{"a", 1}})}}}}));
  EXPECT_THAT(edges_of(graph), UnorderedElementsAre("a1>a2", "a1>b1", "b1>a2"));
}

TEST(CausalGraph, WhatIsLeftOutStillCarriesWhatWasSeen) {
  // a3 had seen b1 through a2, which is not shown.
  const KnownLogs logs =
      logs_of({{"a", {{1, batch()}, {2, batch({{"b", 1}})}, {3, batch()}}}, {"b", {{1, batch()}}}});
  EXPECT_THAT(edges_of(drawn(logs, 1)), UnorderedElementsAre("b1>a3"));
}

TEST(CausalGraph, SourcesThatContradictEachOtherAreRefused) {
  const KnownLogs logs =
      logs_of({{"a", {{1, batch({{"b", 1}})}}}, {"b", {{1, batch({{"a", 1}})}}}});
  const auto graph = causal_graph(logs, 20);
  ASSERT_FALSE(graph);
  EXPECT_THAT(graph.error().detail, HasSubstr("contradict"));
}

/// Peers that write and hear each other in an order that follows from `seed`.
KnownLogs history(std::uint32_t seed, std::size_t peers, std::size_t batches) {
  std::mt19937 random(seed);
  std::vector<std::map<std::string, std::uint64_t>> held(peers), told(peers);
  std::map<std::string, std::map<std::uint64_t, KnownBatch>> logs;
  const auto name = [](std::size_t peer) { return std::string(1, static_cast<char>('a' + peer)); };
  for (std::size_t i = 0; i < batches; ++i) {
    const std::size_t writer = random() % peers;
    for (std::size_t other = 0; other < peers; ++other) {
      const std::uint64_t last = held[other][name(other)];
      if (other != writer && random() % 3 == 0 && last > 0) held[writer][name(other)] = last;
    }
    KnownBatch written = batch();
    for (const auto& [log, last] : held[writer]) {
      if (log != name(writer) && last > told[writer][log]) written.after[log] = last;
    }
    told[writer] = held[writer];
    logs[name(writer)][++held[writer][name(writer)]] = std::move(written);
  }
  return logs_of(std::move(logs));
}

std::vector<std::set<std::size_t>> reached(const CausalGraph& graph, std::size_t without) {
  std::vector<std::set<std::size_t>> out(graph.nodes.size());
  for (std::size_t e = 0; e < graph.edges.size(); ++e) {  // by their ends: starts come before
    if (e == without) continue;
    const auto [from, to] = graph.edges[e];
    out[to].insert(from);
    out[to].insert(out[from].begin(), out[from].end());
  }
  return out;
}

TEST(CausalGraph, EveryEdgeBetweenLogsIsNeededAndNoOrderIsLost) {
  for (std::uint32_t seed = 1; seed <= 8; ++seed) {
    const KnownLogs logs = history(seed, 2 + seed % 4, 40);
    const CausalGraph graph = drawn(logs, 40);
    const auto all = reached(graph, graph.edges.size());
    for (std::size_t e = 0; e < graph.edges.size(); ++e) {
      const auto [from, to] = graph.edges[e];
      EXPECT_LT(from, to);
      EXPECT_LT(graph.nodes[from].row, graph.nodes[to].row);
      if (graph.nodes[from].lane == graph.nodes[to].lane) continue;
      EXPECT_FALSE(reached(graph, e)[to].contains(from)) << "seed " << seed << " edge " << e;
    }
    for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
      const GraphNode& node = graph.nodes[n];
      for (const auto& [log, last] : logs.at(graph.lanes[node.lane]).batches.at(node.last).after) {
        const bool held = std::any_of(all[n].begin(), all[n].end(), [&](std::size_t other) {
          return graph.lanes[graph.nodes[other].lane] == log && graph.nodes[other].last == last;
        });
        EXPECT_TRUE(held) << "seed " << seed;
      }
    }
  }
}

TEST(GraphLayout, BoxesLieApartAndEdgesGoDownPastThem) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    const CausalGraph graph = drawn(history(seed, 2 + seed % 5, 50));
    const GraphLayout layout = layout_of(graph);
    constexpr double width = GraphLayout::box_width, height = GraphLayout::box_height;
    ASSERT_EQ(layout.boxes.size(), graph.nodes.size());
    const auto meets = [&](const GraphBox& box, GraphPoint low, GraphPoint high) {
      return low.x < box.x + width && high.x > box.x && low.y < box.y + height && high.y > box.y;
    };
    for (std::size_t a = 0; a < layout.boxes.size(); ++a) {
      const GraphBox& box = layout.boxes[a];
      EXPECT_GE(box.x, 0);
      EXPECT_LE(box.x + width, layout.width);
      EXPECT_LE(box.y + height, layout.height);
      for (std::size_t b = a + 1; b < layout.boxes.size(); ++b) {
        const GraphBox& other = layout.boxes[b];
        EXPECT_FALSE(meets(box, {other.x, other.y}, {other.x + width, other.y + height}));
      }
    }
    ASSERT_EQ(layout.paths.size(), graph.edges.size());
    for (const auto& path : layout.paths) {
      for (std::size_t i = 1; i < path.size(); ++i) {
        EXPECT_GT(path[i].y, path[i - 1].y);
        // A curve between two points stays in the rectangle that they span.
        const GraphPoint low{std::min(path[i].x, path[i - 1].x), path[i - 1].y};
        const GraphPoint high{std::max(path[i].x, path[i - 1].x), path[i].y};
        for (const GraphBox& box : layout.boxes) EXPECT_FALSE(meets(box, low, high));
      }
    }
  }
}

constexpr const char* hostile = "<b>&amp;\"]; n0 -> n9 \\ \n\x1b[31m\xff]]>";

CausalGraph hostile_graph() {
  CausalGraph graph;
  graph.lanes = {hostile, "b"};
  graph.nodes = {{0, 0, 1, 1, hostile}, {1, 1, 0, 4, ""}};
  graph.edges = {{0, 1}};
  return graph;
}

TEST(GraphText, NamesSteerNoDot) {
  const std::string dot = dot_text(hostile_graph(), hostile);
  EXPECT_THAT(dot, HasSubstr(R"(label="<b>&amp;amp;\"]; n0 -> n9 \\ \\u000a\\u001b[31m)"));
  EXPECT_THAT(dot, HasSubstr("  n0 -> n1;\n"));
  EXPECT_THAT(dot, HasSubstr("n1 [label=\"..4\", style=\"rounded,dashed\"];"));
  // Between quotes anything goes; outside there are only words, numbers and the signs of DOT.
  bool inside = false;
  std::string rest;
  for (std::size_t i = 0; i < dot.size(); ++i) {
    if (inside && dot[i] == '\\') {
      ++i;
    } else if (dot[i] == '"') {
      inside = !inside;
    } else if (!inside) {
      rest += dot[i];
    }
  }
  EXPECT_FALSE(inside);
  EXPECT_EQ(rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789 \n{}[]=;,->"),
            std::string::npos)
      << rest;
  EXPECT_EQ(std::count(rest.begin(), rest.end(), '{'), std::count(rest.begin(), rest.end(), '}'));
}

TEST(GraphText, NamesSteerNoSvg) {
  const std::string svg = svg_text(hostile_graph(), hostile);
  EXPECT_THAT(svg, Not(HasSubstr("<b>")));
  EXPECT_THAT(svg, Not(HasSubstr("]]>")));
  EXPECT_THAT(svg, HasSubstr("&lt;b&gt;&amp;amp;&quot;]; n0 -&gt; n9"));
  EXPECT_THAT(svg, Not(HasSubstr("\x1b")));
  EXPECT_THAT(svg, Not(HasSubstr("<script")));
  EXPECT_EQ(svg.rfind("</svg>\n"), svg.size() - 7);
}

struct GraphCommand : ::testing::Test {
  const TemporaryFolder folder;
  const std::string a = write_file(folder.path / "a.json", R"({"live": true, "cluster": "c<1>",
   "members": [{"peer": "aa", "name": "a"}, {"peer": "bb", "name": "b\""}],
   "batches": [
    {"writer": "aa", "incarnation": 1, "first": 1, "last": 2, "records": {"sessions": 2}},
    {"writer": "aa", "incarnation": 1, "first": 3, "last": 3, "records": {"votes": 1},
     "after": {"bb.1": 5}}]})");
  const std::string b = write_file(folder.path / "b.json", R"({"live": true, "batches": [
    {"writer": "bb", "incarnation": 1, "first": 4, "last": 5, "records": {"attestations": 2},
     "after": {"aa.1": 2}}]})");
};

TEST_F(GraphCommand, DotIsTheDefaultAndNeedsAllPeersForAllArrows) {
  const Ran both = run("vouch-dump", {"graph", "--peer", a, "--peer", b});
  EXPECT_EQ(both.code, 0) << both.err;
  EXPECT_EQ(both.err, "");
  EXPECT_THAT(both.out, HasSubstr("digraph causality {"));
  EXPECT_THAT(both.out, HasSubstr("n1 [label=\"4-5\\n2 attestations\"]"));
  EXPECT_THAT(both.out, HasSubstr("n0 -> n1;"));
  EXPECT_THAT(both.out, HasSubstr("n1 -> n2;"));
  const Ran one = run("vouch-dump", {"graph", "--peer", a});
  EXPECT_THAT(one.out, HasSubstr("[label=\"..5\", style=\"rounded,dashed\"]"));
}

TEST_F(GraphCommand, TheEndingOfTheFileSaysTheFormat) {
  const std::string svg = (folder.path / "g.svg").string();
  const Ran drawn = run("vouch-dump", {"graph", "--peer", a, "--output", svg});
  EXPECT_EQ(drawn.code, 0) << drawn.err;
  EXPECT_EQ(drawn.out, "");
  const Ran same = run("vouch-dump", {"graph", "--peer", a, "--format", "svg"});
  EXPECT_THAT(same.out, HasSubstr("c&lt;1&gt;: at most 20 of each log"));
  const Ran odd = run("vouch-dump", {"graph", "--peer", a, "--output", svg + ".png"});
  EXPECT_EQ(odd.code, 2);
  EXPECT_THAT(odd.err, HasSubstr("--format"));
}

TEST_F(GraphCommand, WhatCannotBeDrawnIsSaid) {
  EXPECT_THAT(run("vouch-dump", {"graph"}).err, HasSubstr("--peer"));
  const std::string old = write_file(folder.path / "old.json", R"({"live": true})");
  const Ran none = run("vouch-dump", {"graph", "--peer", old});
  EXPECT_EQ(none.code, 2);
  EXPECT_THAT(none.err, HasSubstr("old.json: tells no batches"));
  const std::string empty = write_file(folder.path / "empty.json", R"({"batches": []})");
  EXPECT_EQ(run("vouch-dump", {"graph", "--peer", empty}).code, 2);
}

}  // namespace
}  // namespace vouch::tools::graph_test
