// The command line of validate.
// SPDX-License-Identifier: MIT
#pragma once

namespace CLI {
class App;
}

namespace vouch::tools {

/// Adds the command to `app`; parsing runs it and sets `code`.
void add_validate(CLI::App& app, int& code);

}  // namespace vouch::tools
