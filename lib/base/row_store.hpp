// Rows that outlive the process, as the pure rooms see them: LMDB in a peer, a disk with faults in
// a simulator. Deliberately absent: transactions that span calls.
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <span>

#include "vouch/base/outbox.hpp"
#include "vouch/schemas/error.hpp"

namespace vouch {

/// False ends the scan.
using RowVisitor = std::function<bool(ByteView key, ByteView value)>;

/// For one thread.
class RowStore {
 public:
  virtual ~RowStore() = default;

  /// All rows or none, in their order: read from now on, durable after the next flush. Not while a
  /// flush is under way. Errors: storage_full, io; what was not flushed must be written again.
  virtual Result<void> write(std::span<const Row> rows) = 0;
  /// Begins to make durable what was written, or looks whether that is done: nothing while it is
  /// under way, which never lasts beyond the call when told to `wait`. Errors: storage_full, io;
  /// what was not flushed must be written again.
  virtual std::optional<Result<void>> flush(bool wait) = 0;
  /// Both, and waits. Errors: storage_full, io.
  Result<void> commit(std::span<const Row> rows) {
    if (auto written = write(rows); !written) return written;
    return *flush(true);
  }
  virtual Result<std::optional<Bytes>> get(Table table, ByteView key) const = 0;
  /// Visits rows from `from` on, in key order. Views live during the visit only.
  virtual Result<void> scan(Table table, ByteView from, const RowVisitor& visit) const = 0;
  /// The last key not above `key`, if it starts with `prefix`; `key` itself otherwise.
  virtual Result<Bytes> floor_key(Table table, ByteView key, ByteView prefix) const = 0;
};

}  // namespace vouch
