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

/// The state that the events of a stream are folded from, if there is one that reads.
Result<ingest::Start> reopen_state(const RowStore& store, const std::string& stream,
                                   std::vector<Row>& repairs) {
  auto row = sync::read_state(store, stream);
  if (row) return *row ? ingest::Start(std::move((*row)->state)) : std::nullopt;
  if (row.error().code != Errc::malformed) return tl::unexpected(row.error());
  repairs.push_back({Table::states, sync::stream_row_key(stream), std::nullopt});
  return std::nullopt;
}

/// Its first events are gone and no state stands for them: everything comes again.
void begin_anew(sync::StreamRow& row, ingest::Intake& intake, std::vector<Row>& repairs) {
  row = {row.name, row.local};
  const Bytes key = sync::stream_row_key(row.name);
  repairs.push_back({Table::payloads, key, std::nullopt, true});
  repairs.push_back({Table::states, key, std::nullopt});
  repairs.push_back({Table::streams, key, sync::encode_stream_row(row)});
  intake.restore(row.name, {}, {}, false, row.local);
}

/// What lies behind a hole is in the way of the events that will come there again, and erased.
Result<void> reopen_events(const RowStore& store, sync::StreamRow& row, ingest::Intake& intake,
                           Restored& restored) {
  std::vector<Row>& repairs = restored.repairs;
  const auto start = reopen_state(store, row.name, repairs);
  if (!start) return tl::unexpected(start.error());
  if (!*start && row.kept_from != 0) {
    begin_anew(row, intake, repairs);
    return {};
  }
  const std::uint64_t from = *start ? (*start)->size : 0;
  std::uint64_t next = from;
  bool hole = false;
  std::vector<std::string> events;
  const Bytes prefix = sync::stream_row_key(row.name);
  const auto read = store.scan(Table::payloads, prefix, [&](ByteView key, ByteView value) {
    if (!starts_with(key, prefix)) return false;
    const auto items = sync::decode_items(value);
    std::uint64_t index = sync::payload_key_index(key);
    hole = hole || !items || index > next;
    if (hole) {
      repairs.push_back({Table::payloads, to_bytes(key), std::nullopt});
      return true;
    }
    for (const ingest::Item& item : *items) {
      if (index++ < next) continue;  // the state stands for it
      events.push_back(*item.text);
      ++next;
    }
    return true;
  });
  if (!read) return tl::unexpected(read.error());
  // The close mark stands behind the last event: nowhere else may it come back.
  row.closed = row.closed && next + 1 == row.size;
  row.size = row.closed ? row.size : 0;
  if (!intake.restore(row.name, *start, events, row.closed, row.local)) {
    begin_anew(row, intake, repairs);
  } else if (from > row.kept_from) {
    restored.forgettable.emplace(row.name, from);
  }
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
    if (auto events = reopen_events(store, row, intake, restored); !events) return events;
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
    auto finished = decode_finished(**lately);
    if (!finished) return tl::unexpected(finished.error());
    restored.finished = std::move(*finished);
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
