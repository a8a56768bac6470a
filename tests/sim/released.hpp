// Which streams and proposals are released, from a simulated disk and what was not committed to it
// yet.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>

#include "tests/sim/disk.hpp"

#include "vouch/base/released.hpp"
#include "vouch/crdt/check.hpp"
#include "vouch/sync/released_row.hpp"

namespace vouch::sim {

class SimReleased final : public Released {
 public:
  SimReleased(const ClusterId& cluster, const SimDisk& disk) : Released(cluster), disk_(disk) {}

  using Released::size_of;
  Result<std::optional<std::uint64_t>> size_of(const SubjectId& stream) const override {
    const auto held = recent_.find(stream);
    if (held != recent_.end()) return held->second;
    const auto bytes = disk_.peek(Table::released, stream.view());
    if (!bytes) return tl::unexpected(bytes.error());
    if (!*bytes) return std::nullopt;
    const auto row = sync::decode_released_row(**bytes);
    VOUCH_CHECK(row.has_value());
    return row->size;
  }
  /// Once it is on the disk.
  std::optional<sync::ReleasedRow> row_of(const SubjectId& subject) const {
    const auto bytes = disk_.peek(Table::released, subject.view());
    if (!bytes || !*bytes) return std::nullopt;
    auto row = sync::decode_released_row(**bytes);
    VOUCH_CHECK(row.has_value());
    return std::move(*row);
  }
  void add(const SubjectId& stream, std::uint64_t size) override { recent_[stream] = size; }
  void describe(const SubjectId&, Bytes) override {}

 private:
  const SimDisk& disk_;
  std::map<SubjectId, std::uint64_t> recent_;
};

}  // namespace vouch::sim
