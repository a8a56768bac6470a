// SPDX-License-Identifier: MIT
#include <array>

#include "tools/graph_layout.hpp"
#include "tools/graph_text.hpp"
#include "tools/plain_text.hpp"
#include <fmt/format.h>

#include "vouch/schemas/utf8.hpp"

namespace vouch::tools {
namespace {

using Layout = GraphLayout;

constexpr double least_width = 700;  ///< of the titles
constexpr std::size_t box_characters = 30, lane_characters = 26;

/// Seen well on white and on black; lanes take turns.
constexpr std::array<const char*, 8> colours{"#2f7fd1", "#d07a1f", "#2c9a5c", "#c4468a",
                                             "#7d62d9", "#169a9f", "#a88a10", "#cc4b45"};

constexpr const char* style = R"(<style>
text{font:12px system-ui,"DejaVu Sans",sans-serif;fill:#1f2328}
.title{font-size:18px;font-weight:600}.soft{fill:#59636e;font-size:11px}
.paper{fill:#fff}.box{fill:#fff;stroke-width:1.5}.seen{stroke-dasharray:4 3}
.edge{fill:none;stroke-width:1.5}.log{stroke:#8b949e;stroke-width:1}.log-end{fill:#8b949e}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.soft{fill:#9aa4af}.paper,.box{fill:#0d1117}}
</style>
)";

std::string content(std::string_view text) {
  return xml_text(printable(text));
}

/// At most so many characters, the last an ellipsis when some are left out.
std::string shortened(std::string_view text, std::size_t characters) {
  const std::string all = printable(text);
  std::size_t at = 0, count = 0, cut = 0;
  while (at < all.size()) {
    if (count + 1 == characters) cut = at;
    next_code_point(all, at);
    ++count;
  }
  return xml_text(count > characters ? all.substr(0, cut) + "\xE2\x80\xA6" : all);
}

/// Down from point to point, from side to side in a curve that starts and ends upright.
std::string path_of(const std::vector<GraphPoint>& points) {
  std::string out = fmt::format("M{:.1f},{:.1f}", points.front().x, points.front().y);
  for (std::size_t i = 1; i < points.size(); ++i) {
    const GraphPoint &a = points[i - 1], &b = points[i];
    const double middle = (a.y + b.y) / 2;
    out += a.x == b.x ? fmt::format(" V{:.1f}", b.y)
                      : fmt::format(" C{:.1f},{:.1f} {:.1f},{:.1f} {:.1f},{:.1f}", a.x, middle, b.x,
                                    middle, b.x, b.y);
  }
  return out;
}

std::string edge_text(const CausalGraph& graph, const Layout& layout, std::size_t e) {
  const std::size_t from = graph.nodes[graph.edges[e].from].lane;
  const bool log = from == graph.nodes[graph.edges[e].to].lane;
  const char* colour = colours[from % colours.size()];
  const GraphPoint& end = layout.paths[e].back();
  return fmt::format(
      "<path class=\"edge{}\"{} d=\"{}\"/>"
      "<path{} d=\"M{:.1f},{:.1f} l-3.5,-7 h7 z\"/>\n",
      log ? " log" : "", log ? "" : fmt::format(" stroke=\"{}\"", colour), path_of(layout.paths[e]),
      log ? std::string(" class=\"log-end\"") : fmt::format(" fill=\"{}\"", colour), end.x, end.y);
}

std::string node_text(const CausalGraph& graph, const GraphNode& node, const GraphBox& box) {
  const double middle = box.x + Layout::box_width / 2;
  const bool two = !node.records.empty();
  std::string out = fmt::format(
      "<g><title>{}: {}{}{}</title>"
      "<rect class=\"box{}\" stroke=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{}\" height=\"{}\" "
      "rx=\"6\"/>",
      content(graph.lanes[node.lane]), node.numbers(), two ? ": " : "", content(node.records),
      node.first == 0 ? " seen" : "", colours[node.lane % colours.size()], box.x, box.y,
      Layout::box_width, Layout::box_height);
  out += fmt::format("<text text-anchor=\"middle\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", middle,
                     box.y + (two ? 16 : 23), node.numbers());
  if (two) {
    out += fmt::format(
        "<text class=\"soft\" text-anchor=\"middle\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", middle,
        box.y + 31, shortened(node.records, box_characters));
  }
  return out + "</g>\n";
}

}  // namespace

std::string svg_text(const CausalGraph& graph, std::string_view about) {
  const Layout layout = layout_of(graph);
  const double width = std::max(layout.width, least_width);
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
      "viewBox=\"0 0 {0:.0f} {1:.0f}\" role=\"img\">\n"
      "<title>Causal graph of recent batches</title>\n{2}"
      "<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n",
      width, layout.height, style);
  const double left = Layout::margin;
  out += fmt::format(
      "<text class=\"title\" x=\"{0}\" y=\"32\">Causal graph of recent batches</text>\n"
      "<text class=\"soft\" x=\"{0}\" y=\"50\">{1}</text>\n"
      "<text class=\"soft\" x=\"{0}\" y=\"66\">A box: records of one batch, by number. An arrow: "
      "its writer had seen that batch. Gray: the own log. Dashed: known from others "
      "alone.</text>\n",
      left, content(about));
  for (std::size_t lane = 0; lane < graph.lanes.size(); ++lane) {
    out += fmt::format(
        "<text text-anchor=\"middle\" font-weight=\"600\" x=\"{:.1f}\" y=\"{}\">{}"
        "<title>{}</title></text>\n",
        layout.lanes[lane] + Layout::box_width / 2, Layout::header - 16,
        shortened(graph.lanes[lane], lane_characters), content(graph.lanes[lane]));
  }
  for (std::size_t e = 0; e < graph.edges.size(); ++e) out += edge_text(graph, layout, e);
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    out += node_text(graph, graph.nodes[n], layout.boxes[n]);
  }
  return out + "</svg>\n";
}

}  // namespace vouch::tools
