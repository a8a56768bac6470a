// Runs a script of this repository on top of packages from npm, for figures of other programs.
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace vouch::bench {

/// Installs `packages` into a folder that goes away again and runs `node SCRIPT` there; what it
/// prints. With `input`, the script's argument is a file with these bytes. Nothing when node, npm
/// or the registry is not there, or when the script fails.
std::optional<std::string> output_of_script(const std::filesystem::path& script,
                                            const std::string& packages,
                                            const std::string& input = {});

}  // namespace vouch::bench
