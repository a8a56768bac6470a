// Events of unsettled streams as rows of a store: after a restart they are folded again, and a
// validator that was away gets them from here.
// SPDX-License-Identifier: MIT
#pragma once

#include "vouch/base/outbox.hpp"
#include "vouch/base/row_store.hpp"
#include "vouch/ingest/progress.hpp"
#include "vouch/schemas/error.hpp"

namespace vouch::sync {

/// What is known of a stream across restarts.
struct StreamRow {
  std::string name;
  bool local = false;  ///< some events were submitted here
  bool closed = false;
  bool settled = false;    ///< closed, attested by a quorum, payload gone
  std::uint64_t size = 0;  ///< entries once closed, the mark included
  std::uint64_t kept_from =
      0;  ///< events before it are gone: Table::states has what stands for them
  bool operator==(const StreamRow&) const = default;
};

/// 16 bytes that stand for a stream name in keys.
Bytes stream_row_key(std::string_view stream);
Bytes payload_key(std::string_view stream, std::uint64_t first);
/// The index at the end of a payload key.
std::uint64_t payload_key_index(ByteView key);

Bytes encode_stream_row(const StreamRow& row);
Result<StreamRow> decode_stream_row(ByteView bytes);
Bytes encode_items(const std::vector<ingest::Item>& items);
Result<std::vector<ingest::Item>> decode_items(ByteView bytes);

/// The latest certified state of a stream, by stream_row_key.
struct StateRow {
  validator::FoldState state;
  std::uint32_t height = 0;  ///< of the certificate that names its hash
};
/// With a hash: a row that has rotted does not come back.
Bytes encode_state_row(const StateRow& row);
Result<StateRow> decode_state_row(ByteView bytes);
/// Nothing when there is none. Errors: those of the store; malformed.
Result<std::optional<StateRow>> read_state(const RowStore& store, std::string_view stream);

/// The rows that let events before `below` go. Errors: those of the store; malformed.
Result<std::vector<vouch::Row>> trimmed(const RowStore& store, std::string_view stream,
                                        std::uint64_t below);

/// Stored events first..upto-1 of a stream, as far as they follow each other without a gap and have
/// at most `bytes_max` bytes; a larger one comes alone. Errors: those of the store.
Result<std::vector<ingest::Item>> read_events(const RowStore& store, std::string_view stream,
                                              std::uint64_t first, std::uint64_t upto,
                                              std::size_t bytes_max);

}  // namespace vouch::sync
