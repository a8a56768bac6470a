// vouch-peer roster: who votes and by which rules, and changing it. A change is proposed at each
// socket that is given, then its outcome is awaited at the first one. Repeating a command is safe:
// what is proposed or done already is not done twice.
// SPDX-License-Identifier: MIT
#include "tools/peer_roster.hpp"

#include <memory>
#include <thread>

#include "tools/commands.hpp"
#include "tools/roster_change.hpp"
#include "tools/roster_force.hpp"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "vouch/client/peer_client.hpp"
#include "vouch/schemas/json_write.hpp"

namespace vouch::tools {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds answer_timeout{5'000};  ///< of a peer that runs, whatever it is asked
constexpr milliseconds look_time{100};
constexpr int say_again = 10;  ///< looks: who was not reached hears of the proposal then

struct Options {
  std::vector<std::string> peers;
  std::uint32_t timeout_ms = 30'000;
  bool force = false;
  bool json = false;
  ChangeWords words;
  std::string before, after;  ///< of replace
};

struct Asked {
  std::string name;
  std::unique_ptr<client::PeerClient> client;
  ToldRosters told;
};

Result<ToldRosters> ask(client::PeerClient& client, const Bytes& proposed = {}) {
  const auto told = client.rosters(proposed);
  if (!told) return tl::unexpected(told.error());
  return read_told(*told);
}

Result<std::vector<Asked>> ask_all(const Options& options) {
  std::vector<Asked> out;
  for (const std::string& name : options.peers) {
    const auto endpoint = client::Endpoint::parse(name, {});
    if (!endpoint) return tl::unexpected(endpoint.error());
    auto client = client::PeerClient::connect(*endpoint, {}, answer_timeout);
    if (!client) return tl::unexpected(client.error());
    auto told = ask(**client);
    if (!told) return fail(told.error().code, name + ": " + told.error().detail);
    out.push_back({name, std::move(*client), std::move(*told)});
  }
  return out;
}

int end(const Options& options, const ChangeOutcome& outcome) {
  if (options.json) {
    fmt::print("{}\n", json::to_text(outcome_json(outcome)));
  } else {
    fmt::print("{}\n", outcome_text(outcome));
  }
  return outcome.done() ? exit_ok : exit_findings;
}

/// Everybody who is asked must start from one roster; nothing is proposed before that is known.
std::optional<std::string> differing_start(const std::vector<Asked>& asked) {
  const membership::Roster& base = asked.front().told.newest();
  for (const Asked& one : asked) {
    const ToldRosters& told = one.told;
    if (!(told.newest() == base)) {
      return fmt::format("{} is in epoch {}, {} in epoch {}; try again once both know the newest",
                         asked.front().name, base.epoch(), one.name, told.newest().epoch());
    }
    if (told.cluster != asked.front().told.cluster) {
      return fmt::format("{} is of the cluster {}, not of {}", one.name, told.cluster,
                         asked.front().told.cluster);
    }
  }
  return std::nullopt;
}

std::optional<std::string> obstacle(const std::vector<Asked>& asked) {
  if (auto why = differing_start(asked)) return why;
  const membership::Roster& base = asked.front().told.newest();
  for (const Asked& one : asked) {
    const ToldRosters& told = one.told;
    if (!told.in_force) {
      return fmt::format("{} is in handover to epoch {}; try again once it votes", one.name,
                         told.newest().epoch());
    }
    if (!told.votes) {
      return fmt::format(
          "{} has no vote in epoch {}, or not yet after its start: propose at voters", one.name,
          base.epoch());
    }
  }
  return std::nullopt;
}

/// Until it is over or time is up. Tells on standard error how far it is.
Result<ChangeOutcome> watch(const Options& options, Asked& asked, const membership::Roster& wanted,
                            Clock::time_point until) {
  std::string said;
  int looks = 0;
  for (;;) {
    ChangeOutcome outcome = outcome_of(asked.told, wanted);
    if (outcome.over() || Clock::now() >= until) return outcome;
    if (std::string line = outcome_text(outcome); !options.json && line != said) {
      fmt::print(stderr, "{}\n", line);
      said = std::move(line);
    }
    std::this_thread::sleep_for(look_time);
    if (outcome.end == ChangeOutcome::End::open && ++looks % say_again == 0) {
      (void)asked.client->rosters(membership::encode_roster(wanted));
    }
    auto told = ask(*asked.client);
    if (!told) return tl::unexpected(told.error());
    asked.told = std::move(*told);
  }
}

/// Why that did not work.
std::optional<std::string> propose_at_all(std::vector<Asked>& asked,
                                          const membership::Roster& wanted) {
  for (Asked& one : asked) {
    auto told = ask(*one.client, membership::encode_roster(wanted));
    if (!told) return one.name + ": " + told.error().detail;
    one.told = std::move(*told);
  }
  return std::nullopt;
}

int refuse(const Options& options, const membership::Roster& wanted, std::string why) {
  return end(options, {ChangeOutcome::End::refused, wanted, {}, {}, 0, std::move(why)});
}

/// Says in the end how it came out, and `after` that when it is as wanted.
int follow(const Options& options, Asked& asked, const membership::Roster& wanted,
           Clock::time_point until, const std::string& after = "") {
  const auto watched = watch(options, asked, wanted, until);
  if (!watched) return failed(watched.error().detail);
  if (!options.json && watched->done()) fmt::print(stderr, "{}", after);
  return end(options, *watched);
}

int change(const Options& options) {
  const auto until = Clock::now() + milliseconds(options.timeout_ms);
  auto asked = ask_all(options);
  if (!asked) return failed(asked.error().detail);
  const ToldRosters& first = asked->front().told;
  ChangeWords words = options.words;
  if (!options.before.empty()) words.remove.push_back(options.before);
  if (!options.after.empty()) words.list.push_back(options.after);
  const auto wanted = wanted_roster(first, words);
  if (!wanted) return failed(wanted.error().detail);
  if (*wanted == first.newest().next()) {
    if (first.in_force) {
      return end(options, {ChangeOutcome::End::unchanged, *wanted, {}, {}, 0, {}});
    }
    const membership::Roster newest = first.newest();
    return follow(options, asked->front(), newest, until);
  }
  if (auto why = obstacle(*asked)) return refuse(options, *wanted, *why);
  if (auto why = too_few_heard(first, *wanted); why && !options.force) {
    return refuse(options, *wanted, *why + "; --force proposes it all the same");
  }
  if (auto why = propose_at_all(*asked, *wanted)) return refuse(options, *wanted, *why);
  if (!options.json) fmt::print(stderr, "{}", change_text(first, *wanted));
  return follow(options, asked->front(), *wanted, until);
}

/// Peers that have no say in it are told to follow it.
int force(const Options& options) {
  const auto until = Clock::now() + milliseconds(options.timeout_ms);
  auto asked = ask_all(options);
  if (!asked) return failed(asked.error().detail);
  const ToldRosters first = asked->front().told;
  const auto wanted = forced_roster(first, options.words);
  if (!wanted) return failed(wanted.error().detail);
  if (is_forced_already(first, *wanted)) {
    return follow(options, asked->front(), first.newest(), until);
  }
  if (auto why = differing_start(*asked)) return refuse(options, *wanted, *why);
  for (const Asked& one : *asked) {
    const auto why = objection(one.told, *wanted);
    if (!why || options.force) continue;
    return refuse(options, *wanted, one.name + ": " + *why + "; --force forces it all the same");
  }
  if (!options.json) {
    fmt::print(stderr, "{}{}", change_text(first, *wanted), loss_text(first, *wanted));
  }
  if (auto why = propose_at_all(*asked, *wanted)) return refuse(options, *wanted, *why);
  return follow(options, asked->front(), *wanted, until, after_text(*wanted));
}

int show(const Options& options) {
  auto asked = ask_all(options);
  if (!asked) return failed(asked.error().detail);
  for (const Asked& one : *asked) {
    if (options.json) {
      fmt::print("{}\n", json::to_text(told_json(one.told)));
    } else {
      fmt::print("{}", told_text(one.told));
    }
  }
  return exit_ok;
}

constexpr const char* about_roster =
    "Show who votes and by which rules, or change it while streams run. A change is decided by the "
    "voters of now; "
    "each of f+1 of them (f: liars that the roster tolerates) must be told by its own operator";

constexpr const char* footer_roster = R"(Examples:
  vouch-peer roster show --peer a/data/run/vouch.sock
  vouch-peer roster add 5be2...41 --peer a/data/run/vouch.sock    here, then at f more voters
  vouch-peer roster replace 3fa9 5be2...41 --peer a.sock --peer b.sock
  vouch-peer roster renew 3fa9 --peer a.sock --peer b.sock
  vouch-peer roster rules agui-1.1/strict/compat --peer a.sock --peer b.sock
  vouch-peer roster force 5be2 77c1 --peer a.sock    after a disaster alone, see its help

Of four voters two must propose the same change: run the command on two hosts. A key is 64
hexadecimal digits; of a voter the first four are enough. A new voter must stand in the config of
all peers, with `voter = false`, and run.
Exit codes: 0 in force at the first peer, or so already; 1 refused, not decided in time, or another
roster was certified; 2 could not run.)";

constexpr const char* footer_change = R"(
Ends when the first peer follows the new roster, or time is up: the proposal stands until another
roster is certified or all who know of it restart.
Exit codes: 0 in force at the first peer, or so already; 1 refused, not decided in time, or another
roster was certified; 2 could not run.)";

