// SPDX-License-Identifier: MIT
#include "tools/graph_command.hpp"

#include <algorithm>
#include <fstream>
#include <memory>
#include <optional>

#include "tools/causal_graph.hpp"
#include "tools/command_line.hpp"
#include "tools/dump_source.hpp"
#include "tools/exit_codes.hpp"
#include "tools/graph_text.hpp"
#include "tools/json_view.hpp"
#include "tools/stored_batches.hpp"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace vouch::tools {
namespace {

constexpr const char* graph_footer = R"(Examples:
  vouch-dump graph --peer a/run/vouch.sock --peer b/run/vouch.sock --output graph.svg
  vouch-dump graph --peer a/run/vouch.sock --last 5 | dot -Tpdf > graph.pdf
  vouch-dump graph --peer saved.json --format svg > graph.svg      of dumps made with --json

An arrow leads from a batch to one whose writer had seen it; what follows from other arrows is left
out. Each running peer remembers what it had seen before its last 256 batches, since its start: ask
all for the whole graph. A data folder tells what is in the logs, and nothing of who had seen what.
Exit codes: 0 done; 2 could not run.)";

struct GraphWords {
  std::vector<std::string> peers, folders;
  std::string key, format, output;
  std::size_t last = 20;
};

/// dot or svg; Errc::invalid_config when nothing says which.
Result<std::string> format_of(const GraphWords& words) {
  if (!words.format.empty()) return words.format;
  if (words.output.empty()) return "dot";
  const std::string ending = std::filesystem::path(words.output).extension();
  if (ending == ".dot" || ending == ".svg") return ending.substr(1);
  return fail(Errc::invalid_config,
              words.output + " ends in neither .dot nor .svg: say which with --format");
}

Result<json::Value> load_logs(const std::filesystem::path& folder, std::size_t newest) {
  auto dump = load_folder(folder);
  if (!dump) return dump;
  const auto store = open_folder(folder);
  if (!store) return tl::unexpected(store.error());
  auto batches = stored_batches(**store, newest);
  if (!batches) return tl::unexpected(batches.error());
  dump->get<json::Object>()->emplace_back("batches", std::move(*batches));
  return dump;
}

Result<json::Value> load_source(const std::string& source, const GraphWords& words) {
  std::error_code ignored;
  if (std::filesystem::is_directory(source, ignored)) return load_logs(source, words.last);
  auto dump = load_dump(source, words.key, {"", {"members", "batches"}});
  if (dump && dump->find("batches") == nullptr) {
    return fail(Errc::malformed, "tells no batches: it takes the dump of a running peer");
  }
  return dump;
}

Result<std::vector<json::Value>> load_all(const GraphWords& words) {
  if (words.peers.empty() && words.folders.empty()) {
    return fail(Errc::invalid_config, "give --peer ENDPOINT or --data DIR; see --help");
  }
  std::vector<json::Value> dumps;
  for (const std::string& source : words.peers) {
    auto dump = load_source(source, words);
    if (!dump) return fail(dump.error().code, source + ": " + dump.error().detail);
    dumps.push_back(std::move(*dump));
  }
  for (const std::string& folder : words.folders) {
    auto dump = load_logs(folder, words.last);
    if (!dump) return fail(dump.error().code, folder + ": " + dump.error().detail);
    dumps.push_back(std::move(*dump));
  }
  return dumps;
}

constexpr const char* logs_alone = "only the links of the logs, no running peer was asked";

bool only_logs(const std::vector<json::Value>& dumps) {
  return std::none_of(dumps.begin(), dumps.end(),
                      [](const json::Value& dump) { return flag(dump, "live"); });
}

/// Whose graph it is, who told it, and what nobody did.
std::string about(const std::vector<json::Value>& dumps, const GraphWords& words) {
  std::string cluster;
  for (const json::Value& dump : dumps) {
    if (cluster.empty()) cluster = text(dump, "cluster");
  }
  return fmt::format("{}{}at most {} of each log, as told by {} source{}{}{}", cluster,
                     cluster.empty() ? "" : ": ", words.last, dumps.size(),
                     dumps.size() == 1 ? "" : "s", only_logs(dumps) ? "; " : "",
                     only_logs(dumps) ? logs_alone : "");
}

Result<void> write(const std::string& text, const std::string& file) {
  if (file.empty()) {
    fmt::print("{}", text);
    return {};
  }
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  if (!out) return fail(Errc::io, "cannot write " + file);
  return {};
}

Result<void> draw(const GraphWords& words) {
  const auto format = format_of(words);
  if (!format) return tl::unexpected(format.error());
  const auto dumps = load_all(words);
  if (!dumps) return tl::unexpected(dumps.error());
  const auto graph = causal_graph(merge_batches(*dumps), words.last);
  if (!graph) return tl::unexpected(graph.error());
  if (graph->nodes.empty()) return fail(Errc::unknown, "nobody has written a batch yet");
  if (only_logs(*dumps)) fmt::print(stderr, "vouch-dump: {}\n", logs_alone);
  const auto text_of = *format == "svg" ? svg_text : dot_text;
  return write(text_of(*graph, about(*dumps, words)), words.output);
}

}  // namespace

void add_graph(CLI::App& app, int& code) {
  const auto words = std::make_shared<GraphWords>();
  CLI::App* graph = app.add_subcommand("graph", "Draw who had seen what when it wrote");
  graph->add_option("--peer", words->peers,
                    "A running peer (socket path, or tcp://KEY@host:port with --key) or a --json "
                    "file; may be given often");
  graph->add_option("--data", words->folders, "Data folder of a peer; may be given often");
  graph->add_option("--key", words->key, "Key file that the peers allow (tcp only)");
  graph->add_option("--last", words->last, "So many batches of each log")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  graph->add_option("--format", words->format, "dot or svg; default: as FILE ends, or dot")
      ->check(CLI::IsMember({"dot", "svg"}));
  graph->add_option("--output,--out", words->output, "FILE to write; default: standard output");
  graph->footer(graph_footer);
  graph->callback([words, &code] {
    const auto drawn = draw(*words);
    code = drawn ? exit_ok : failed(drawn.error());
  });
}

}  // namespace vouch::tools
