// SPDX-License-Identifier: MIT
#include "tests/sim/disk.hpp"

#include <algorithm>
#include <cstring>

#include "vouch/crdt/check.hpp"
#include "vouch/schemas/bytes.hpp"

namespace vouch::sim {

bool SimDisk::Less::operator()(ByteView a, ByteView b) const {
  const std::size_t common = std::min(a.size(), b.size());
  const int order = common == 0 ? 0 : std::memcmp(a.data(), b.data(), common);
  return order != 0 ? order < 0 : a.size() < b.size();
}

Result<void> SimDisk::refuse_write() {
  if (peek_failed_) return fail(Errc::io, "simulated disk could not be read");
  if (faults_.full) return fail(Errc::storage_full, "simulated disk is full");
  if (faults_.write_error > 0 && random_.chance(faults_.write_error)) {
    return fail(Errc::io, "simulated write error");
  }
  return {};
}

bool SimDisk::read_fails() const {
  return faults_.read_error > 0 && random_.chance(faults_.read_error);
}

void SimDisk::maybe_crash(bool durable) {
  if (crash_in_ != 1 || crash_durable_ != durable) return;
  crash_in_ = 0;
  throw Crash{};
}

Result<void> SimDisk::write(std::span<const Row> rows) {
  VOUCH_CHECK(!flushed_at_);
  if (auto refused = refuse_write(); !refused) {
    lose_unflushed();
    return refused;
  }
  for (const Row& row : rows) {
    if (!row.prefix) {
      change(row.table, row.key, row.value);
      continue;
    }
    Rows& table = table_of(row.table);
    for (auto it = table.lower_bound(row.key); it != table.end() && starts_with(it->first, row.key);
         it = table.lower_bound(row.key)) {
      change(row.table, Bytes(it->first), std::nullopt);
    }
  }
  return {};
}

void SimDisk::change(Table table, const Bytes& key, const std::optional<Bytes>& value) {
  Rows& rows = table_of(table);
  const auto it = rows.lower_bound(key);
  const bool held = it != rows.end() && it->first == key;
  unflushed_.push_back({table, key, held ? std::optional(std::move(it->second)) : std::nullopt});
  if (!value) {
    if (held) rows.erase(it);
  } else if (held) {
    it->second = *value;
  } else {
    rows.emplace_hint(it, key, *value);
  }
}

std::optional<Result<void>> SimDisk::flush(bool wait) {
  if (unflushed_.empty()) return Result<void>();
  if (!flushed_at_) flushed_at_ = now_ + faults_.flush_time;
  if (now_ < *flushed_at_ && !wait) return std::nullopt;
  flushed_at_.reset();
  maybe_crash(false);
  // A disk that answers at once refuses when it is written to.
  const bool slow = faults_.flush_time > VirtualTime{};
  if (auto refused = slow ? refuse_write() : Result<void>(); !refused) {
    lose_unflushed();
    return refused;
  }
  unflushed_.clear();
  ++commits_;
  maybe_crash(true);
  if (crash_in_ > 1) --crash_in_;
  return Result<void>();
}

void SimDisk::lose_unflushed() {
  flushed_at_.reset();
  for (; !unflushed_.empty(); unflushed_.pop_back()) {
    Before& before = unflushed_.back();
    if (before.value) {
      table_of(before.table)[before.key] = std::move(*before.value);
    } else {
      table_of(before.table).erase(before.key);
    }
  }
}

bool SimDisk::holds(Table table, ByteView key) const {
  for (const Before& before : unflushed_) {
    if (before.table == table && std::ranges::equal(before.key, key)) {
      return before.value.has_value();
    }
  }
  return table_of(table).contains(key);
}

Result<std::optional<Bytes>> SimDisk::get(Table table, ByteView key) const {
  if (read_fails()) return fail(Errc::io, "simulated read error");
  const Rows& rows = table_of(table);
  const auto it = rows.find(key);
  if (it == rows.end()) return std::optional<Bytes>{};
  return std::optional<Bytes>(it->second);
}

Result<std::optional<Bytes>> SimDisk::peek(Table table, ByteView key) const {
  auto found = get(table, key);
  peek_failed_ |= !found;
  return found;
}

Result<void> SimDisk::scan(Table table, ByteView from, const RowVisitor& visit) const {
  if (read_fails()) return fail(Errc::io, "simulated read error");
  const Rows& rows = table_of(table);
  for (auto it = rows.lower_bound(from); it != rows.end(); ++it) {
    if (!visit(it->first, it->second)) break;
  }
  return {};
}

Result<Bytes> SimDisk::floor_key(Table table, ByteView key, ByteView prefix) const {
  if (read_fails()) return fail(Errc::io, "simulated read error");
  const Rows& rows = table_of(table);
  auto it = rows.upper_bound(key);
  if (it == rows.begin()) return to_bytes(key);
  --it;
  return starts_with(it->first, prefix) ? it->first : to_bytes(key);
}

std::size_t SimDisk::rows() const {
  std::size_t sum = 0;
  for (const Rows& rows : tables_) sum += rows.size();
  return sum;
}

void SimDisk::erase_all() {
  for (Rows& rows : tables_) rows.clear();
  unflushed_.shrink_to_fit();
}

bool SimDisk::lose(Table table, ByteView prefix, std::size_t number) {
  Rows& rows = table_of(table);
  for (auto it = rows.lower_bound(prefix); it != rows.end() && starts_with(it->first, prefix);
       ++it) {
    if (number-- != 0) continue;
    rows.erase(it);
    return true;
  }
  return false;
}

}  // namespace vouch::sim
