// SPDX-License-Identifier: MIT
#include "vouch/driver/released_rows.hpp"

namespace vouch::driver {
namespace {

std::optional<sync::ReleasedRow> read(ByteView bytes) {
  auto row = sync::decode_released_row(bytes);
  return row ? std::optional(std::move(*row)) : std::nullopt;
}

}  // namespace

std::optional<sync::ReleasedRow> ReleasedRows::stored(const SubjectId& stream) const {
  const auto bytes = store_.peek(Table::released, stream.view());
  return bytes && *bytes ? read(**bytes) : std::nullopt;
}

std::optional<std::uint64_t> ReleasedRows::size_of(const SubjectId& stream) const {
  {
    const std::lock_guard lock(mutex_);
    const auto held = recent_.find(stream);
    if (held != recent_.end()) return held->second.size;
  }
  const auto row = stored(stream);
  return row ? std::optional(row->size) : std::nullopt;
}

std::optional<sync::ReleasedRow> ReleasedRows::find(std::string_view stream) const {
  const SubjectId subject = subject_of(stream);
  {
    const std::lock_guard lock(mutex_);
    const auto held = recent_.find(subject);
    if (held != recent_.end()) return read(held->second.row);
  }
  return stored(subject);
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
  std::erase_if(recent_, [this](const auto& entry) { return stored(entry.first).has_value(); });
}

}  // namespace vouch::driver
