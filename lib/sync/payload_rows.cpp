// SPDX-License-Identifier: MIT
#include "vouch/sync/payload_rows.hpp"

#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/bytes.hpp"
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

namespace {

/// Lives as long as the row it was read from.
struct ItemView {
  Hash digest;
  std::string_view text;

  ingest::Item keep() const { return {digest, std::make_shared<const std::string>(text)}; }
};

/// Items of a stored row, one after the other.
class ItemReader {
 public:
  explicit ItemReader(ByteView row) : in_(row), left_(in_.count(item_bytes_min)) {}

  std::size_t left() const { return left_; }
  ItemView next() {
    --left_;
    ItemView item;
    item.digest = in_.fixed<Hash>();
    item.text = in_.text();
    return item;
  }
  bool ok() const { return in_.ok(); }
  bool done() const { return in_.done(); }

 private:
  static constexpr std::size_t item_bytes_min = Hash::size + 1;
  ByteReader in_;
  std::size_t left_;
};

}  // namespace

Result<std::vector<ingest::Item>> decode_items(ByteView bytes) {
  ItemReader in(bytes);
  std::vector<ingest::Item> items;
  items.reserve(in.left());
  while (in.left() != 0) items.push_back(in.next().keep());
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
    if (!starts_with(key, prefix)) return false;
    std::uint64_t index = payload_key_index(key);
    if (index > first + found.size()) return false;
    ItemReader in(value);
    while (in.left() != 0) {
      const ItemView item = in.next();
      if (!in.ok()) return false;
      const std::uint64_t next = first + found.size();
      if (index++ != next) continue;
      bytes += item.text.size();
      if (next >= upto || (!found.empty() && bytes > bytes_max)) return false;
      found.push_back(item.keep());
    }
    return in.done();
  };
  const auto from = store.floor_key(Table::payloads, payload_key(stream, first), prefix);
  if (!from) return tl::unexpected(from.error());
  const auto scanned = store.scan(Table::payloads, *from, visit);
  if (!scanned) return tl::unexpected(scanned.error());
  return found;
}

}  // namespace vouch::sync
