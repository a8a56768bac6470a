// Convergence of several peers: who lacks which records of whom, and which cells differ.
// SPDX-License-Identifier: MIT
#include <map>
#include <set>

#include "tools/dump_frontier.hpp"
#include "tools/dump_text.hpp"
#include "tools/json_view.hpp"
#include <fmt/format.h>

#include "vouch/schemas/json_write.hpp"

namespace vouch::tools {
namespace {

/// One line of text per cell: what two equal states have in common.
std::map<std::string, std::string> cells_of(const json::Value& dump) {
  std::map<std::string, std::string> cells;
  for (const json::Value& stream : list(dump, "streams")) {
    for (const json::Value& a : list(stream, "attestations")) {
      const std::string key =
          fmt::format("{} / voter {}", text(stream, "stream"), text(a, "voter").substr(0, 8));
      cells[key] = fmt::format("up to {} head {}{}", number(a, "upto"),
                               text(a, "head").substr(0, 8), flag(a, "closed") ? " closed" : "");
    }
  }
  for (const json::Value& m : list(dump, "members")) {
    cells["member " + text(m, "peer").substr(0, 8)] = fmt::format(
        "{} session {}.{}", text(m, "status"), number(m, "incarnation"), number(m, "session"));
  }
  for (const json::Value& entry : list(dump, "shared")) {
    cells["shared " + text(entry, "key")] = json::to_text(*entry.find("standing"));
  }
  return cells;
}

struct Difference {
  std::string cell;
  std::vector<std::string> values;
};

std::vector<Difference> differences(const std::vector<NamedDump>& dumps) {
  std::vector<std::map<std::string, std::string>> all;
  std::set<std::string> keys;
  for (const NamedDump& d : dumps) {
    all.push_back(cells_of(d.dump));
    for (const auto& [key, value] : all.back()) keys.insert(key);
  }
  std::vector<Difference> out;
  for (const std::string& key : keys) {
    Difference difference{key, {}};
    std::set<std::string> distinct;
    for (const auto& cells : all) {
      const auto cell = cells.find(key);
      difference.values.push_back(cell == cells.end() ? "-" : cell->second);
      distinct.insert(difference.values.back());
    }
    if (distinct.size() > 1) out.push_back(std::move(difference));
  }
  return out;
}

void print_text(const std::vector<NamedDump>& dumps, const std::vector<Difference>& differing,
                const std::vector<Frontier>& frontiers) {
  fmt::print("{:<32} {:<18} {}\n", "peer", "state", "frontier");
  for (const NamedDump& d : dumps) {
    fmt::print("{:<32} {:<18} {}\n", d.name, text(d.dump, "state_hash").substr(0, 16),
               text(d.dump, "frontier_hash").substr(0, 16));
  }
  fmt::print("\nrecords that the row lacks and the column holds\n{:<32}", "");
  for (std::size_t i = 0; i < dumps.size(); ++i) fmt::print(" {:>8}", fmt::format("[{}]", i));
  for (std::size_t i = 0; i < dumps.size(); ++i) {
    fmt::print("\n[{}] {:<28}", i, dumps[i].name.substr(0, 28));
    for (const Frontier& to : frontiers) fmt::print(" {:>8}", behind(frontiers[i], to));
  }
  fmt::print("\n");
  for (const Difference& d : differing) {
    fmt::print("\n{}\n", d.cell);
    for (std::size_t i = 0; i < dumps.size(); ++i) fmt::print("  [{}] {}\n", i, d.values[i]);
  }
}

json::Value to_json(const std::vector<NamedDump>& dumps, const std::vector<Difference>& differing,
                    const std::vector<Frontier>& frontiers, bool equal) {
  json::Array peers, matrix, cells;
  for (std::size_t i = 0; i < dumps.size(); ++i) {
    peers.push_back(json::Object{{"name", dumps[i].name},
                                 {"state_hash", text(dumps[i].dump, "state_hash")},
                                 {"frontier_hash", text(dumps[i].dump, "frontier_hash")}});
    json::Array row;
    for (const Frontier& to : frontiers) row.push_back(behind(frontiers[i], to));
    matrix.push_back(std::move(row));
  }
  for (const Difference& d : differing) {
    json::Array values;
    for (const std::string& value : d.values) values.push_back(value);
    cells.push_back(json::Object{{"cell", d.cell}, {"values", std::move(values)}});
  }
  return json::Object{{"equal", equal},
                      {"peers", std::move(peers)},
                      {"lacks", std::move(matrix)},
                      {"differences", std::move(cells)}};
}

}  // namespace

bool print_diff(const std::vector<NamedDump>& dumps, bool as_json) {
  std::vector<Frontier> frontiers;
  bool equal = true;
  for (const NamedDump& d : dumps) {
    frontiers.push_back(frontier_of(d.dump));
    equal &= text(d.dump, "state_hash") == text(dumps.front().dump, "state_hash");
  }
  const auto differing = differences(dumps);
  if (as_json) {
    fmt::print("{}\n", json::to_text(to_json(dumps, differing, frontiers, equal)));
  } else {
    print_text(dumps, differing, frontiers);
    fmt::print("\n{}\n", equal ? "All states are equal." : "The states differ.");
  }
  return equal;
}

}  // namespace vouch::tools
