// What this peer held of the other logs when it wrote each of its last batches: who had seen what.
// In memory only, for dumps: nothing of it travels or is stored, and a start begins anew. Of one
// log: a new incarnation begins anew, too, since what the one before said may be lost.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "vouch/schemas/envelope.hpp"
#include "vouch/schemas/messages.hpp"
#include "vouch/schemas/records.hpp"

namespace vouch::sync {

/// How many records of each kind a batch has.
struct RecordCounts {
  std::size_t sessions = 0, members = 0, attestations = 0, votes = 0, certificates = 0, runs = 0;
  std::size_t finished = 0, puts = 0, finished_proposals = 0;
  bool operator==(const RecordCounts&) const = default;
};
RecordCounts counts_of(const Records& records);

struct WrittenBatch {
  Writer writer;
  std::uint64_t first = 0, last = 0;  ///< numbers of its records
  RecordCounts records;
  /// Logs of others that had grown since the batch before it, each up to which record.
  std::vector<std::pair<Writer, std::uint64_t>> after;
  bool operator==(const WrittenBatch&) const = default;
};

class OwnHistory {
 public:
  static constexpr std::size_t batches_max = 256;  ///< older ones are forgotten

  /// The batch is sealed now; `held` is the frontier at this moment. O(logs).
  void note(const BatchHeader& batch, const Records& records, const FrontierMap& held);
  /// Oldest first. Of the first since the start, `after` names all that was held.
  const std::deque<WrittenBatch>& batches() const { return batches_; }

 private:
  std::deque<WrittenBatch> batches_;
  std::map<Writer, std::uint64_t> seen_;  ///< of others, when the last one was sealed
};

}  // namespace vouch::sync