constexpr const char* footer_rules = R"(
Streams that began before go on under their rules until they end; streams that begin once the peer
follows the new roster are judged by the new ones. A rule set is written as `vouch-peer rules` and
receipts write it; its protocol alone means the defaults. First bring all peers to a version of
vouch, and to custom rules, that can judge by it: who cannot refuses to propose it, and if the
others decide it all the same, attests no stream under it. `vouch-dump health` says so.
Exit codes: 0 in force at the first peer, or so already; 1 refused, not decided in time, or another
roster was certified; 2 could not run.)";

constexpr const char* footer_force = R"(
For the case that more than f voters are lost for ever and nothing can be decided any more. Every
voter that remains must be told the same, by its own operator; others need not, or must where fewer
than f+1 remain. Refused while a quorum is heard, unless --force. What lost voters alone hold is
gone; the epoch is shown as forced for ever. Read docs/ROSTER.md first.
Exit codes: 0 in force at the first peer; 1 refused, not agreed in time, or another roster was
certified; 2 could not run.)";

CLI::App* add_change(CLI::App& roster, const std::shared_ptr<Options>& options, int& code,
                     const std::string& name, const std::string& about, const char* examples,
                     const char* footer = footer_change) {
  CLI::App* command = roster.add_subcommand(name, about);
  command->add_option("--peer", options->peers, "Local socket of a voter; may be given again")
      ->required()
      ->allow_extra_args(false);
  command->add_option("--timeout", options->timeout_ms, "Milliseconds; 0: propose and look once")
      ->capture_default_str();
  command->add_flag("--force", options->force, "Though too few of the new voters are heard");
  command->add_flag("--json", options->json, "Print the outcome as one JSON object");
  command->footer(std::string("Examples:\n") + examples + footer);
  command->callback([options, &code] { code = change(*options); });
  return command;
}

}  // namespace

