// SPDX-License-Identifier: MIT
#include "tests/sim/disk.hpp"

#include <algorithm>
#include <cstring>

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

Result<void> SimDisk::commit(std::span<const Row> rows) {
  maybe_crash(false);
  if (auto refused = refuse_write(); !refused) return refused;
  for (const Row& row : rows) {
    Rows& table = table_of(row.table);
    if (row.value) {
      table[row.key] = *row.value;
    } else if (row.prefix) {
      auto it = table.lower_bound(row.key);
      while (it != table.end() && starts_with(it->first, row.key)) it = table.erase(it);
    } else {
      table.erase(row.key);
    }
  }
  ++commits_;
  maybe_crash(true);
  if (crash_in_ > 1) --crash_in_;
  return {};
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
