// What a data folder holds at one moment, whether its peer runs, rests or was killed: the tables as
// of the last checkpoint, and over them what the journal has. For dumpers. It changes nothing, and
// a peer that starts meanwhile finds its folder unlocked. While it lives LMDB cannot take back the
// pages that it shows. For one thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>

#include "vouch/base/row_store.hpp"
#include "vouch/store/journal_rows.hpp"
#include "vouch/store/tables.hpp"

namespace vouch::store {

class Snapshot {
 public:
  /// Errors: io (no store; a peer that checkpoints faster than it can be read); malformed (made by
  /// another version, or the journal is missing or damaged).
  static Result<std::unique_ptr<Snapshot>> take(const std::filesystem::path& folder);

  /// Visits rows from `from` on, in key order. Views live during the visit only. Errors: io.
  Result<void> scan(Table table, ByteView from, const RowVisitor& visit) const;

 private:
  explicit Snapshot(std::filesystem::path folder) : folder_(std::move(folder)) {}
  Result<std::uint64_t> begin(Transaction& moment) const;
  Result<bool> look();

  std::filesystem::path folder_;
  Tables tables_;
  Transaction moment_;  ///< ends before the tables close
  JournalRows rows_;
};

}  // namespace vouch::store
