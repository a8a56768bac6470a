// Command line of vouch-dump.
// SPDX-License-Identifier: MIT
#include "tools/command_line.hpp"
#include "tools/dump_disputes.hpp"
#include "tools/dump_health.hpp"
#include "tools/dump_proof.hpp"
#include "tools/dump_source.hpp"
#include "tools/dump_text.hpp"
#include "tools/dump_watch.hpp"
#include "tools/exit_codes.hpp"
#include "tools/graph_command.hpp"
#include "tools/receipt_commands.hpp"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "vouch/observe/dump.hpp"
#include "vouch/schemas/json_write.hpp"
#include "vouch/version.hpp"

namespace {

using namespace vouch;
using namespace vouch::tools;

constexpr const char* footer = R"(Examples:
  vouch-dump --peer /etc/vouch/data/run/vouch.sock         what a running peer holds
  vouch-dump --data /etc/vouch/data --json            from its folder, running or not
  vouch-dump --json --only counters,traffic --peer a/data/run/vouch.sock
  vouch-dump diff a/data b/data                        where two peers differ, convergence matrix
  vouch-dump watch a/data b/data                       the same while it happens
  vouch-dump proof --data a/data                       who is proven to misbehave, with the proofs
  vouch-dump disputes --data a/data                    where voters differ, and how it ended
  vouch-dump health --peer a/data/run/vouch.sock       whether a peer is well, and why not
  vouch-dump graph --peer a/data/run/vouch.sock        who had seen what, as DOT or SVG
  vouch-dump verify FILE --roster roster.json          checks a receipt, without any peer

A source is a socket path, tcp://KEY@host:port with --key, a data folder, or a --json file.
Exit codes: 0 done, states equal; 1 states differ (diff, watch), disputes are open, the peer is not
well; 2 could not run.)";

constexpr const char* diff_footer = R"(Examples:
  vouch-dump diff a/data b/data c/data
  vouch-dump diff --json a/data/run/vouch.sock saved.json

A source is a socket path, tcp://KEY@host:port with --key, a data folder, or a --json file.
Exit codes: 0 states equal; 1 states differ; 2 could not run.)";

constexpr const char* watch_footer = R"(Examples:
  vouch-dump watch a/data/run/vouch.sock b/data/run/vouch.sock
  vouch-dump watch --until-equal --looks 60 a/data b/data     wait a minute for convergence
  vouch-dump watch --json --interval 200 a/data b/data        one object a line

A source is a socket path, tcp://KEY@host:port with --key, a data folder, or a --json file.
`lacks` counts the records that some other source holds. Who does not answer is asked again. `state`
is the sum that peers keep up with their states; diff compares all that they hold.
Exit codes: 0 the last look saw equal states; 1 it did not; 2 could not run.)";

constexpr const char* proof_footer = R"(Examples:
  vouch-dump proof --data a/data                        all proofs
  vouch-dump proof 3fa9 --out proof.bin --data a/data   the one against the key that starts so
  vouch-dump proof --verify proof.bin                   checks it, without any peer

Exit codes: 0 done, the proof holds; 1 the file proves nothing; 2 could not run.)";

constexpr const char* disputes_footer = R"(Examples:
  vouch-dump disputes --peer a/data/run/vouch.sock      open ones, and those settled since the start
  vouch-dump disputes thread-1 --data a/data            of one stream, from a data folder
  vouch-dump disputes --json --peer a/data/run/vouch.sock

A dispute: voters vouch for different heads (hashes over events and verdicts) of one stream. They
vote in views, which are rounds; view 0 is the gossip itself. See docs/DISPUTES.md. A data folder
knows settled disputes that took a round, and no times; its voters are the members that ever wrote.
Exit codes: 0 none is open; 1 some are open; 2 could not run.)";

constexpr const char* health_footer = R"(Examples:
  vouch-dump health --peer a/data/run/vouch.sock
  vouch-dump health --json --peer a/data/run/vouch.sock

Says ok, warning (it does its work, somebody should look) or failing, with a sentence a reason.
Exit codes: 0 ok or warning; 1 failing, such as too few voters to decide; 2 could not run.)";

constexpr const char* metrics_footer = R"(Examples:
  vouch-dump metrics --peer a/data/run/vouch.sock
  vouch-dump metrics --peer a/data/run/vouch.sock > /var/lib/node_exporter/vouch.prom

Counters start at 0 with the peer. A figure that does not exist yet is left out.
Exit codes: 0 done; 2 could not run.)";

struct Options {
  std::string peer, data, key;
  bool json = false;
  std::vector<std::string> only;
  std::vector<std::string> sources;
  WatchOptions watch;
  ProofOptions proof;
  std::string verify;
  std::string stream;
};

/// `parts`: those that are needed; none: all.
Result<json::Value> load_one(const Options& options, std::vector<std::string> parts = {}) {
  if (options.peer.empty() == options.data.empty()) {
    return fail(Errc::invalid_config, "give --peer ENDPOINT or --data DIR; see --help");
  }
  if (!options.data.empty()) return load_folder(options.data);
  return load_dump(options.peer, options.key, {"", std::move(parts)});
}

