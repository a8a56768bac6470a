// vouch-dump graph: the causal graph of recent batches, as DOT or SVG.
// SPDX-License-Identifier: MIT
#pragma once

namespace CLI {
class App;
}

namespace vouch::tools {

/// Adds the command to `app`; parsing runs it and sets `code`: 0 done, 2 could not run.
void add_graph(CLI::App& app, int& code);

}  // namespace vouch::tools
