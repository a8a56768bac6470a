// SPDX-License-Identifier: MIT
#include "vouch/driver/released_rows.hpp"

#include "vouch/machine/released_row.hpp"

namespace vouch::driver {

std::optional<std::uint64_t> ReleasedRows::stored_size_of(const SubjectId& stream) const {
  // A store that cannot be read is degraded: whoever asked is refused for that.
  const auto bytes = store_.peek(Table::released, stream.view());
  if (!bytes || !*bytes) return std::nullopt;
  const auto row = machine::decode_released_row(**bytes);
  if (!row) return std::nullopt;
  return row->size;
}

std::optional<std::uint64_t> ReleasedRows::size_of(const SubjectId& stream) const {
  {
    const std::lock_guard lock(mutex_);
    const auto held = recent_.find(stream);
    if (held != recent_.end()) return held->second;
  }
  return stored_size_of(stream);
}

void ReleasedRows::add(const SubjectId& stream, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  recent_.insert_or_assign(stream, size);
}

void ReleasedRows::on_checkpoint() {
  const std::lock_guard lock(mutex_);
  std::erase_if(recent_,
                [this](const auto& entry) { return stored_size_of(entry.first).has_value(); });
}

}  // namespace vouch::driver
