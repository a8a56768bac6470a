// The LMDB environment of a store: its tables, its format, and rows put into a transaction.
// Deliberately absent: when a transaction begins and ends.
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <filesystem>
#include <span>
#include <utility>

#include <lmdb.h>

#include "vouch/schemas/error.hpp"
#include "vouch/store/row_form.hpp"

namespace vouch::store {

inline MDB_val view(ByteView bytes) {
  return {bytes.size(), const_cast<std::uint8_t*>(bytes.data())};
}

inline ByteView view(const MDB_val& value) {
  return {static_cast<const std::uint8_t*>(value.mv_data), value.mv_size};
}

/// "doing: what LMDB says", storage_full when the map or the disk is.
tl::unexpected<Error> lmdb_error(int code, const std::string& doing);

/// Aborts on every path that does not commit.
struct Transaction {
  MDB_txn* txn = nullptr;

  Transaction() = default;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() { abort(); }
  void abort() {
    if (txn != nullptr) mdb_txn_abort(std::exchange(txn, nullptr));
  }
  int commit() { return mdb_txn_commit(std::exchange(txn, nullptr)); }
};

struct Cursor {
  MDB_cursor* cursor = nullptr;

  Cursor() = default;
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;
  ~Cursor() {
    if (cursor != nullptr) mdb_cursor_close(cursor);
  }
};

/// The results of LMDB are its own codes, zero when all is well.
class Tables {
 public:
  static constexpr std::size_t count = 10;

  Tables() = default;
  Tables(const Tables&) = delete;
  Tables& operator=(const Tables&) = delete;
  ~Tables();

  /// A new folder gets its tables, its format and `generation`. Errors: io, storage_full; malformed
  /// (made by another version).
  Result<void> open(const std::filesystem::path& folder, std::size_t map_bytes,
                    std::uint64_t generation);
  Result<void> open_read_only(const std::filesystem::path& folder);

  /// Of the journal whose records are not in the tables yet.
  std::uint64_t generation() const { return generation_; }
  void set_generation(std::uint64_t generation) { generation_ = generation; }
  int begin(Transaction& t, unsigned flags) const;
  int put(MDB_txn* txn, const RowView& row) const;
  int put_generation(MDB_txn* txn, std::uint64_t generation) const;
  int read_generation(MDB_txn* txn, std::uint64_t& generation) const;
  /// So many bytes of the map were never used. O(1).
  bool has_room(std::size_t bytes) const;
  MDB_dbi table(Table t) const { return tables_[static_cast<std::size_t>(t)]; }

 private:
  Result<void> open_all(const std::filesystem::path& folder, std::size_t map_bytes, unsigned flags);
  Result<void> read_format(MDB_txn* txn, const std::filesystem::path& folder, bool read_only);
  int erase_all(MDB_txn* txn, MDB_dbi dbi, ByteView prefix) const;

  MDB_env* env_ = nullptr;
  std::array<MDB_dbi, count> tables_{};
  std::uint64_t generation_ = 0;
};

}  // namespace vouch::store
