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
                                   (row.settled ? 4 : 0) | (row.kept_from != 0 ? 8 : 0)));
  out.leb(row.size);
  if (row.kept_from != 0) out.leb(row.kept_from);
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
  if ((flags & 8) != 0) row.kept_from = in.leb();
  if (!in.done()) return fail(Errc::malformed, "a stored stream row has another form");
  return row;
}

Bytes encode_state_row(const StateRow& row) {
  ByteWriter out(row.state.bytes.size() + 16);
  out.leb(row.state.size);
  out.leb(row.height);
  out.sized(row.state.bytes);
  out.raw(crypto::blake2b(row.state.bytes).view());
  return out.take();
}

Result<StateRow> decode_state_row(ByteView bytes) {
  ByteReader in(bytes);
  StateRow row;
  row.state.size = in.leb();
  const std::uint64_t height = in.leb();
  row.height = static_cast<std::uint32_t>(height);
  row.state.bytes = to_bytes(in.sized());
  const Hash hash = in.fixed<Hash>();
  if (!in.done() || height > UINT32_MAX || hash != crypto::blake2b(row.state.bytes)) {
    return fail(Errc::malformed, "a stored state of a stream is damaged");
  }
  return row;
}

Result<std::optional<StateRow>> read_state(const RowStore& store, std::string_view stream) {
  const auto bytes = store.get(Table::states, stream_row_key(stream));
  if (!bytes) return tl::unexpected(bytes.error());
  if (!*bytes) return std::nullopt;
  auto row = decode_state_row(**bytes);
  if (!row) return tl::unexpected(row.error());
  return std::optional(std::move(*row));
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

/// Rows follow each other: of those that begin before it only the last may reach beyond. What does
/// is written anew.
Result<std::vector<vouch::Row>> trimmed(const RowStore& store, std::string_view stream,
                                        std::uint64_t below) {
  std::vector<vouch::Row> out;
  const Bytes prefix = stream_row_key(stream);
  const auto scanned = store.scan(Table::payloads, prefix, [&](ByteView key, ByteView) {
    if (!starts_with(key, prefix) || payload_key_index(key) >= below) return false;
    out.push_back({Table::payloads, to_bytes(key), std::nullopt});
    return true;
  });
  if (!scanned) return tl::unexpected(scanned.error());
  if (out.empty()) return out;
  const auto last = store.get(Table::payloads, out.back().key);
  if (!last) return tl::unexpected(last.error());
  const auto items = decode_items(last->value_or(Bytes()));
  if (!items) return tl::unexpected(items.error());
  const std::uint64_t before = below - payload_key_index(out.back().key);
  if (items->size() > before) {
    const auto rest = items->begin() + static_cast<std::ptrdiff_t>(before);
    out.push_back(
        {Table::payloads, payload_key(stream, below), encode_items({rest, items->end()})});
  }
  return out;
}

}  // namespace vouch::sync
