// SPDX-License-Identifier: MIT
#include "vouch/sync/own_history.hpp"

namespace vouch::sync {

RecordCounts counts_of(const Records& records) {
  return {records.sessions.size(),          records.members.size(),
          records.attestations.size(),      records.ballot.statements.size(),
          records.certificates.size(),      records.runs.size(),
          records.finished.size(),          records.puts.size(),
          records.finished_proposals.size()};
}

void OwnHistory::note(const BatchHeader& batch, const Records& records, const FrontierMap& held) {
  if (!batches_.empty() && batches_.back().writer != batch.writer) {
    batches_.clear();
    seen_.clear();
  }
  WrittenBatch written{batch.writer, batch.first, batch.last(), counts_of(records), {}};
  for (const auto& [writer, entry] : held) {
    if (writer == batch.writer || entry == proven_entry) continue;
    std::uint64_t& seen = seen_[writer];
    if (entry.last <= seen) continue;
    seen = entry.last;
    written.after.emplace_back(writer, entry.last);
  }
  batches_.push_back(std::move(written));
  if (batches_.size() > batches_max) batches_.pop_front();
}

}  // namespace vouch::sync
