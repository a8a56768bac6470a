// The journal of a store: what was committed since the last checkpoint, on disk with one flush. One
// file of fixed size whose blocks are written before they are used, so that nothing but data has to
// reach the disk. A record starts at a block of its own: no write touches a block that holds an
// older record. Records of other generations, and one that was cut short at the end, do not exist.
// Deliberately absent: what a record means.
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "vouch/schemas/bytes.hpp"
#include "vouch/schemas/error.hpp"

namespace vouch::store {

/// For one thread, but for flush.
class Journal {
 public:
  static constexpr std::size_t block_bytes = 4096;
  static constexpr std::size_t file_bytes = std::size_t{8} << 20;
  /// The largest record; what is larger is written where it belongs at once.
  static constexpr std::size_t record_max = file_bytes / 4;

  /// False ends the reading.
  using Visitor = std::function<bool(ByteView record)>;

  Journal() = default;
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  ~Journal();

  /// Makes the file and writes all of it. Errors: storage_full, io.
  static Result<void> make(const std::filesystem::path& file);
  /// Finds the end of the records of `generation`. Errors: io; malformed (a record stands behind
  /// one that cannot be read: what was acknowledged is damaged).
  Result<void> open(const std::filesystem::path& file, std::uint64_t generation);
  /// The same for a reader; of a journal that is being written, some error or what it had before.
  Result<void> open_read_only(const std::filesystem::path& file, std::uint64_t generation);

  bool empty() const { return end_ == 0; }
  bool fits(std::size_t record_bytes) const;
  /// On disk after the next flush; a record that follows one that is not would look like damage
  /// after a power cut. After an error, its own or that of the flush, the record may come back when
  /// the file is opened again, unless another one was appended. Errors: storage_full, io.
  Result<void> append(ByteView record);
  /// Waits until the disk has what was appended before. From any thread. Errors: storage_full, io.
  Result<void> flush() const;
  /// What was appended so far is on disk.
  void settle() { settled_ = end_; }
  bool settled() const { return settled_ == end_; }
  /// Takes back what was appended since the last settle.
  void drop_unsettled() { end_ = settled_; }
  /// All records in their order. Errors: io, malformed.
  Result<void> replay(const Visitor& visit) const;
  /// Begins anew: the records so far are of the past.
  void restart(std::uint64_t generation);

 private:
  Result<void> open_as(int access, const std::filesystem::path& file, std::uint64_t generation);
  std::optional<Bytes> read(std::size_t at) const;

  std::filesystem::path path_;
  int file_ = -1;
  std::uint64_t generation_ = 0;
  std::size_t end_ = 0;
  std::size_t settled_ = 0;  ///< of it, known to be on disk
};

}  // namespace vouch::store
