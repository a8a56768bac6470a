// SPDX-License-Identifier: MIT
#include "vouch/sync/payload_rows.hpp"

#include <algorithm>

#include "vouch/schemas/byte_io.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::sync {

Bytes stream_row_key(std::string_view stream) {
  const Hash hash = crypto::blake2b(as_bytes(stream));
  return to_bytes(hash.view().first(16));
}

Bytes payload_key(std::string_view stream, std::uint64_t first) {
  ByteWriter key;
  key.raw(stream_row_key(stream));
  key.u64_ordered(first);
  return key.take();
}

std::uint64_t payload_key_index(ByteView key) {
  return key.size() < 8 ? 0 : ByteReader(key.last(8)).u64_ordered();
}

Bytes encode_stream_row(const StreamRow& row) {
  ByteWriter out;
  out.text(row.name);
  out.u8(static_cast<std::uint8_t>((row.local ? 1 : 0) | (row.closed ? 2 : 0) |
                                   (row.settled ? 4 : 0)));
  out.leb(row.size);
  return out.take();
}

Result<StreamRow> decode_stream_row(ByteView bytes) {
  ByteReader in(bytes);
  StreamRow row;
  row.name = in.text();
  const std::uint8_t flags = in.u8();
  row.local = (flags & 1) != 0;
  row.closed = (flags & 2) != 0;
  row.settled = (flags & 4) != 0;
  row.size = in.leb();
  if (!in.done()) return fail(Errc::malformed, "a stored stream row has another form");
  return row;
}

Bytes encode_items(const std::vector<ingest::Item>& items) {
  ByteWriter out;
  out.leb(items.size());
  for (const ingest::Item& item : items) {
    out.raw(item.digest.view());
    out.text(*item.text);
  }
  return out.take();
}

Result<std::vector<ingest::Item>> decode_items(ByteView bytes) {
  ByteReader in(bytes);
  std::vector<ingest::Item> items(in.count(33));
  for (ingest::Item& item : items) {
    item.digest = in.fixed<Hash>();
    item.text = std::make_shared<const std::string>(in.text());
  }
  if (!in.done()) return fail(Errc::malformed, "stored events have another form");
  return items;
}

Result<std::vector<ingest::Item>> read_events(const RowStore& store, std::string_view stream,
                                              std::uint64_t first, std::uint64_t upto,
                                              std::size_t bytes_max) {
  std::vector<ingest::Item> found;
  std::size_t bytes = 0;
  const Bytes prefix = stream_row_key(stream);
  const auto visit = [&](ByteView key, ByteView value) {
    if (key.size() < prefix.size()) return false;
    if (!std::equal(prefix.begin(), prefix.end(), key.begin())) return false;
    std::uint64_t index = payload_key_index(key);
    const auto items = decode_items(value);
    if (!items || index > first + found.size()) return false;
    for (const ingest::Item& item : *items) {
      const std::uint64_t next = first + found.size();
      if (index++ != next) continue;
      bytes += item.text->size();
      if (next >= upto || (!found.empty() && bytes > bytes_max)) return false;
      found.push_back(item);
    }
    return true;
  };
  const auto from = store.floor_key(Table::payloads, payload_key(stream, first), prefix);
  if (!from) return tl::unexpected(from.error());
  const auto scanned = store.scan(Table::payloads, *from, visit);
  if (!scanned) return tl::unexpected(scanned.error());
  return found;
}

}  // namespace vouch::sync
