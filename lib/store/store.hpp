// What a peer keeps on disk: rows in LMDB, one transaction per commit, on disk when commit returns.
// A process killed at any point loses nothing that was committed, a power cut neither; the file is
// never torn (copy on write, two alternating roots). Rows on which nothing rests are gathered by
// the caller and ride with a later commit. For one thread; another process may read at the same
// time.
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "vouch/base/outbox.hpp"
#include "vouch/schemas/error.hpp"

namespace vouch::store {

struct StoreOptions {
  std::size_t map_bytes = std::size_t{16}
                          << 30;  ///< address space, not disk: the file grows as needed
};

/// False ends the scan.
using Visitor = std::function<bool(ByteView key, ByteView value)>;

class Store {
 public:
  /// Opens or makes a folder (0700). Errors: io; busy (another process or another part of this one
  /// has it
  /// open); malformed (made by a newer version).
  static Result<std::unique_ptr<Store>> open(const std::filesystem::path& folder,
                                             StoreOptions options);
  /// For dumpers: works while a peer has the folder open. Errors: io, malformed.
  static Result<std::unique_ptr<Store>> open_read_only(const std::filesystem::path& folder);
  ~Store();

  /// All rows or none. Errors: storage_full (map or disk), io.
  Result<void> commit(std::span<const Row> rows);
  Result<std::optional<Bytes>> get(Table table, ByteView key) const;
  /// Visits rows from `from` on, in key order. Views live during the visit only.
  Result<void> scan(Table table, ByteView from, const Visitor& visit) const;
  /// The last key not above `key`, if it starts with `prefix`; `key` itself otherwise.
  Result<Bytes> floor_key(Table table, ByteView key, ByteView prefix) const;
  Result<void> erase_prefix(Table table, ByteView prefix);

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vouch::store
