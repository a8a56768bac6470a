// The runs of a stream, for the rules about streams that share a thread: which ones began or ended
// since they were told last, and all of them. A stream belongs to the thread of its first run; it
// tells of limits::thread_runs_max runs and no more. Deliberately absent: other streams of the
// thread; what crosses them is read from the merged state (lib/observe/threads.hpp).
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vouch/schemas/records.hpp"
#include "vouch/validator/stream_validator.hpp"

namespace vouch::ingest {

class RunWatch {
 public:
  /// Called after every event, and when the stream is closed: adds to `news` the run that began or
  /// ended with it. O(1) while neither happens.
  void look(const std::string& stream, const validator::StreamValidator& validator,
            std::vector<ThreadRun>& news);

 private:
  std::uint64_t begun_ = 0;           ///< accepted RUN_STARTED events
  std::optional<std::string> going_;  ///< the run that was told to go on
};

/// All runs of the stream, rising by id.
std::vector<ThreadRun> runs_of(const std::string& stream,
                               const validator::StreamValidator& validator);

}  // namespace vouch::ingest
