// SPDX-License-Identifier: MIT
#include "tools/graph_text.hpp"
#include "tools/plain_text.hpp"
#include <fmt/format.h>

namespace vouch::tools {
namespace {

/// What stands between quotes: graphviz reads escapes and, in labels, entities of HTML.
std::string in_quotes(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '&') {
      out += "&amp;";
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string dot_text(const CausalGraph& graph, std::string_view about) {
  std::string out = "digraph causality {\n";
  out += fmt::format("  label=\"Causal graph of recent batches\\n{}\";\n", in_quotes(about));
  out +=
      "  labelloc=t;\n  newrank=true;\n  fontname=\"sans-serif\";\n"
      "  node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=11];\n";
  for (std::size_t lane = 0; lane < graph.lanes.size(); ++lane) {
    out += fmt::format("  subgraph cluster_{} {{\n    label=\"{}\";\n", lane,
                       in_quotes(graph.lanes[lane]));
    for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
      const GraphNode& node = graph.nodes[n];
      if (node.lane != lane) continue;
      out += fmt::format("    n{} [label=\"{}{}{}\"{}];\n", n, node.numbers(),
                         node.records.empty() ? "" : "\\n", in_quotes(node.records),
                         node.first == 0 ? ", style=\"rounded,dashed\"" : "");
    }
    out += "  }\n";
  }
  for (const GraphEdge& edge : graph.edges) {
    const bool log = graph.nodes[edge.from].lane == graph.nodes[edge.to].lane;
    out += fmt::format("  n{} -> n{}{};\n", edge.from, edge.to, log ? " [color=gray60]" : "");
  }
  return out + "}\n";
}

}  // namespace vouch::tools
