// Which streams are released, for all threads of a peer: what the store had at its last checkpoint,
// and what came since. Invariant: nothing leaves memory before a reader of the store would find it.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <mutex>

#include "vouch/base/released.hpp"
#include "vouch/store/store.hpp"
#include "vouch/sync/released_row.hpp"

namespace vouch::driver {

/// Every member is thread-safe.
class ReleasedRows final : public Released {
 public:
  /// `store` must outlive it.
  ReleasedRows(const ClusterId& cluster, const store::Store& store)
      : Released(cluster), store_(store) {}

  using Released::size_of;
  Result<std::optional<std::uint64_t>> size_of(const SubjectId& stream) const override;
  void add(const SubjectId& stream, std::uint64_t size) override;
  void describe(const SubjectId& stream, Bytes row) override;
  /// What is kept of what was released; nothing of anything else, nor where it cannot be read.
  std::optional<sync::ReleasedRow> find(const SubjectId& subject) const;
  std::optional<sync::ReleasedRow> find(std::string_view stream) const {
    return find(subject_of(stream));
  }
  /// The store was checkpointed.
  void on_checkpoint();

 private:
  struct Recent {
    std::uint64_t size = 0;
    Bytes row;
  };
  Result<std::optional<sync::ReleasedRow>> stored(const SubjectId& stream) const;

  const store::Store& store_;
  mutable std::mutex mutex_;
  std::map<SubjectId, Recent> recent_;
};

}  // namespace vouch::driver
