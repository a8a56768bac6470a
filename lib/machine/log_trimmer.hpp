// Which batches a peer lets go of: of each log it keeps the newest, so many bytes of them, and all
// that too few voters have read (docs/decisions/0042). It watches what is written; what a log had
// before is counted when it has grown for the first time. Who still needs what is gone takes the
// state instead (lib/sync/state_transfer.hpp).
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "vouch/base/row_store.hpp"

namespace vouch::machine {

class LogTrimmer {
 public:
  /// Keeps `bytes_max` of each log; 0: all.
  explicit LogTrimmer(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// These were written.
  void note(std::span<const Row> rows);
  /// How much of a log enough voters have read.
  using Read = std::function<std::uint64_t(const Writer& log)>;
  /// Rows that erase what is too much of a log, a bounded number of them. Errors: those of the
  /// store; it is looked at again when the log has grown on.
  Result<std::vector<Row>> cut(const RowStore& store, const Read& read);

 private:
  struct Log {
    bool counted = false;
    std::size_t bytes = 0;  ///< counted or not, with what was written since
    std::size_t grown = 0;  ///< since it was last looked at
  };
  Result<void> count(const RowStore& store, const Bytes& prefix, Log& log) const;

  std::size_t bytes_max_;
  std::map<Bytes, Log> logs_;  ///< by what their keys start with
  std::set<Bytes> due_;
};

}  // namespace vouch::machine
