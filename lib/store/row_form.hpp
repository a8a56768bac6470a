// Rows as one record of the journal.
// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <vector>

#include "vouch/base/outbox.hpp"
#include "vouch/schemas/byte_io.hpp"

namespace vouch::store {

/// A row as it stands in a record, which must outlive it.
struct RowView {
  Table table = Table::meta;
  ByteView key;
  std::optional<ByteView> value;
  bool prefix = false;  ///< erases all rows whose keys start like this one

  Row row() const;
};

Bytes encode_rows(std::span<const Row> rows);

/// Reads the rows of a record one after the other.
class RowReader {
 public:
  explicit RowReader(ByteView record) : in_(record) {}
  /// Nothing at the end, and where the bytes have another form.
  std::optional<RowView> next();
  /// All of the record was read.
  bool done() const { return known_ && in_.done(); }

 private:
  ByteReader in_;
  bool known_ = true;
};

/// Nothing when the bytes have another form.
std::optional<std::vector<Row>> decode_rows(ByteView record);

}  // namespace vouch::store
