// What a peer keeps on disk: rows in LMDB behind a journal. A commit is one flush, of the journal,
// for which a thread of the store waits; LMDB takes the rows, some of them later, in a transaction
// that stays open, and which a checkpoint ends. A process killed at any point loses nothing that
// was flushed, a power cut neither: opening replays the journal on the last checkpoint. The file is
// never torn (copy on write, two alternating roots). Rows on which nothing rests are gathered by
// the caller and ride with a later commit. From the first write on to the next checkpoint one
// thread may use it, but for `peek`. Why a journal: docs/decisions/0025-a-journal-before-lmdb.md,
// why a thread: 0036-nobody-waits-for-the-disk.md. Deliberately absent: when to checkpoint, except
// that a full journal forces it; reading beside a peer that runs (snapshot.hpp).
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "vouch/base/row_store.hpp"

namespace vouch::store {

struct StoreOptions {
  std::size_t map_bytes = std::size_t{16}
                          << 30;          ///< address space, not disk: the file grows as needed
  std::function<void()> flushed = [] {};  ///< a flush that lasted is over; told from its own thread
};

class Store final : public RowStore {
 public:
  /// Opens or makes a folder (0700). Errors: io; busy (another process or another part of this
  /// one has it open); malformed (made by a newer version).
  static Result<std::unique_ptr<Store>> open(const std::filesystem::path& folder,
                                             StoreOptions options);
  ~Store() override;

  /// Errors: storage_full (map or disk), io: also for good once a `peek` failed.
  Result<void> write(std::span<const Row> rows) override;
  std::optional<Result<void>> flush(bool wait) override;
  /// Brings what was written into LMDB, durably, whether flushed or not; the thread that did it may
  /// change afterwards. Nothing is lost by an error. Errors: storage_full, io.
  Result<void> checkpoint();
  /// How many there were since the folder was opened: those of a full journal count.
  std::uint64_t checkpoints() const;
  Result<std::optional<Bytes>> get(Table table, ByteView key) const override;
  /// As of the last checkpoint, from any thread. What rests on a look that failed may be wrong, so
  /// after an error nothing is committed any more until the folder is opened again. Errors: io.
  Result<std::optional<Bytes>> peek(Table table, ByteView key) const;
  Result<void> scan(Table table, ByteView from, const RowVisitor& visit) const override;
  Result<Bytes> floor_key(Table table, ByteView key, ByteView prefix) const override;

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vouch::store
