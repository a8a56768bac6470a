// SPDX-License-Identifier: MIT
#include "tools/command_line.hpp"

#include "tools/exit_codes.hpp"
#include "tools/plain_text.hpp"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "vouch/schemas/nearest.hpp"

namespace vouch::tools {
namespace {

constexpr std::size_t distance_max = 2;

void add_names(const CLI::App& app, std::vector<std::string>& names) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
}

/// Every word that may have been meant: options of the command in use, and the commands.
std::vector<std::string> known_words(const CLI::App& app) {
  std::vector<std::string> names;
  add_names(app, names);
  for (const CLI::App* command : app.get_subcommands({})) {
    names.push_back(command->get_name());
    if (command->parsed()) add_names(*command, names);
  }
  return names;
}

}  // namespace

int explain(const CLI::App& app, const CLI::ParseError& error) {
  // CLI11 has codes of its own above 100; ours are documented.
  if (error.get_exit_code() == 0) return app.exit(error);
  const std::vector<std::string> unknown = app.remaining(true);
  if (unknown.empty()) {
    app.exit(error);
    return exit_failed;
  }
  const auto names = known_words(app);
  const std::string_view meant = nearest(unknown.front(), names, distance_max);
  fmt::print(stderr, "{}: unknown: {}{}\nRun with --help for more information.\n", app.get_name(),
             unknown.front(), meant.empty() ? "" : fmt::format("; did you mean {}?", meant));
  return exit_failed;
}

int failed(const Error& error) {
  fmt::print(stderr, "vouch-dump: {}\n",
             printable(error.detail.empty() ? error.text() : error.detail));
  return exit_failed;
}

}  // namespace vouch::tools
