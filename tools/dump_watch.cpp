// SPDX-License-Identifier: MIT
#include "tools/dump_watch.hpp"

#include <algorithm>
#include <cstdio>
#include <set>
#include <thread>

#include "tools/dump_frontier.hpp"
#include "tools/dump_source.hpp"
#include "tools/json_view.hpp"
#include <fmt/format.h>
#include <unistd.h>

#include "vouch/schemas/json_write.hpp"

namespace vouch::tools {
namespace {

/// What one look saw of one source.
struct Seen {
  std::string source, name, state, silent;  ///< `silent`: why there is no answer; "" = there is one
  Frontier frontier;
  std::uint64_t records = 0, lacks = 0, streams = 0, disputed = 0;
};

Seen look_at(const std::string& source, const std::filesystem::path& key) {
  Seen seen;
  seen.source = source;
  const auto dump = load_dump(source, key, {"", {"frontier", "totals", "state_digest"}});
  if (!dump) {
    seen.silent = dump.error().detail.empty() ? dump.error().text() : dump.error().detail;
    return seen;
  }
  seen.name = text(*dump, "name");
  seen.state = text(*dump, "state_digest");
  seen.frontier = frontier_of(*dump);
  seen.records = behind({}, seen.frontier);
  if (const json::Value* totals = dump->find("totals")) {
    seen.streams = number(*totals, "streams");
    seen.disputed = number(*totals, "disputed");
  }
  return seen;
}

/// Fills in what each lacks of what all together hold.
void compare(std::vector<Seen>& all) {
  Frontier most;
  for (const Seen& seen : all) {
    for (const auto& [writer, last] : seen.frontier) most[writer] = std::max(most[writer], last);
  }
  for (Seen& seen : all) seen.lacks = behind(seen.frontier, most);
}

bool equal(const std::vector<Seen>& all) {
  return std::ranges::all_of(all, [&](const Seen& seen) {
    return seen.silent.empty() && seen.state == all.front().state;
  });
}

std::string to_text(const std::vector<Seen>& all) {
  std::string out = fmt::format("{:<28} {:<10} {:<18} {:>8} {:>8} {:>8} {:>8}\n", "source", "name",
                                "state", "records", "lacks", "streams", "disputed");
  std::set<std::string> states;
  std::size_t silent = 0;
  for (const Seen& seen : all) {
    // The end of a path tells more than its beginning.
    const std::string source =
        seen.source.size() <= 28 ? seen.source : ".." + seen.source.substr(seen.source.size() - 26);
    if (!seen.silent.empty()) {
      ++silent;
      out += fmt::format("{:<28} {}\n", source, seen.silent);
      continue;
    }
    states.insert(seen.state);
    out += fmt::format("{:<28} {:<10} {:<18} {:>8} {:>8} {:>8} {:>8}\n", source,
                       seen.name.substr(0, 10), seen.state.substr(0, 16), seen.records, seen.lacks,
                       seen.streams, seen.disputed);
  }
  if (silent > 0) return out + fmt::format("{} of {} do not answer.\n", silent, all.size());
  if (states.size() == 1) return out + "All states are equal.\n";
  return out + fmt::format("{} different states.\n", states.size());
}

std::string to_json(const std::vector<Seen>& all) {
  json::Array peers;
  for (const Seen& seen : all) {
    if (!seen.silent.empty()) {
      peers.push_back(json::Object{{"source", seen.source}, {"silent", seen.silent}});
      continue;
    }
    peers.push_back(json::Object{{"source", seen.source},
                                 {"name", seen.name},
                                 {"state_hash", seen.state},
                                 {"records", seen.records},
                                 {"lacks", seen.lacks},
                                 {"streams", seen.streams},
                                 {"disputed", seen.disputed}});
  }
  return json::to_text(json::Object{{"equal", equal(all)}, {"peers", std::move(peers)}}) + "\n";
}

}  // namespace

bool watch(const WatchOptions& options) {
  const bool redraws = !options.json && ::isatty(STDOUT_FILENO) == 1;
  constexpr const char* home_and_clear = "\x1b[H\x1b[2J";
  bool all_equal = false;
  for (std::uint64_t n = 1;; ++n) {
    const auto next = std::chrono::steady_clock::now() + options.interval;
    std::vector<Seen> all;
    for (const std::string& source : options.sources) all.push_back(look_at(source, options.key));
    compare(all);
    all_equal = equal(all);
    fmt::print("{}{}{}", redraws ? home_and_clear : "", options.json ? to_json(all) : to_text(all),
               redraws || options.json ? "" : "\n");
    if (std::fflush(stdout) != 0) break;  // nobody reads any more
    if ((all_equal && options.until_equal) || n == options.looks) break;
    std::this_thread::sleep_until(next);
  }
  return all_equal;
}

}  // namespace vouch::tools
