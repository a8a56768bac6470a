// SPDX-License-Identifier: MIT
#include "tools/dump_text.hpp"

#include <map>

#include "tools/json_view.hpp"
#include "tools/plain_text.hpp"
#include <fmt/format.h>

namespace vouch::tools {
namespace {

std::string short_id(const std::string& hex) {
  return hex.substr(0, 8);
}

void print_members(const json::Value& dump, const std::map<std::string, std::string>& names) {
  fmt::print("\nmembers\n");
  for (const json::Value& m : list(dump, "members")) {
    const std::string heard = m.find("heard_ms") == nullptr
                                  ? ""
                                  : fmt::format("  heard {} ms ago", number(m, "heard_ms"));
    fmt::print("  {}  {:<12} {:<5} incarnation {} session {}  {}{}\n", short_id(text(m, "peer")),
               names.at(text(m, "peer")), text(m, "status"), number(m, "incarnation"),
               number(m, "session"), text(m, "direct"), heard);
  }
}

void print_frontier(const json::Value& dump) {
  fmt::print("\nfrontier\n");
  for (const json::Value& f : list(dump, "frontier")) {
    fmt::print("  {} incarnation {}  {} records  chain {}\n", short_id(text(f, "writer")),
               number(f, "incarnation"), number(f, "last"), short_id(text(f, "chain")));
  }
}

void print_proofs(const json::Value& dump, const std::map<std::string, std::string>& names) {
  if (list(dump, "proofs").empty()) return;
  fmt::print("\nproven to misbehave\n");
  for (const json::Value& p : list(dump, "proofs")) {
    const auto name = names.find(text(p, "peer"));
    fmt::print("  {}  {:<12} {}: {}\n", short_id(text(p, "peer")),
               name == names.end() ? "" : name->second, text(p, "kind"), text(p, "what"));
  }
}

void print_findings(const json::Value& attestation) {
  for (const json::Value& f : list(attestation, "findings")) {
    const auto* index = f.find("index");
    const auto* value = index == nullptr ? nullptr : index->get<std::int64_t>();
    fmt::print("        {} {} at {}\n", text(f, "severity"), number(f, "code"),
               value == nullptr ? 0 : *value);
  }
}

void print_streams(const json::Value& dump, const std::map<std::string, std::string>& names) {
  fmt::print("\nstreams\n");
  for (const json::Value& stream : list(dump, "streams")) {
    fmt::print("  {}{}\n", stream_text(text(stream, "stream")),
               flag(stream, "agreed") ? "" : "  DISPUTED");
    for (const json::Value& a : list(stream, "attestations")) {
      const std::string voter = text(a, "voter");
      const auto name = names.find(voter);
      fmt::print(
          "    {:<12} up to {:>6}  head {}  {} accepted {} warned {} rejected {} unjudged{}{}\n",
          name == names.end() ? short_id(voter) : name->second, number(a, "upto"),
          short_id(text(a, "head")), number(a, "accepted"), number(a, "warned"),
          number(a, "rejected"), number(a, "unjudged"), flag(a, "closed") ? "  closed" : "",
          flag(a, "contradicts_itself") ? "  CONTRADICTS ITSELF" : "");
      print_findings(a);
    }
  }
}

void print_threads(const json::Value& dump) {
  if (list(dump, "threads").empty()) return;
  fmt::print("\nthreads that streams share\n");
  for (const json::Value& finding : list(dump, "threads")) {
    fmt::print("  {}  {} {}\n", printable(text(finding, "thread")), number(finding, "code"),
               text(finding, "rule"));
    for (const json::Value& run : list(finding, "runs")) {
      fmt::print("    run {} of stream {}{}\n", printable(text(run, "run")),
                 stream_text(text(run, "stream")), flag(run, "ended") ? "" : "  goes on");
    }
  }
}

std::string shown(const json::Value& standing) {
  if (flag(standing, "erased")) return "erased";
  const std::string hex = text(standing, "hex");
  return hex.empty() ? '"' + printable(text(standing, "value")) + '"' : "0x" + hex;
}

void print_shared(const json::Value& dump, const std::map<std::string, std::string>& names) {
  if (list(dump, "shared").empty()) return;
  fmt::print("\nshared values\n");
  for (const json::Value& entry : list(dump, "shared")) {
    const auto& standing = list(entry, "standing");
    fmt::print("  {}{}\n", printable(text(entry, "key")),
               standing.size() > 1 ? "  put by several at the same time" : "");
    for (const json::Value& one : standing) {
      const auto name = names.find(text(one, "writer"));
      fmt::print("    {:<12} version {:>3}  {}\n",
                 name == names.end() ? short_id(text(one, "writer")) : printable(name->second),
                 number(one, "version"), shown(one));
    }
  }
}

/// The figures of a group that are not zero.
void print_figures(const json::Value& dump, std::string_view group) {
  const json::Value* figures = dump.find(group);
  if (figures == nullptr || figures->get<json::Object>() == nullptr) return;
  fmt::print("\n{}\n", group);
  for (const auto& [name, value] : *figures->get<json::Object>()) {
    if (number(*figures, name) != 0) fmt::print("  {:<22} {}\n", name, number(*figures, name));
  }
}

void print_reasons(const json::Value& dump) {
  const json::Value* health = dump.find("health");
  if (health == nullptr) return;
  fmt::print("health   {}\n", text(*health, "state"));
  for (const json::Value& reason : list(*health, "reasons")) {
    if (const auto* why = reason.get<std::string>()) fmt::print("  {}\n", printable(*why));
  }
  for (const json::Value& note : list(*health, "notes")) {
    if (const auto* what = note.get<std::string>()) fmt::print("  {}\n", printable(*what));
  }
}

}  // namespace

void print_dump(const json::Value& dump) {
  if (flag(dump, "live")) {
    fmt::print("peer {} ({}) of cluster {}, incarnation {}, session {}\n", text(dump, "peer"),
               text(dump, "name"), text(dump, "cluster"), number(dump, "incarnation"),
               number(dump, "session"));
  } else {
    fmt::print("data folder {}\n", text(dump, "folder"));
  }
  fmt::print("state    {}\nfrontier {}\n", text(dump, "state_hash"), text(dump, "frontier_hash"));
  std::map<std::string, std::string> names;
  for (const json::Value& m : list(dump, "members")) names[text(m, "peer")] = text(m, "name");
  print_reasons(dump);
  print_proofs(dump, names);
  print_members(dump, names);
  print_frontier(dump);
  print_streams(dump, names);
  print_threads(dump);
  print_shared(dump, names);
  print_figures(dump, "agreement");
  print_figures(dump, "counters");
}

}  // namespace vouch::tools
