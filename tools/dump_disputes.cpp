// SPDX-License-Identifier: MIT
#include "tools/dump_disputes.hpp"

#include <algorithm>
#include <map>

#include "tools/json_view.hpp"
#include "tools/plain_text.hpp"
#include <fmt/format.h>

#include "vouch/schemas/json_write.hpp"

namespace vouch::tools {
namespace {

using Names = std::map<std::string, std::string>;

std::string name_of(const Names& names, const std::string& key) {
  const auto name = names.find(key);
  return name == names.end() || name->second.empty() ? key.substr(0, 8) : printable(name->second);
}

std::string names_of(const Names& names, const json::Array& keys) {
  std::string out;
  for (const json::Value& key : keys) {
    const std::string* hex = key.get<std::string>();
    if (hex == nullptr) continue;
    out += fmt::format("{}{}", out.empty() ? "" : ", ", name_of(names, *hex));
  }
  return out;
}

std::string subject_of(const json::Value& dispute) {
  const std::string stream = text(dispute, "stream"), proposal = text(dispute, "proposal");
  if (!stream.empty()) return stream_text(stream);
  if (!proposal.empty()) return "proposal " + printable(proposal);
  return "subject " + text(dispute, "subject").substr(0, 8);
}

std::string seconds(const json::Value& dispute, std::string_view member) {
  return fmt::format("{:.1f} s", static_cast<double>(number(dispute, member)) / 1000);
}

void print_voter(const json::Value& voter, const Names& names) {
  std::string line = fmt::format("    {:<12}", name_of(names, text(voter, "voter")));
  if (voter.find("head") != nullptr) {
    line += fmt::format("  attests {:>6} entries, head {}", number(voter, "upto") + 1,
                        text(voter, "head").substr(0, 8));
  } else {
    line += fmt::format("  attests nothing{:22}", "");
  }
  if (voter.find("said") != nullptr) {
    line += fmt::format("   said {} in view {}", text(voter, "said"), number(voter, "view"));
    if (voter.find("size") != nullptr) {
      line += fmt::format(" for {} entries, head {}", number(voter, "size"),
                          text(voter, "said_head").substr(0, 8));
    }
  }
  fmt::print("{}\n", line);
}

void print_open(const json::Value& dispute, const Names& names) {
  const std::size_t missing = list(dispute, "missing").size();
  const std::size_t heard = list(dispute, "voters").size() - missing;
  const bool timed = dispute.find("since_ms") != nullptr;
  fmt::print("{}  OPEN{}, view {}\n", subject_of(dispute),
             timed ? " since " + seconds(dispute, "since_ms") : "", number(dispute, "view"));
  if (missing == 0) {
    fmt::print("    waits for the primary of the view; all voters were heard in it\n");
  } else {
    fmt::print("    waits for {}: {} voters heard in this view, {} needed\n",
               names_of(names, list(dispute, "missing")), heard, number(dispute, "needed"));
  }
}

void print_settled(const json::Value& dispute, const Names& names) {
  const json::Value& c = *dispute.find("certificate");
  std::string when;
  if (dispute.find("took_ms") != nullptr) when += ", took " + seconds(dispute, "took_ms");
  if (dispute.find("since_ms") != nullptr) when += ", " + seconds(dispute, "since_ms") + " ago";
  fmt::print("{}  SETTLED in view {}{}\n", subject_of(dispute), number(c, "view"), when);
  if (flag(c, "null")) {
    fmt::print("    certificate {} of nothing: no chain had voters enough\n", number(c, "height"));
  } else {
    fmt::print("    certificate {}: {} entries, head {}\n", number(c, "height"), number(c, "size"),
               text(c, "head").substr(0, 8));
  }
  fmt::print("    signed by {}\n", names_of(names, list(c, "signers")));
}

void print_one(const json::Value& dispute, const Names& names) {
  const bool settled = text(dispute, "state") == "settled";
  settled ? print_settled(dispute, names) : print_open(dispute, names);
  if (dispute.find("parted_at") != nullptr) {
    fmt::print("    the chains differ from index {} on; {} entries were certified before\n",
               number(dispute, "parted_at"), number(dispute, "certified"));
  }
  for (const json::Value& voter : list(dispute, "voters")) print_voter(voter, names);
}

}  // namespace

std::size_t print_disputes(const json::Value& dump, const std::string& stream, bool as_json) {
  json::Array meant;
  for (const json::Value& dispute : list(dump, "disputes")) {
    if (stream.empty() || text(dispute, "stream") == stream) meant.push_back(dispute);
  }
  const auto open = static_cast<std::size_t>(std::ranges::count_if(
      meant, [](const json::Value& one) { return text(one, "state") == "open"; }));
  if (as_json) {
    json::Object out{{"open", std::uint64_t{open}}, {"disputes", std::move(meant)}};
    fmt::print("{}\n", json::to_text(json::Value(std::move(out))));
    return open;
  }
  Names names;
  for (const json::Value& m : list(dump, "members")) names[text(m, "peer")] = text(m, "name");
  for (const json::Value& dispute : meant) print_one(dispute, names);
  fmt::print("{} open, {} settled\n", open, meant.size() - open);
  return open;
}

}  // namespace vouch::tools