void add_roster(CLI::App& app, int& code) {
  CLI::App* roster = app.add_subcommand("roster", about_roster);
  roster->require_subcommand(1);
  roster->footer(footer_roster);

  const auto shown = std::make_shared<Options>();
  CLI::App* look = roster->add_subcommand("show", "Who votes, what is proposed, who is heard");
  look->add_option("--peer", shown->peers, "Local socket of a peer; may be given again")
      ->required()
      ->allow_extra_args(false);
  look->add_flag("--json", shown->json, "Print one JSON object a peer");
  look->footer(
      "Examples:\n  vouch-peer roster show --peer a/data/run/vouch.sock\n\n"
      "Exit codes: 0 done; 2 could not run.");
  look->callback([shown, &code] { code = show(*shown); });

  const auto adding = std::make_shared<Options>();
  CLI::App* add = add_change(*roster, adding, code, "add", "More voters",
                             "  vouch-peer roster add 5be2...41 --peer a.sock --peer b.sock\n");
  add->add_option("KEY", adding->words.list, "Keys that are to vote")->required();
  add->add_option("--incarnation", adding->words.incarnation,
                  "Under which the one key writes; default: as the peer knows it, 1 for a new one");

  const auto removing = std::make_shared<Options>();
  CLI::App* remove = add_change(*roster, removing, code, "remove", "Fewer voters",
                                "  vouch-peer roster remove 3fa9 --peer a.sock --peer b.sock\n");
  remove->add_option("KEY", removing->words.remove, "Voters; the first digits are enough")
      ->required();

  const auto replacing = std::make_shared<Options>();
  CLI::App* replace =
      add_change(*roster, replacing, code, "replace", "One voter for another",
                 "  vouch-peer roster replace 3fa9 5be2...41 --peer a.sock --peer b.sock\n");
  replace->add_option("OLD", replacing->before, "The voter; its first digits are enough")
      ->required();
  replace->add_option("NEW", replacing->after, "The key that is to vote in its place")->required();
  replace->add_option("--incarnation", replacing->words.incarnation, "Under which NEW writes");

  const auto renewing = std::make_shared<Options>();
  CLI::App* renew = add_change(*roster, renewing, code, "renew",
                               "Give voters that lost their logs their votes back",
                               "  vouch-peer roster renew 3fa9 --peer a.sock --peer b.sock\n");
  renew->add_option("KEY", renewing->words.renew, "Voters; the first digits are enough")
      ->required();
  renew->add_option("--incarnation", renewing->words.incarnation,
                    "Under which the one voter writes; default: as the peer knows it");

  const auto ruling = std::make_shared<Options>();
  CLI::App* rules = add_change(*roster, ruling, code, "rules",
                               "Another rule set, for streams that begin from then on",
                               "  vouch-peer roster rules agui-1.1/strict/compat --peer a.sock "
                               "--peer b.sock\n",
                               footer_rules);
  rules->add_option("ID", ruling->words.rule_set, "The rule set, as agui-1.1/strict/compat")
      ->required();

  const auto forcing = std::make_shared<Options>();
  CLI::App* forced =
      add_change(*roster, forcing, code, "force",
                 "Vote without those that are lost for good, more than f of them",
                 "  vouch-peer roster force 3fa9 77c1 --peer a.sock    here, then at "
                 "77c1\n",
                 footer_force);
  forced->add_option("KEY", forcing->words.list, "All that vote from then on")->required();
  forced->callback([forcing, &code] { code = force(*forcing); });
}

}  // namespace vouch::tools
