// vouch-peer roster: who votes, and changing it.
// SPDX-License-Identifier: MIT
#pragma once

namespace CLI {
class App;
}  // namespace CLI

namespace vouch::tools {

/// Adds the command; its exit code goes to `code` when it ran.
void add_roster(CLI::App& app, int& code);

}  // namespace vouch::tools
