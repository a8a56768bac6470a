// SPDX-License-Identifier: MIT
#include "vouch/store/tables.hpp"

#include <cerrno>

#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/bytes.hpp"

namespace vouch::store {
namespace {

constexpr std::array table_names{"meta",     "batches",   "frontier",     "cells",    "streams",
                                 "payloads", "agreement", "certificates", "released", "states"};
static_assert(table_names.size() == Tables::count);
constexpr std::uint32_t format_version = 17;
/// Reads at the same time, of all threads and dumpers.
constexpr unsigned readers_max = 256;

// Rows of table meta that are the store's own.
constexpr std::string_view format_key = "format";
constexpr std::string_view generation_key = "journal";

}  // namespace

tl::unexpected<Error> lmdb_error(int code, const std::string& doing) {
  const bool full = code == MDB_MAP_FULL || code == ENOSPC || code == EDQUOT;
  const char* hint = full ? "; free some space, the peer goes on by itself" : "";
  return fail(full ? Errc::storage_full : Errc::io, doing + ": " + mdb_strerror(code) + hint);
}

Tables::~Tables() {
  if (env_ != nullptr) mdb_env_close(env_);
}

Result<void> Tables::open(const std::filesystem::path& folder, std::size_t map_bytes,
                          std::uint64_t generation) {
  generation_ = generation;
  return open_all(folder, map_bytes, 0);
}

Result<void> Tables::open_read_only(const std::filesystem::path& folder) {
  return open_all(folder, 0, MDB_RDONLY);
}

Result<void> Tables::open_all(const std::filesystem::path& folder, std::size_t map_bytes,
                              unsigned flags) {
  int code = mdb_env_create(&env_);
  if (code == 0) code = mdb_env_set_maxdbs(env_, table_names.size());
  if (code == 0) code = mdb_env_set_maxreaders(env_, readers_max);
  if (code == 0 && map_bytes != 0) code = mdb_env_set_mapsize(env_, map_bytes);
  // Threads ask through one owner, so readers need no slot of their own thread.
  if (code == 0) code = mdb_env_open(env_, folder.c_str(), flags | MDB_NOTLS, 0600);
  if (code != 0) return lmdb_error(code, "opening " + folder.string());
  const bool read_only = (flags & MDB_RDONLY) != 0;
  Transaction t;
  code = begin(t, flags);
  for (std::size_t i = 0; code == 0 && i < table_names.size(); ++i) {
    code = mdb_dbi_open(t.txn, table_names[i], read_only ? 0 : MDB_CREATE, &tables_[i]);
  }
  if (code != 0) return lmdb_error(code, "opening tables of " + folder.string());
  if (auto read = read_format(t.txn, folder, read_only); !read) return read;
  code = t.commit();
  if (code != 0) return lmdb_error(code, "opening tables of " + folder.string());
  return {};
}

Result<void> Tables::read_format(MDB_txn* txn, const std::filesystem::path& folder,
                                 bool read_only) {
  MDB_val key = view(as_bytes(format_key)), value{};
  int code = mdb_get(txn, table(Table::meta), &key, &value);
  if (code == MDB_NOTFOUND && !read_only) {
    ByteWriter row;
    row.u32(format_version);
    value = view(row.bytes());
    code = mdb_put(txn, table(Table::meta), &key, &value, 0);
    if (code == 0) code = put_generation(txn, generation_);
    if (code == 0) return {};
    return lmdb_error(code, "writing the format of " + folder.string());
  }
  if (code == 0 && ByteReader(view(value)).u32() != format_version) {
    return fail(Errc::malformed,
                folder.string() + " has another format; it was made by another version");
  }
  if (code == 0) code = read_generation(txn, generation_);
  if (code != 0) return lmdb_error(code, "reading the format of " + folder.string());
  return {};
}

int Tables::begin(Transaction& t, unsigned flags) const {
  return mdb_txn_begin(env_, nullptr, flags & MDB_RDONLY, &t.txn);
}

int Tables::put(MDB_txn* txn, const RowView& row) const {
  if (row.prefix) return erase_all(txn, table(row.table), row.key);
  MDB_val key = view(row.key);
  if (!row.value) {
    const int erased = mdb_del(txn, table(row.table), &key, nullptr);
    return erased == MDB_NOTFOUND ? 0 : erased;
  }
  MDB_val value = view(*row.value);
  return mdb_put(txn, table(row.table), &key, &value, 0);
}

bool Tables::has_room(std::size_t bytes) const {
  MDB_envinfo info{};
  MDB_stat stat{};
  if (mdb_env_info(env_, &info) != 0 || mdb_env_stat(env_, &stat) != 0) return false;
  const std::size_t used = (info.me_last_pgno + 1) * stat.ms_psize;
  return used + bytes <= info.me_mapsize;
}

int Tables::put_generation(MDB_txn* txn, std::uint64_t generation) const {
  ByteWriter row;
  row.u64(generation);
  MDB_val key = view(as_bytes(generation_key)), value = view(row.bytes());
  return mdb_put(txn, table(Table::meta), &key, &value, 0);
}

int Tables::read_generation(MDB_txn* txn, std::uint64_t& generation) const {
  MDB_val key = view(as_bytes(generation_key)), value{};
  const int code = mdb_get(txn, table(Table::meta), &key, &value);
  if (code == 0) generation = ByteReader(view(value)).u64();
  return code;
}

int Tables::erase_all(MDB_txn* txn, MDB_dbi dbi, ByteView prefix) const {
  Cursor c;
  int code = mdb_cursor_open(txn, dbi, &c.cursor);
  MDB_val key = view(prefix), value{};
  if (code == 0) code = mdb_cursor_get(c.cursor, &key, &value, MDB_SET_RANGE);
  while (code == 0 && starts_with(view(key), prefix)) {
    code = mdb_cursor_del(c.cursor, 0);
    if (code == 0) code = mdb_cursor_get(c.cursor, &key, &value, MDB_NEXT);
  }
  return code == MDB_NOTFOUND ? 0 : code;
}

}  // namespace vouch::store
