// Where the parts of a causal graph are drawn: a lane a log from left to right, a row a step of
// causality from top to bottom. Invariant: boxes do not touch, edges only go down, and none crosses
// a box: they change sides between two rows, and pass rows between two lanes. Units: pixels.
// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "tools/causal_graph.hpp"

namespace vouch::tools {

struct GraphPoint {
  double x = 0, y = 0;
};

struct GraphBox {
  double x = 0, y = 0;  ///< of its upper left corner
};

struct GraphLayout {
  static constexpr double box_width = 184, box_height = 38;
  static constexpr double row_height = 76;
  static constexpr double margin = 24;
  static constexpr double header = 110;  ///< titles and names of lanes, above the first row

  double width = 0, height = 0;
  std::vector<double> lanes;                   ///< where the boxes of a lane begin
  std::vector<GraphBox> boxes;                 ///< one a node
  std::vector<std::vector<GraphPoint>> paths;  ///< one an edge, from box to box
};

GraphLayout layout_of(const CausalGraph& graph);

}  // namespace vouch::tools
