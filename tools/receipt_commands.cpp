// SPDX-License-Identifier: MIT
#include "tools/receipt_commands.hpp"

#include <fstream>
#include <memory>

#include "tools/command_line.hpp"
#include "tools/dump_source.hpp"
#include "tools/exit_codes.hpp"
#include "tools/input_file.hpp"
#include "tools/json_view.hpp"
#include "tools/receipt_file.hpp"
#include "tools/roster_file.hpp"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "vouch/base/stream_key.hpp"
#include "vouch/schemas/json_write.hpp"

namespace vouch::tools {
namespace {

constexpr const char* roster_footer = R"(Examples:
  vouch-dump roster data/run/vouch.sock > roster.json

Prints the newest roster and, when it was changed, the first one and the certificate of each later
one. Who verifies a receipt trusts a roster: take it from a peer or a person that you trust.
Exit codes: 0 done; 2 could not run.)";

constexpr const char* receipt_footer = R"(Examples:
  vouch-dump receipt thread-1 --peer data/run/vouch.sock --out thread-1.receipt
  vouch-dump receipt thread-1 --peer data/run/vouch.sock --height 3

Exit codes: 0 done; 1 nothing of this stream is certified there; 2 could not run.)";

constexpr const char* verify_footer = R"(Examples:
  vouch-dump verify thread-1.receipt --roster roster.json
  vouch-dump verify thread-1.receipt --roster vouch.toml --events thread-1.jsonl
  vouch-dump verify thread-1.receipt --roster vouch.toml --chain roster.json

No peer is needed. A receipt of another epoch than the roster that you trust is checked by the
chain of certificates between them, which needs no trust: it is in what `vouch-dump roster` prints.
Of a stream that began after a change of the rules it must also reach that change.
With --events the events are judged again and the head is compared.
Exit codes: 0 valid; 1 not valid; 2 could not run.)";

struct Words {
  std::string source, key, stream, out, receipt, roster, chain, events;
  std::uint32_t height = 0;                  ///< 0: the highest
  std::optional<std::uint32_t> rules_epoch;  ///< nothing: the newest
  bool json = false;
};

int print_roster(const Words& words) {
  const auto dump = load_dump(words.source, words.key, {"", {"roster"}});
  if (!dump) return failed(dump.error());
  const auto roster = roster_of_dump(*dump);
  if (!roster) return failed(roster.error());
  fmt::print("{}\n", json::to_text(roster_json(*roster)));
  return exit_ok;
}

int print_receipt(const Words& words) {
  const std::string wanted =
      words.rules_epoch ? stream_key(stream_name(words.stream), *words.rules_epoch) : words.stream;
  const auto dump = load_dump(words.source, words.key, {wanted, {"certificates"}});
  if (!dump) return failed(dump.error());
  const auto receipt = receipt_of_dump(*dump, words.stream, words.height, words.rules_epoch);
  if (!receipt) {
    const int code = failed(receipt.error());
    return receipt.error().code == Errc::unknown ? exit_findings : code;
  }
  const std::string text = consensus::write_receipt(*receipt) + "\n";
  if (words.out.empty()) {
    fmt::print("{}", text);
    return exit_ok;
  }
  std::ofstream out(words.out, std::ios::binary);
  out << text;
  out.close();
  return out ? exit_ok : failed({Errc::io, "cannot write " + words.out});
}

int verify(const Words& words) {
  const auto content = read_whole(words.receipt);
  if (!content) return failed(content.error());
  const auto receipt = consensus::read_receipt(*content);
  if (!receipt) return failed({Errc::malformed, words.receipt + ": " + receipt.error().detail});
  const auto roster = read_roster(words.roster);
  if (!roster) return failed(roster.error());
  auto chain = roster;
  if (!words.chain.empty()) chain = read_roster(words.chain);
  if (!chain) return failed(chain.error());
  const auto checked = check_receipt(*receipt, *roster, *chain, words.events);
  if (!checked) return failed(checked.error());
  print_check(*receipt, roster->cluster, *checked, words.json);
  return checked->flaw == consensus::Flaw::none ? exit_ok : exit_findings;
}

}  // namespace

void add_receipts(CLI::App& app, int& code) {
  const auto words = std::make_shared<Words>();
  constexpr const char* source = "Socket path, tcp://KEY@host:port with --key, or a --json file";
  constexpr const char* key = "Key file that the peer allows (tcp only)";

  CLI::App* roster = app.add_subcommand("roster", "Print who may certify, for verify");
  roster->add_option("SOURCE", words->source, source)->required();
  roster->add_option("--key", words->key, key);
  roster->footer(roster_footer);
  roster->callback([words, &code] { code = print_roster(*words); });

  CLI::App* receipt = app.add_subcommand("receipt", "Take a stream's receipt from a peer");
  receipt->add_option("STREAM", words->stream, "Name of the stream")->required();
  receipt->add_option("--peer", words->source, source)->required();
  receipt->add_option("--key", words->key, key);
  receipt->add_option("--height", words->height, "Which certificate; default: the highest")
      ->check(CLI::Range(1U, UINT32_MAX));
  receipt->add_option("--rules-epoch", words->rules_epoch,
                      "Where streams of one name began under several rule sets: the epoch that "
                      "brought those, 0 for the first ones; default: the newest");
  receipt->add_option("--out", words->out, "File to write; default: standard output");
  receipt->footer(receipt_footer);
  receipt->callback([words, &code] { code = print_receipt(*words); });

  CLI::App* check = app.add_subcommand("verify", "Check a receipt; no peer is needed");
  check->add_option("RECEIPT", words->receipt, "File of the receipt")->required();
  check
      ->add_option("--roster", words->roster,
                   "What `vouch-dump roster` printed, or the config of a peer")
      ->required();
  check->add_option(
      "--chain", words->chain,
      "What `vouch-dump roster` printed anywhere, to get from the roster to the epoch "
      "of the receipt; default: the file of --roster");
  check->add_option("--events", words->events, "The stream's events: JSON Lines, an array or SSE");
  check->add_flag("--json", words->json, "Print one JSON object");
  check->footer(verify_footer);
  check->callback([words, &code] { code = verify(*words); });
}

}  // namespace vouch::tools
