// SPDX-License-Identifier: MIT
#include "vouch/driver/released_rows.hpp"

namespace vouch::driver {
Result<std::optional<sync::ReleasedRow>> ReleasedRows::stored(const SubjectId& stream) const {
  const auto bytes = store_.peek(Table::released, stream.view());
  if (!bytes) return tl::unexpected(bytes.error());
  if (!*bytes) return std::nullopt;
  auto row = sync::decode_released_row(**bytes);
  if (!row) return tl::unexpected(row.error());
  return std::move(*row);
}

Result<std::optional<std::uint64_t>> ReleasedRows::size_of(const SubjectId& stream) const {
  {
    const std::lock_guard lock(mutex_);
    const auto held = recent_.find(stream);
    if (held != recent_.end()) return held->second.size;
  }
  const auto row = stored(stream);
  if (!row) return tl::unexpected(row.error());
  if (!*row) return std::nullopt;
  return (*row)->size;
}

std::optional<sync::ReleasedRow> ReleasedRows::find(const SubjectId& subject) const {
  {
    const std::lock_guard lock(mutex_);
    const auto held = recent_.find(subject);
    if (held != recent_.end()) {
      auto row = sync::decode_released_row(held->second.row);
      return row ? std::optional(std::move(*row)) : std::nullopt;
    }
  }
  return stored(subject).value_or(std::nullopt);
}

void ReleasedRows::add(const SubjectId& stream, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  recent_[stream].size = size;
}

void ReleasedRows::describe(const SubjectId& stream, Bytes row) {
  const std::lock_guard lock(mutex_);
  recent_[stream].row = std::move(row);
}

void ReleasedRows::on_checkpoint() {
  const std::lock_guard lock(mutex_);
  std::erase_if(recent_, [this](const auto& entry) {
    return stored(entry.first).value_or(std::nullopt).has_value();
  });
}

}  // namespace vouch::driver
