// What the programs share about their command lines.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/schemas/error.hpp"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace vouch::tools {

/// Prints help, the version, or what is wrong with the command line; gives the exit code: 0 for
/// help and version, 2 for what is wrong. An unknown word is named before anything that is missing.
int explain(const CLI::App& app, const CLI::ParseError& error);

/// Prints why vouch-dump could not do what it was asked; gives the exit code, 2.
int failed(const Error& error);

}  // namespace vouch::tools