int prove(Options& options) {
  if (!options.verify.empty()) {
    const auto held = verify_file(options.verify, options.json);
    if (held) return exit_ok;
    failed({held.error().code, options.verify + " proves nothing: " + held.error().text()});
    return held.error().code == Errc::io ? exit_failed : exit_findings;
  }
  const auto dump = load_one(options, {"members", "proofs"});
  if (!dump) return failed(dump.error());
  options.proof.json = options.json;
  const auto shown = print_proofs(*dump, options.proof);
  return shown ? exit_ok : failed(shown.error());
}

int show_disputes(const Options& options) {
  const auto dump = load_one(options, {"members", "disputes"});
  if (!dump) return failed(dump.error());
  return print_disputes(*dump, options.stream, options.json) == 0 ? exit_ok : exit_findings;
}

int show_health(const Options& options) {
  const auto dump = load_one(options, health_parts);
  if (!dump) return failed(dump.error());
  const auto well = print_health(*dump, options.json);
  if (!well) return failed(well.error());
  return *well ? exit_ok : exit_findings;
}

int show_metrics(const Options& options) {
  const auto dump = load_one(options, metrics_parts());
  if (!dump) return failed(dump.error());
  const auto printed = print_metrics(*dump);
  return printed ? exit_ok : failed(printed.error());
}

/// The options of a command that looks at one peer.
void take_source(CLI::App* command, Options& options) {
  command->add_option("--peer", options.peer, "A running peer");
  command->add_option("--data", options.data, "Data folder of a peer");
  command->add_option("--key", options.key, "Key file that the peer allows (tcp only)");
}

int show(const Options& options) {
  const auto dump = load_one(options, options.only);
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
  return print_diff(dumps, options.json) ? exit_ok : exit_findings;
}

int look(Options& options) {
  options.watch.sources = options.sources;
  options.watch.key = options.key;
  options.watch.json = options.json;
  return watch(options.watch) ? exit_ok : exit_findings;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Shows the replicated state of vouch peers.", "vouch-dump"};
  app.footer(footer);
  app.set_version_flag("--version", std::string("vouch-dump ") + std::string(version));
  Options options;
  take_source(&app, options);
  CLI::Option* json = app.add_flag("--json", options.json, "Print one JSON object");
  app.add_option("--only", options.only, "Of a running peer these parts alone, with --json")
      ->check(CLI::IsMember(
          std::set<std::string>(observe::dump_parts.begin(), observe::dump_parts.end())))
      ->delimiter(',')
      ->needs(json);
  CLI::App* compare = app.add_subcommand("diff", "Compare peers");
  compare->add_option("SOURCE", options.sources, "Two or more sources")
      ->required()
      ->expected(2, 64);
  compare->add_option("--key", options.key, "Key file that the peers allow (tcp only)");
  compare->add_flag("--json", options.json, "Print one JSON object");
  compare->footer(diff_footer);
  CLI::App* watching = app.add_subcommand("watch", "Show convergence while it happens");
  watching->add_option("SOURCE", options.sources, "One or more sources")
      ->required()
      ->expected(1, 64);
  watching->add_option("--key", options.key, "Key file that the peers allow (tcp only)");
  watching->add_flag("--json", options.json, "Print one JSON object a line for each look");
  CLI::App* proof = app.add_subcommand("proof", "Show, save or verify proofs of misbehaviour");
  proof->add_option("PEER", options.proof.offender, "First digits of the offender's key");
  take_source(proof, options);
  proof->add_option("--out", options.proof.out, "Write the bytes of the one proof to a file");
  proof->add_option("--verify", options.verify, "Verify the bytes in a file");
  proof->add_flag("--json", options.json, "Print JSON");
  proof->footer(proof_footer);
  CLI::App* disputes = app.add_subcommand("disputes", "Show where voters differ, or differed");
  disputes->add_option("STREAM", options.stream, "Of this stream alone");
  take_source(disputes, options);
  disputes->add_flag("--json", options.json, "Print one JSON object");
  disputes->footer(disputes_footer);
  CLI::App* health = app.add_subcommand("health", "Say whether a running peer is well");
  take_source(health, options);
  health->add_flag("--json", options.json, "Print one JSON object");
  health->footer(health_footer);
  CLI::App* metrics = app.add_subcommand("metrics", "Print figures for Prometheus");
  take_source(metrics, options);
  metrics->footer(metrics_footer);
  std::uint32_t interval_ms = 1000;
  watching->add_option("--interval", interval_ms, "Milliseconds from look to look")
      ->check(CLI::Range(50, 3'600'000))
      ->capture_default_str();
  watching->add_option("--looks", options.watch.looks, "End after so many; 0: go on until stopped")
      ->capture_default_str();
  watching->add_flag("--until-equal", options.watch.until_equal,
                     "End when all answer and are equal");
  watching->footer(watch_footer);
  int code = exit_ok;
  add_receipts(app, code);
  add_graph(app, code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return explain(app, error);
  }
  options.watch.interval = std::chrono::milliseconds(interval_ms);
  if (watching->parsed()) return look(options);
  if (proof->parsed()) return prove(options);
  if (disputes->parsed()) return show_disputes(options);
  if (health->parsed()) return show_health(options);
  if (metrics->parsed()) return show_metrics(options);
  if (compare->parsed()) return diff(options);
  return app.get_subcommands().empty() ? show(options) : code;
}
