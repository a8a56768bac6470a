// SPDX-License-Identifier: MIT
#include "vouch/store/row_form.hpp"

#include "vouch/schemas/byte_io.hpp"

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

std::optional<std::vector<Row>> decode_rows(ByteView record) {
  std::vector<Row> rows;
  ByteReader in(record);
  while (in.ok() && in.left() != 0) {
    Row row;
    const std::uint8_t table = in.u8();
    const std::uint8_t kind = in.u8();
    if (table > static_cast<std::uint8_t>(Table::states) ||
        kind > static_cast<std::uint8_t>(Kind::erase_prefix))
      return std::nullopt;
    row.table = static_cast<Table>(table);
    row.key = to_bytes(in.sized());
    row.prefix = kind == static_cast<std::uint8_t>(Kind::erase_prefix);
    if (kind == static_cast<std::uint8_t>(Kind::put)) row.value = to_bytes(in.sized());
    rows.push_back(std::move(row));
  }
  if (!in.ok()) return std::nullopt;
  return rows;
}

}  // namespace vouch::store
