// SPDX-License-Identifier: MIT
#include "vouch/store/snapshot.hpp"

#include <algorithm>

#include "vouch/store/journal.hpp"
#include "vouch/store/row_form.hpp"

namespace vouch::store {
namespace {

namespace fs = std::filesystem;

/// A peer that writes looks like damage when its journal grows, or begins anew, under the reader.
constexpr int looks_max = 20;

}  // namespace

Result<std::unique_ptr<Snapshot>> Snapshot::take(const fs::path& folder) {
  if (!fs::exists(folder / "data.mdb")) {
    return fail(Errc::io, folder.string() + " holds no store; give the data folder of a peer");
  }
  std::unique_ptr<Snapshot> out(new Snapshot(folder));
  if (auto opened = out->tables_.open_read_only(folder); !opened)
    return tl::unexpected(opened.error());
  Result<bool> whole = false;
  std::string trouble;
  for (int i = 0; i < looks_max && (!whole || !*whole); ++i) {
    whole = out->look();
    if (whole) continue;
    // What stands where it stood before is damage: a writer would have come further. What cannot be
    // read again has only moved.
    const bool damage = whole.error().code == Errc::malformed;
    if (damage && whole.error().text() == trouble) break;
    trouble = whole.error().text();
  }
  if (!whole) return tl::unexpected(whole.error());
  if (!*whole)
    return fail(Errc::io, folder.string() + " changes faster than it can be read; try again");
  return out;
}

/// The generation of the journal that belongs to this moment.
Result<std::uint64_t> Snapshot::begin(Transaction& moment) const {
  std::uint64_t generation = 0;
  int code = tables_.begin(moment, MDB_RDONLY);
  if (code == 0) code = tables_.read_generation(moment.txn, generation);
  if (code != 0) return lmdb_error(code, "reading " + folder_.string());
  return generation;
}

/// False when a checkpoint came in between.
Result<bool> Snapshot::look() {
  moment_.abort();
  rows_ = {};
  const auto generation = begin(moment_);
  if (!generation) return tl::unexpected(generation.error());
  Journal journal;
  auto read = journal.open_read_only(folder_ / "journal", *generation);
  bool known = true;
  if (read) {
    read = journal.replay([&](ByteView record) {
      const auto rows = decode_rows(record);
      if (rows) rows_.add(*rows);
      return known = rows.has_value();
    });
  }
  if (!read) return tl::unexpected(read.error());
  if (!known) return fail(Errc::malformed, folder_.string() + " has a journal of another form");
  Transaction after;
  const auto last = begin(after);
  if (!last) return tl::unexpected(last.error());
  return *last == *generation;
}

Result<void> Snapshot::scan(Table table, ByteView from, const RowVisitor& visit) const {
  const JournalRows::Layer& layer = rows_.of(table);
  auto row = layer.rows().lower_bound(to_bytes(from));
  const auto end = layer.rows().end();
  Cursor c;
  MDB_val key = view(from), value{};
  int code = mdb_cursor_open(moment_.txn, tables_.table(table), &c.cursor);
  if (code == 0)
    code = mdb_cursor_get(c.cursor, &key, &value, from.empty() ? MDB_FIRST : MDB_SET_RANGE);
  while (code == 0 || row != end) {
    if (code != 0 && code != MDB_NOTFOUND) break;
    if (code == 0 && layer.covers(view(key))) {
      code = mdb_cursor_get(c.cursor, &key, &value, MDB_NEXT);
    } else if (code != 0 ||
               (row != end && std::ranges::lexicographical_compare(row->first, view(key)))) {
      if (row->second && !visit(row->first, *row->second)) return {};
      ++row;
    } else {
      if (!visit(view(key), view(value))) return {};
      code = mdb_cursor_get(c.cursor, &key, &value, MDB_NEXT);
    }
  }
  if (code != 0 && code != MDB_NOTFOUND) return lmdb_error(code, "reading " + folder_.string());
  return {};
}

}  // namespace vouch::store
