// SPDX-License-Identifier: MIT
#include "vouch/store/journal_rows.hpp"

#include "vouch/schemas/bytes.hpp"

namespace vouch::store {
namespace {

/// Those that start with `prefix` lie together.
template <class Container, class KeyOf>
void erase_below(Container& all, ByteView prefix, KeyOf key_of) {
  const auto first = all.lower_bound(to_bytes(prefix));
  auto end = first;
  while (end != all.end() && starts_with(key_of(*end), prefix)) ++end;
  all.erase(first, end);
}

}  // namespace

bool JournalRows::Layer::covers(ByteView key) const {
  const Bytes wanted = to_bytes(key);
  if (rows_.contains(wanted)) return true;
  // Whatever lies between a prefix of the key and the key starts with that prefix.
  const auto above = erased_.upper_bound(wanted);
  return above != erased_.begin() && starts_with(key, *std::prev(above));
}

void JournalRows::Layer::put(const Row& row) {
  if (!row.prefix) {
    rows_[row.key] = row.value;
    return;
  }
  erase_below(rows_, row.key, [](const auto& entry) -> const Bytes& { return entry.first; });
  const auto above = erased_.upper_bound(row.key);
  if (above != erased_.begin() && starts_with(row.key, *std::prev(above))) return;
  erase_below(erased_, row.key, [](const Bytes& prefix) -> const Bytes& { return prefix; });
  erased_.insert(row.key);
}

void JournalRows::add(std::span<const Row> rows) {
  for (const Row& row : rows) layers_[static_cast<std::size_t>(row.table)].put(row);
}

}  // namespace vouch::store
