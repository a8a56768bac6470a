// The commands of vouch-dump about receipts: roster, receipt, verify.
// SPDX-License-Identifier: MIT
#pragma once

namespace CLI {
class App;
}

namespace vouch::tools {

/// Adds the commands to `app`; parsing runs one and sets `code`: 0 done or valid, 1 not valid or no
/// such receipt, 2 could not run.
void add_receipts(CLI::App& app, int& code);

}  // namespace vouch::tools
