// A causal graph written down: as DOT for graphviz, and as SVG that needs nothing else. Invariant:
// names and records are any text, of strangers, and steer neither format.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "tools/causal_graph.hpp"

namespace vouch::tools {

/// `about`: a line on where it comes from.
std::string dot_text(const CausalGraph& graph, std::string_view about);
/// Without script, for light and dark backgrounds.
std::string svg_text(const CausalGraph& graph, std::string_view about);

}  // namespace vouch::tools
