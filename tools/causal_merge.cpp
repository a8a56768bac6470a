// SPDX-License-Identifier: MIT
#include <array>

#include "tools/causal_graph.hpp"
#include "tools/json_view.hpp"
#include <fmt/format.h>

namespace vouch::tools {
namespace {

/// Kinds as `batches` names them, with their singular.
constexpr std::array<std::pair<const char*, const char*>, 9> kinds{
    {{"sessions", "session"},
     {"members", "member"},
     {"attestations", "attestation"},
     {"votes", "vote"},
     {"certificates", "certificate"},
     {"runs", "run"},
     {"finished", "finished"},
     {"puts", "put"},
     {"finished_proposals", "finished proposal"}}};

std::string records_of(const json::Value& batch) {
  std::string out;
  const json::Value* records = batch.find("records");
  if (records == nullptr) return out;
  for (const auto& [many, one] : kinds) {
    const std::uint64_t count = number(*records, many);
    if (count == 0) continue;
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, count == 1 ? one : many);
  }
  return out;
}

std::map<std::string, std::uint64_t> after_of(const json::Value& batch, const std::string& self) {
  std::map<std::string, std::uint64_t> out;
  const json::Value* after = batch.find("after");
  const auto* logs = after == nullptr ? nullptr : after->get<json::Object>();
  if (logs == nullptr) return out;
  for (const auto& [log, last] : *logs) {
    const std::uint64_t record = number(*after, log);
    if (record > 0 && log != self) out[log] = record;
  }
  return out;
}

void add(KnownLogs& logs, const json::Value& batch) {
  const std::uint64_t last = number(batch, "last");
  const std::string writer = text(batch, "writer");
  if (last == 0 || writer.empty()) return;
  const std::string log = fmt::format("{}.{}", writer, number(batch, "incarnation"));
  KnownBatch& known = logs[log].batches[last];
  if (known.first == 0) known.first = number(batch, "first");
  if (known.records.empty()) known.records = records_of(batch);
  for (const auto& [other, seen] : after_of(batch, log)) {
    known.after[other] = std::max(known.after[other], seen);
    logs[other].batches[seen];  // somebody held it, so it was written
  }
}

/// "alice (3fa9c2d1)", and which log of hers unless it is the first.
std::string writer_of(const std::string& log, const std::map<std::string, std::string>& names) {
  const std::size_t point = log.rfind('.');
  const std::string key = log.substr(0, point);
  const auto name = names.find(key);
  std::string out = key.substr(0, 8);
  if (name != names.end() && !name->second.empty()) out = fmt::format("{} ({})", name->second, out);
  const std::string incarnation = point == std::string::npos ? "1" : log.substr(point + 1);
  return incarnation == "1" ? out : fmt::format("{} incarnation {}", out, incarnation);
}

}  // namespace

KnownLogs merge_batches(const std::vector<json::Value>& dumps) {
  KnownLogs logs;
  std::map<std::string, std::string> names;
  for (const json::Value& dump : dumps) {
    for (const json::Value& member : list(dump, "members")) {
      names[text(member, "peer")] = text(member, "name");
    }
    for (const json::Value& batch : list(dump, "batches")) add(logs, batch);
  }
  for (auto& [log, known] : logs) known.writer = writer_of(log, names);
  return logs;
}

}  // namespace vouch::tools
