// SPDX-License-Identifier: MIT
#include "vouch/observe/batches.hpp"

#include <fmt/format.h>

namespace vouch::observe {
namespace {

using json::Object;

Object records_json(const sync::RecordCounts& counts) {
  Object out;
  const auto add = [&out](const char* kind, std::size_t count) {
    if (count > 0) out.emplace_back(kind, std::uint64_t{count});
  };
  add("sessions", counts.sessions);
  add("members", counts.members);
  add("attestations", counts.attestations);
  add("votes", counts.votes);
  add("certificates", counts.certificates);
  add("runs", counts.runs);
  add("finished", counts.finished);
  add("puts", counts.puts);
  add("finished_proposals", counts.finished_proposals);
  return out;
}

}  // namespace

json::Array batches_json(const std::deque<sync::WrittenBatch>& batches) {
  json::Array out;
  for (const sync::WrittenBatch& batch : batches) {
    Object after;
    for (const auto& [writer, last] : batch.after) {
      after.emplace_back(fmt::format("{}.{}", writer.peer.hex(), writer.incarnation), last);
    }
    out.push_back(Object{{"writer", batch.writer.peer.hex()},
                         {"incarnation", std::uint64_t{batch.writer.incarnation}},
                         {"first", batch.first},
                         {"last", batch.last},
                         {"records", records_json(batch.records)},
                         {"after", std::move(after)}});
  }
  return out;
}

}  // namespace vouch::observe
