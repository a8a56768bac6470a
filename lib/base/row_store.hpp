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

  /// All rows or none, in their order, durable when this returns. Errors: storage_full, io.
  virtual Result<void> commit(std::span<const Row> rows) = 0;
  virtual Result<std::optional<Bytes>> get(Table table, ByteView key) const = 0;
  /// Visits rows from `from` on, in key order. Views live during the visit only.
  virtual Result<void> scan(Table table, ByteView from, const RowVisitor& visit) const = 0;
  /// The last key not above `key`, if it starts with `prefix`; `key` itself otherwise.
  virtual Result<Bytes> floor_key(Table table, ByteView key, ByteView prefix) const = 0;
};

}  // namespace vouch
