// SPDX-License-Identifier: MIT
#include "vouch/machine/reopen.hpp"

#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/bytes.hpp"
#include "vouch/state/cells.hpp"

namespace vouch::machine {
namespace {

/// Scans a whole table with a reader that may find a row malformed; the first fault counts.
template <class Reader>
Result<void> read_table(const RowStore& store, Table table, Reader reader) {
  Result<void> fault;
  const auto scanned = store.scan(table, {}, [&](ByteView key, ByteView row) {
    fault = reader(key, row);
    return fault.has_value();
  });
  return scanned ? fault : scanned;
}

/// What lies behind a hole is in the way of the events that will come there again: `lost` gets the
/// rows that erase it.
Result<void> reopen_events(const RowStore& store, sync::StreamRow& row, ingest::Intake& intake,
                           std::vector<Row>& lost) {
  std::vector<std::string> events;
  const Bytes prefix = sync::stream_row_key(row.name);
  const auto read = store.scan(Table::payloads, prefix, [&](ByteView key, ByteView value) {
    if (!starts_with(key, prefix)) return false;
    const auto items = sync::decode_items(value);
    // A hole ends what can be folded; the rest comes again from whoever has it.
    if (!lost.empty() || !items || sync::payload_key_index(key) != events.size()) {
      lost.push_back({Table::payloads, to_bytes(key), std::nullopt});
      return true;
    }
    for (const ingest::Item& item : *items) events.push_back(*item.text);
    return true;
  });
  if (!read) return tl::unexpected(read.error());
  // The close mark stands behind the last event: nowhere else may it come back.
  row.closed = row.closed && events.size() + 1 == row.size;
  row.size = events.size();
  intake.restore(row.name, events, row.closed, row.local);
  return {};
}

Result<void> reopen_streams(const RowStore& store, ingest::Intake& intake, Restored& restored) {
  std::vector<sync::StreamRow> rows;
  auto read = read_table(store, Table::streams, [&rows](ByteView, ByteView value) {
    auto row = sync::decode_stream_row(value);
    if (!row) return Result<void>(tl::unexpected(row.error()));
    rows.push_back(std::move(*row));
    return Result<void>();
  });
  if (!read) return read;
  for (sync::StreamRow& row : rows) {
    if (row.settled) {
      intake.restore_retired(row.name, row.size);
      continue;
    }
    std::vector<Row> lost;
    if (auto read_events = reopen_events(store, row, intake, lost); !read_events) {
      return read_events;
    }
    restored.repairs.insert(restored.repairs.end(), lost.begin(), lost.end());
    restored.streams.push_back(std::move(row));
  }
  return {};
}

}  // namespace

Result<Restored> reopen(const RowStore& store, ingest::Intake& intake, const ClusterId& cluster) {
  Restored restored;
  auto read = read_table(store, Table::frontier, [&restored](ByteView key, ByteView row) {
    return sync::Replica::restore_frontier(key, row, restored.frontier);
  });
  if (!read) return tl::unexpected(read.error());
  read = read_table(store, Table::cells, [&restored](ByteView key, ByteView row) {
    return state::restore_cell(key, row, restored.state);
  });
  if (!read) return tl::unexpected(read.error());
  read = read_table(store, Table::agreement, [&restored](ByteView key, ByteView row) {
    restored.agreement.emplace_back(to_bytes(key), to_bytes(row));
    return Result<void>();
  });
  if (!read) return tl::unexpected(read.error());
  const auto incarnation = store.get(Table::meta, to_bytes(as_bytes("incarnation")));
  if (!incarnation) return tl::unexpected(incarnation.error());
  if (*incarnation) restored.incarnation = ByteReader(**incarnation).u32();
  const auto lately = store.get(Table::meta, finished_key());
  if (!lately) return tl::unexpected(lately.error());
  if (*lately) {
    auto names = decode_finished(**lately);
    if (!names) return tl::unexpected(names.error());
    restored.finished = std::move(*names);
  }
  // By which rules a stream is folded again, the chain of rosters says.
  using consensus::Agreement;
  for (const auto& roster : Agreement::later_rosters(cluster, restored.agreement)) {
    if (!roster.rule_set().empty()) intake.follow_rules(roster.epoch(), roster.rule_set());
  }
  if (auto streams = reopen_streams(store, intake, restored); !streams) {
    return tl::unexpected(streams.error());
  }
  return restored;
}

}  // namespace vouch::machine
