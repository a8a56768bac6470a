// A disk in memory with the contract of RowStore and every way to break it: it refuses writes, is
// full, slow, cannot be read, loses what was not flushed with the power, rots, and is where a
// process dies. A write is all or nothing, as a record of the journal is. A copy is a backup or a
// clone.
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <map>
#include <optional>
#include <vector>

#include "vouch/base/row_store.hpp"
#include "vouch/transport/memory_network.hpp"
#include "vouch/transport/memory_random.hpp"

namespace vouch::sim {

using transport::VirtualTime;

/// Thrown where a simulated process dies; nothing of ours throws but this.
struct Crash {};

struct DiskFaults {
  double write_error = 0;  ///< probability that a commit fails
  double read_error = 0;   ///< probability that a read fails
  bool full = false;
  VirtualTime flush_time{};  ///< between the beginning of a flush and its end
};

class SimDisk final : public RowStore {
 public:
  static constexpr std::size_t tables = static_cast<std::size_t>(Table::states) + 1;

  explicit SimDisk(std::uint64_t seed) : random_(seed) {}

  Result<void> write(std::span<const Row> rows) override;
  std::optional<Result<void>> flush(bool wait) override;
  Result<std::optional<Bytes>> get(Table table, ByteView key) const override;
  Result<void> scan(Table table, ByteView from, const RowVisitor& visit) const override;
  Result<Bytes> floor_key(Table table, ByteView key, ByteView prefix) const override;

  /// As store::Store::peek: after an error nothing is committed until it is opened again.
  Result<std::optional<Bytes>> peek(Table table, ByteView key) const;
  bool peek_failed() const { return peek_failed_; }
  void open_again() { peek_failed_ = false; }

  DiskFaults& faults() { return faults_; }
  /// What time it is; flushes end by it.
  void set_now(VirtualTime now) { now_ = now; }
  /// When the flush that is under way is over.
  std::optional<VirtualTime> flushed_at() const { return flushed_at_; }
  /// The process died: what was not flushed is gone.
  void lose_unflushed();
  /// The process dies in the flush that comes after `commits` others, before or after it is
  /// durable.
  void crash_after(std::uint64_t commits, bool durable) {
    crash_in_ = commits + 1;
    crash_durable_ = durable;
  }
  void never_crash() { crash_in_ = 0; }

  /// Durably.
  bool holds(Table table, ByteView key) const;
  /// Without any fault; nullptr where there is none. It ends with the next change.
  const Bytes* find(Table table, ByteView key) const {
    const auto row = table_of(table).find(key);
    return row == table_of(table).end() ? nullptr : &row->second;
  }
  std::size_t rows() const;
  std::size_t rows(Table table) const { return table_of(table).size(); }
  std::uint64_t commits() const { return commits_; }
  void erase_all();
  /// Takes over the rows of another disk, not its faults.
  void restore(const SimDisk& backup) { tables_ = backup.tables_; }
  void put(Table table, Bytes key, Bytes value) {
    table_of(table)[std::move(key)] = std::move(value);
  }
  /// Loses the row that `number` others come before; false when there is none.
  bool lose(Table table, ByteView prefix, std::size_t number);
  /// Both hold the same rows of a table.
  bool same(Table table, const SimDisk& other) const {
    return table_of(table) == other.table_of(table);
  }

 private:
  struct Less {
    using is_transparent = void;
    bool operator()(ByteView a, ByteView b) const;
  };
  using Rows = std::map<Bytes, Bytes, Less>;

  Rows& table_of(Table table) { return tables_[static_cast<std::size_t>(table)]; }
  const Rows& table_of(Table table) const { return tables_[static_cast<std::size_t>(table)]; }
  /// A row as it was before a write that is not flushed.
  struct Before {
    Table table;
    Bytes key;
    std::optional<Bytes> value;
  };
  void change(Table table, const Bytes& key, const std::optional<Bytes>& value);
  Result<void> refuse_write();
  bool read_fails() const;
  /// Dies here if it is time, before or after the write.
  void maybe_crash(bool durable);

  std::array<Rows, tables> tables_;
  DiskFaults faults_;
  mutable transport::SplitMix64 random_;
  mutable bool peek_failed_ = false;
  std::vector<Before> unflushed_;  ///< the newest last
  VirtualTime now_{};
  std::optional<VirtualTime> flushed_at_;
  std::uint64_t commits_ = 0;
  std::uint64_t crash_in_ = 0;  ///< commits until the process dies; 0 = never
  bool crash_durable_ = false;
};

}  // namespace vouch::sim
