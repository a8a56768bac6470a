// SPDX-License-Identifier: MIT
#include "vouch/store/row_form.hpp"

namespace vouch::store {
namespace {

enum class Kind : std::uint8_t { put, erase, erase_prefix };

Kind kind_of(const Row& row) {
  if (row.prefix) return Kind::erase_prefix;
  return row.value ? Kind::put : Kind::erase;
}

}  // namespace

Bytes encode_rows(std::span<const Row> rows) {
  constexpr std::size_t lengths = 12;
  std::size_t room = 0;
  for (const Row& row : rows) {
    room += row.key.size() + (row.value ? row.value->size() : 0) + lengths;
  }
  ByteWriter out(room);
  for (const Row& row : rows) {
    const Kind kind = kind_of(row);
    out.u8(static_cast<std::uint8_t>(row.table));
    out.u8(static_cast<std::uint8_t>(kind));
    out.sized(row.key);
    if (kind == Kind::put) out.sized(*row.value);
  }
  return out.take();
}

Row RowView::row() const {
  return {table, to_bytes(key), value ? std::optional(to_bytes(*value)) : std::nullopt, prefix};
}

std::optional<RowView> RowReader::next() {
  if (!known_ || in_.left() == 0) return std::nullopt;
  RowView row;
  const std::uint8_t table = in_.u8();
  const std::uint8_t kind = in_.u8();
  if (table > static_cast<std::uint8_t>(Table::states) ||
      kind > static_cast<std::uint8_t>(Kind::erase_prefix)) {
    known_ = false;
    return std::nullopt;
  }
  row.table = static_cast<Table>(table);
  row.key = in_.sized();
  row.prefix = kind == static_cast<std::uint8_t>(Kind::erase_prefix);
  if (kind == static_cast<std::uint8_t>(Kind::put)) row.value = in_.sized();
  return in_.ok() ? std::optional(row) : std::nullopt;
}

std::optional<std::vector<Row>> decode_rows(ByteView record) {
  std::vector<Row> rows;
  RowReader in(record);
  while (const auto row = in.next()) rows.push_back(row->row());
  if (!in.done()) return std::nullopt;
  return rows;
}

}  // namespace vouch::store
