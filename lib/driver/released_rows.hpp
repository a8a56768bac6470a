// Which streams are released, for all threads of a peer: what the store had at its last checkpoint,
// and what came since. Invariant: nothing leaves memory before a reader of the store would find it.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <mutex>

#include "vouch/base/released.hpp"
#include "vouch/store/store.hpp"

namespace vouch::driver {

/// Every member is thread-safe.
class ReleasedRows final : public Released {
 public:
  /// `store` must outlive it.
  ReleasedRows(const ClusterId& cluster, const store::Store& store)
      : Released(cluster), store_(store) {}

  using Released::size_of;
  std::optional<std::uint64_t> size_of(const SubjectId& stream) const override;
  void add(const SubjectId& stream, std::uint64_t size) override;
  /// The store was checkpointed.
  void on_checkpoint();

 private:
  std::optional<std::uint64_t> stored_size_of(const SubjectId& stream) const;

  const store::Store& store_;
  mutable std::mutex mutex_;
  std::map<SubjectId, std::uint64_t> recent_;
};

}  // namespace vouch::driver
