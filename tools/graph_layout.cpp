// SPDX-License-Identifier: MIT
#include "tools/graph_layout.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace vouch::tools {
namespace {

using Layout = GraphLayout;

constexpr double channel_margin = 22;
constexpr double track_width = 9;

/// A vertical line between two lanes, past rows that it must not touch.
struct Track {
  std::size_t channel = 0;  ///< right of this lane
  std::size_t number = 0;   ///< from the left
};

/// Edges that pass rows, each with a line of its own where they would lie on each other.
struct Tracks {
  std::vector<std::optional<Track>> of_edge;
  std::vector<std::size_t> width;  ///< of each channel, in tracks

  explicit Tracks(const CausalGraph& graph)
      : of_edge(graph.edges.size()), width(graph.lanes.size()) {
    std::vector<std::size_t> passing;
    for (std::size_t e = 0; e < graph.edges.size(); ++e) {
      const auto& [from, to] = ends(graph, e);
      if (from.lane != to.lane && to.row > from.row + 1) passing.push_back(e);
    }
    std::stable_sort(passing.begin(), passing.end(), [&](std::size_t a, std::size_t b) {
      return ends(graph, a).first.row < ends(graph, b).first.row;
    });
    std::vector<std::vector<std::size_t>> taken(graph.lanes.size());  ///< down to which row
    for (const std::size_t e : passing) {
      const auto& [from, to] = ends(graph, e);
      const std::size_t channel = from.lane < to.lane ? to.lane - 1 : to.lane;
      auto& tracks = taken[channel];
      const auto free = std::find_if(tracks.begin(), tracks.end(),
                                     [&](std::size_t row) { return row <= from.row; });
      of_edge[e] = {channel, static_cast<std::size_t>(free - tracks.begin())};
      free == tracks.end() ? tracks.push_back(to.row) : void(*free = to.row);
      width[channel] = tracks.size();
    }
  }

  static std::pair<const GraphNode&, const GraphNode&> ends(const CausalGraph& graph,
                                                            std::size_t edge) {
    return {graph.nodes[graph.edges[edge].from], graph.nodes[graph.edges[edge].to]};
  }
};

/// Where along a box its edges end: the own log in the middle, others on the side they come from.
class Ports {
 public:
  void add(std::size_t edge, std::size_t own, std::size_t other) {
    if (other < own) left_.emplace(other, edge);
    if (other > own) right_.emplace(other, edge);
  }
  double of(std::size_t edge) const {
    constexpr double half = Layout::box_width / 2;
    if (const auto place = find(left_, edge)) return half * *place;
    if (const auto place = find(right_, edge)) return half + half * *place;
    return half;
  }

 private:
  using Side = std::multimap<std::size_t, std::size_t>;  ///< other lane -> edge

  static std::optional<double> find(const Side& side, std::size_t edge) {
    double place = 0;
    for (const auto& [lane, other] : side) {
      ++place;
      if (other == edge) return place / static_cast<double>(side.size() + 1);
    }
    return std::nullopt;
  }

  Side left_, right_;
};

}  // namespace

GraphLayout layout_of(const CausalGraph& graph) {
  const Tracks tracks(graph);
  GraphLayout layout;
  double x = Layout::margin;
  for (std::size_t lane = 0; lane < graph.lanes.size(); ++lane) {
    layout.lanes.push_back(x);
    x += Layout::box_width + 2 * channel_margin +
         track_width * static_cast<double>(tracks.width[lane]);
  }
  layout.width = x - 2 * channel_margin + Layout::margin;
  std::size_t rows = 0;
  for (const GraphNode& node : graph.nodes) {
    rows = std::max(rows, node.row + 1);
    layout.boxes.push_back({layout.lanes[node.lane],
                            Layout::header + Layout::row_height * static_cast<double>(node.row)});
  }
  layout.height = Layout::header + Layout::row_height * static_cast<double>(rows);
  std::vector<Ports> outgoing(graph.nodes.size()), incoming(graph.nodes.size());
  for (std::size_t e = 0; e < graph.edges.size(); ++e) {
    const auto& [from, to] = Tracks::ends(graph, e);
    outgoing[graph.edges[e].from].add(e, from.lane, to.lane);
    incoming[graph.edges[e].to].add(e, to.lane, from.lane);
  }
  for (std::size_t e = 0; e < graph.edges.size(); ++e) {
    const auto [from, to] = graph.edges[e];
    const GraphBox& above = layout.boxes[from];
    const GraphBox& below = layout.boxes[to];
    std::vector<GraphPoint> path{{above.x + outgoing[from].of(e), above.y + Layout::box_height}};
    if (const auto& track = tracks.of_edge[e]) {
      const double at = layout.lanes[track->channel] + Layout::box_width + channel_margin +
                        track_width * (static_cast<double>(track->number) + 0.5);
      path.push_back({at, above.y + Layout::row_height});
      path.push_back({at, below.y - Layout::row_height + Layout::box_height});
    }
    path.push_back({below.x + incoming[to].of(e), below.y});
    layout.paths.push_back(std::move(path));
  }
  return layout;
}

}  // namespace vouch::tools
