// Command line of vouch-dump.
// SPDX-License-Identifier: MIT
#include "tools/command_line.hpp"
#include "tools/dump_source.hpp"
#include "tools/dump_text.hpp"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "vouch/schemas/json_write.hpp"
#include "vouch/version.hpp"

namespace {

using namespace vouch;
using namespace vouch::tools;

constexpr int exit_ok = 0;
constexpr int exit_differ = 1;
constexpr int exit_failed = 2;

constexpr const char* footer = R"(Examples:
  vouch-dump --peer /etc/vouch/data/run/vouch.sock         what a running peer holds
  vouch-dump --data /etc/vouch/data --json            the same from its data folder, running or not
  vouch-dump diff a/data b/data                        where two peers differ, convergence matrix

A source is a socket path, tcp://KEY@host:port with --key, a data folder, or a --json file.
Exit codes: 0 done, states equal; 1 states differ (diff); 2 could not run.)";

constexpr const char* diff_footer = R"(Examples:
  vouch-dump diff a/data b/data c/data
  vouch-dump diff --json a/data/run/vouch.sock saved.json

A source is a socket path, tcp://KEY@host:port with --key, a data folder, or a --json file.
Exit codes: 0 states equal; 1 states differ; 2 could not run.)";

struct Options {
  std::string peer, data, key;
  bool json = false;
  std::vector<std::string> sources;
};

int failed(const Error& error) {
  fmt::print(stderr, "vouch-dump: {}\n", error.detail.empty() ? error.text() : error.detail);
  return exit_failed;
}

int show(const Options& options) {
  if (options.peer.empty() == options.data.empty()) {
    return failed({Errc::invalid_config, "give --peer ENDPOINT or --data DIR; see --help"});
  }
  const auto dump =
      options.data.empty() ? load_dump(options.peer, options.key) : load_folder(options.data);
  if (!dump) return failed(dump.error());
  if (options.json) {
    fmt::print("{}\n", json::to_text(*dump));
  } else {
    print_dump(*dump);
  }
  return exit_ok;
}

int diff(const Options& options) {
  std::vector<NamedDump> dumps;
  for (const std::string& source : options.sources) {
    auto dump = load_dump(source, options.key);
    if (!dump) return failed({dump.error().code, source + ": " + dump.error().detail});
    dumps.push_back({source, std::move(*dump)});
  }
  return print_diff(dumps, options.json) ? exit_ok : exit_differ;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Shows the replicated state of vouch peers.", "vouch-dump"};
  app.footer(footer);
  app.set_version_flag("--version", std::string("vouch-dump ") + std::string(version));
  Options options;
  app.add_option("--peer", options.peer, "A running peer");
  app.add_option("--data", options.data, "Data folder of a peer");
  app.add_option("--key", options.key, "Key file that the peer allows (tcp only)");
  app.add_flag("--json", options.json, "Print one JSON object");
  CLI::App* compare = app.add_subcommand("diff", "Compare peers");
  compare->add_option("SOURCE", options.sources, "Two or more sources")
      ->required()
      ->expected(2, 64);
  compare->add_option("--key", options.key, "Key file that the peers allow (tcp only)");
  compare->add_flag("--json", options.json, "Print one JSON object");
  compare->footer(diff_footer);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return explain(app, error);
  }
  return compare->parsed() ? diff(options) : show(options);
}
