// Columns of messages that are packed by hand: FlatBuffers would spend an offset on each of their
// items. Readers take any bytes; what does not fit spoils the reader.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/messages.hpp"
#include "vouch/schemas/subject_column.hpp"

namespace vouch {

template <class List>
Bytes pack_list(const List& items) {
  ByteWriter out;
  out.leb(items.size());
  for (const auto& item : items) {
    if constexpr (std::is_same_v<typename List::value_type, std::string>) {
      out.text(item);
    } else {
      out.sized(item);
    }
  }
  return out.take();
}

template <class Item>
std::vector<Item> unpack_list(ByteReader& in) {
  std::vector<Item> items(in.count(1));
  for (Item& item : items) {
    const ByteView bytes = in.sized();
    item.assign(bytes.begin(), bytes.end());
  }
  return items;
}

inline Bytes pack_digests(const std::vector<Hash>& digests) {
  ByteWriter out;
  out.leb(digests.size());
  for (const Hash& digest : digests) out.raw(digest.view());
  return out.take();
}

inline std::vector<Hash> unpack_digests(ByteReader& in) {
  std::vector<Hash> digests(in.count(Hash::size));
  for (Hash& digest : digests) digest = in.fixed<Hash>();
  return digests;
}

inline Bytes pack_marks(const std::vector<Mark>& marks) {
  ByteWriter out;
  out.leb(marks.size());
  for (const Mark& mark : marks) {
    out.u32(mark.writer);
    out.leb(mark.last);
    out.u32(mark.chain);
  }
  return out.take();
}

inline std::vector<Mark> unpack_marks(ByteReader& in) {
  std::vector<Mark> marks(in.count(9));
  for (Mark& mark : marks) {
    mark.writer = in.u32();
    mark.last = in.leb();
    mark.chain = in.u32();
  }
  return marks;
}

inline Bytes pack_cells(const std::vector<Cells::Cell>& cells) {
  ByteWriter out;
  out.leb(cells.size());
  for (const auto& [key, row] : cells) {
    out.sized(key);
    out.sized(row);
  }
  return out.take();
}

inline std::vector<Cells::Cell> unpack_cells(ByteReader& in) {
  std::vector<Cells::Cell> cells(in.count(2));
  for (auto& [key, row] : cells) {
    key = to_bytes(in.sized());
    row = to_bytes(in.sized());
  }
  return cells;
}

inline Bytes pack_ends(const std::vector<LogEnd>& ends) {
  ByteWriter out;
  out.leb(ends.size());
  for (const auto& [writer, last] : ends) {
    out.raw(writer.peer.view());
    out.u32(writer.incarnation);
    out.leb(last);
  }
  return out.take();
}

inline std::vector<LogEnd> unpack_ends(ByteReader& in) {
  std::vector<LogEnd> ends(in.count(PeerId::size + 5));
  for (auto& [writer, last] : ends) {
    writer.peer = in.fixed<PeerId>();
    writer.incarnation = in.u32();
    last = in.leb();
  }
  return ends;
}

inline Bytes pack_writer(const std::optional<Writer>& writer) {
  ByteWriter out;
  if (!writer) return {};
  out.raw(writer->peer.view());
  out.u32(writer->incarnation);
  return out.take();
}

inline Bytes pack_streams(const std::vector<ReleasedSubjects::Stream>& streams) {
  ByteWriter out;
  out.leb(streams.size());
  for (const auto& [name, size, head] : streams) {
    out.text(name);
    out.leb(size);
    out.raw(head.view());
  }
  return out.take();
}

inline std::vector<ReleasedSubjects::Stream> unpack_streams(ByteReader& in) {
  std::vector<ReleasedSubjects::Stream> streams(in.count(Hash::size + 2));
  for (auto& [name, size, head] : streams) {
    name = in.text();
    size = in.leb();
    head = in.fixed<Hash>();
  }
  return streams;
}

}  // namespace vouch
