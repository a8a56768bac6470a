// Command line of vouch-peer: options, help, exit codes. What the commands do is in their own
// files.
// SPDX-License-Identifier: MIT
#include <iostream>

#include "tools/command_line.hpp"
#include "tools/commands.hpp"
#include "tools/peer_roster.hpp"
#include "tools/peer_validate.hpp"
#include <CLI/CLI.hpp>

#include "vouch/version.hpp"

namespace {

using namespace vouch::tools;

constexpr const char* about =
    "Peers vouch for agent event streams. They vote only when they disagree.";

constexpr const char* footer = R"(Examples:
  vouch-peer demo                          four peers on this machine: one is killed, one lies
  vouch-peer init /etc/vouch                        write a commented config and a key
  vouch-peer run --config /etc/vouch/vouch.toml     run a peer until SIGTERM
  vouch-peer submit --peer /etc/vouch/data/run/vouch.sock --stream t1 events.jsonl
  vouch-peer roster show --peer /etc/vouch/data/run/vouch.sock      who votes
  vouch-peer validate events.jsonl                  judge a file without any peer

Exit codes: 0 done; 1 events were rejected, or the demo did not converge; 2 could not run.)";

void add_init(CLI::App& app, int& code) {
  auto options = std::make_shared<InitOptions>();
  CLI::App* command =
      app.add_subcommand("init", "Write a commented config and a key into a folder");
  command->add_option("DIR", options->folder, "Folder to make (0700)")->required();
  command->add_option("--name", options->name, "Name of the peer; default: the folder's name");
  command
      ->add_option("--listen", options->listen, "Endpoint for requests; gossip takes the next port")
      ->capture_default_str();
  command->add_flag("--force", options->force, "Write the config anew; the key is never replaced");
  command->footer(R"(Examples:
  vouch-peer init /etc/vouch
  vouch-peer init my-peer --name berlin-1 --listen tcp://10.0.0.5:7411

Prints the public key of the peer. Exit codes: 0 done; 2 could not, or the config exists.)");
  command->callback([options, &code] { code = run_init(*options); });
}

void add_keygen(CLI::App& app, int& code) {
  auto options = std::make_shared<KeygenOptions>();
  CLI::App* command = app.add_subcommand("keygen", "Make a key file and print its public key");
  command->add_option("FILE", options->file, "New key file (0600); never overwritten");
  command->add_option("--show", options->show, "Print the public key of an existing file instead");
  command->footer(R"(Examples:
  vouch-peer keygen agent.key
  vouch-peer keygen --show /etc/vouch/peer.key

Exit codes: 0 done; 2 could not, or the file exists.)");
  command->callback([options, &code] {
    if (options->file.empty() == options->show.empty()) {
      throw CLI::ValidationError("keygen", "give FILE, or --show FILE");
    }
    code = run_keygen(*options);
  });
}

void add_run(CLI::App& app, int& code) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("run", "Run a peer until SIGTERM or SIGINT");
  command->add_option("--config", options->config, "Config file, see vouch-peer init")->required();
  command->add_flag("--check", options->check, "Check the config, say every fault, and stop");
  command->footer(R"(Examples:
  vouch-peer run --config /etc/vouch/vouch.toml
  vouch-peer run --config /etc/vouch/vouch.toml --check

Prints one line when ready:
  ready id=<key> direct=tcp://<key>@host:port gossip=tcp://host:port local=<socket> voters=<n>
Exit codes: 0 stopped by a signal, or no faults; 2 could not run.)");
  command->callback([options, &code] { code = run_peer(*options); });
}

void add_submit(CLI::App& app, int& code) {
  auto options = std::make_shared<SubmitOptionsCli>();
  CLI::App* command =
      app.add_subcommand("submit", "Submit events (JSON Lines) and print one verdict a line");
  command->add_option("--peer", options->peer, "Socket path, or tcp://KEY@host:port with --key")
      ->required();
  command->add_option("--key", options->key, "Key file that the peer allows (tcp only)");
  command->add_option("--stream", options->stream, "Id of the stream")->required();
  command->add_flag("--close", options->close, "End the stream behind the last event");
  command->add_flag("--quiet", options->quiet, "Print only verdicts that carry findings");
  command->add_option("--timeout", options->timeout_ms, "Milliseconds to wait for the peer")
      ->capture_default_str();
  command->add_option("FILE", options->file, "Events, or - for standard input")
      ->capture_default_str();
  command->footer(R"(Examples:
  vouch-peer submit --peer data/run/vouch.sock --stream t1 --close events.jsonl
  agent | vouch-peer submit --peer data/run/vouch.sock --stream t1 --quiet

Lines already taken by the peer are skipped, so an interrupted submit can be repeated.
Exit codes: 0 done; 1 an event was rejected or the stream was truncated; 2 could not run.)");
  command->callback([options, &code] { code = run_submit(*options); });
}

void add_demo(CLI::App& app, int& code) {
  auto options = std::make_shared<DemoOptions>();
  CLI::App* command = app.add_subcommand(
      "demo", "Four peers, recorded streams; one peer is killed and comes back, one lies");
  command->add_option("--streams", options->streams, "Recorded streams (JSON Lines)");
  command->add_option("--peers", options->peers, "Number of peers")
      ->check(CLI::Range(2, 9))
      ->capture_default_str();
  command->add_option("--seconds", options->seconds, "Give up after so many seconds")
      ->capture_default_str();
  command->add_flag("--keep", options->keep, "Keep the temporary folder with all data");
  command->add_flag("--json", options->json, "Print the report as one JSON object");
  command->footer(R"(Examples:
  vouch-peer demo
  vouch-peer demo --peers 7 --keep

Exit codes: 0 all peers came to equal state, a receipt of one clean stream holds, and the lie was
found, outvoted and proven (from 4 peers on; fewer tolerate crashes alone); 1 any of this failed;
2 could not run.)");
  command->callback([options, &code] { code = run_demo(*options); });
}

void add_rules(CLI::App& app, int& code) {
  auto options = std::make_shared<RulesOptions>();
  CLI::App* command = app.add_subcommand("rules", "Print the table of rules, or one rule");
  command->add_option("RULE", options->name, "Number or id, such as 3001 or text.already-open");
  command->add_option("--format", options->format, "text, or json: one object a line")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->footer(R"(Examples:
  vouch-peer rules 3001
  vouch-peer rules text.already-open
  vouch-peer rules --format json

Exit codes: 0 done; 2 no such rule.)");
  command->callback([options, &code] { code = run_rules(*options); });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{about, "vouch-peer"};
  app.footer(footer);
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("vouch-peer ") + std::string(vouch::version));
  int code = exit_ok;
  add_init(app, code);
  add_keygen(app, code);
  add_run(app, code);
  add_submit(app, code);
  add_roster(app, code);
  add_validate(app, code);
  add_demo(app, code);
  add_rules(app, code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return explain(app, error);
  }
  return code;
}
