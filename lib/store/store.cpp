// SPDX-License-Identifier: MIT
#include "vouch/store/store.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <lmdb.h>
#include <sys/file.h>
#include <unistd.h>

#include "vouch/schemas/byte_io.hpp"

namespace vouch::store {
namespace {

namespace fs = std::filesystem;

constexpr std::array table_names{"meta",    "batches",  "frontier",  "cells",
                                 "streams", "payloads", "agreement", "certificates"};
constexpr std::uint32_t format_version = 3;

MDB_val view(ByteView bytes) {
  return {bytes.size(), const_cast<std::uint8_t*>(bytes.data())};
}

ByteView view(const MDB_val& value) {
  return {static_cast<const std::uint8_t*>(value.mv_data), value.mv_size};
}

bool starts_with(ByteView key, ByteView prefix) {
  return key.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), key.begin());
}

tl::unexpected<Error> lmdb_error(int code, const std::string& doing) {
  const bool full = code == MDB_MAP_FULL || code == ENOSPC || code == EDQUOT;
  const char* hint = full ? "; free some space, the peer goes on by itself" : "";
  return fail(full ? Errc::storage_full : Errc::io, doing + ": " + mdb_strerror(code) + hint);
}

const Bytes& version_key() {
  static const Bytes key = to_bytes(as_bytes("format"));
  return key;
}

/// Aborts on every path that does not commit.
struct Transaction {
  MDB_txn* txn = nullptr;
  ~Transaction() {
    if (txn != nullptr) mdb_txn_abort(txn);
  }
  int commit() { return mdb_txn_commit(std::exchange(txn, nullptr)); }
};

struct Cursor {
  MDB_cursor* cursor = nullptr;
  ~Cursor() {
    if (cursor != nullptr) mdb_cursor_close(cursor);
  }
};

}  // namespace

struct Store::Impl {
  fs::path folder;
  MDB_env* env = nullptr;
  int lock_fd = -1;
  std::array<MDB_dbi, table_names.size()> tables{};

  ~Impl() {
    if (env != nullptr) mdb_env_close(env);
    if (lock_fd >= 0) ::close(lock_fd);
  }
  MDB_dbi table(Table t) const { return tables[static_cast<std::size_t>(t)]; }

  /// LMDB does not refuse a second opener; a lock of our own does.
  Result<void> lock() {
    const fs::path file = folder / "peer.lock";
    lock_fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock_fd < 0)
      return fail(Errc::io, "cannot open " + file.string() + ": " + std::strerror(errno));
    if (::flock(lock_fd, LOCK_EX | LOCK_NB) == 0) return {};
    return fail(Errc::busy, folder.string() + " is in use by another peer; stop that one first");
  }

  Result<void> open(std::size_t map_bytes, unsigned flags) {
    int code = mdb_env_create(&env);
    if (code == 0) code = mdb_env_set_maxdbs(env, table_names.size());
    if (code == 0 && map_bytes != 0) code = mdb_env_set_mapsize(env, map_bytes);
    // Threads ask through one owner, so readers need no slot of their own thread.
    if (code == 0) code = mdb_env_open(env, folder.c_str(), flags | MDB_NOTLS, 0600);
    if (code != 0) return lmdb_error(code, "opening " + folder.string());
    return open_tables(flags);
  }

  Result<void> open_tables(unsigned flags) {
    const bool read_only = (flags & MDB_RDONLY) != 0;
    Transaction t;
    int code = mdb_txn_begin(env, nullptr, flags & MDB_RDONLY, &t.txn);
    for (std::size_t i = 0; code == 0 && i < table_names.size(); ++i) {
      code = mdb_dbi_open(t.txn, table_names[i], read_only ? 0 : MDB_CREATE, &tables[i]);
    }
    if (code != 0) return lmdb_error(code, "opening tables of " + folder.string());
    if (auto checked = check_version(t.txn, read_only); !checked) return checked;
    if ((code = t.commit()) != 0) return lmdb_error(code, "opening tables of " + folder.string());
    return {};
  }

  Result<void> check_version(MDB_txn* txn, bool read_only) {
    MDB_val key = view(version_key()), value{};
    const int found = mdb_get(txn, table(Table::meta), &key, &value);
    if (found == 0) {
      const std::uint32_t made_by = ByteReader(view(value)).u32();
      if (made_by == format_version) return {};
      return fail(Errc::malformed,
                  folder.string() + " has another format; it was made by another version");
    }
    if (found != MDB_NOTFOUND || read_only) return lmdb_error(found, "reading the format");
    ByteWriter row;
    row.u32(format_version);
    value = view(row.bytes());
    const int put = mdb_put(txn, table(Table::meta), &key, &value, 0);
    if (put != 0) return lmdb_error(put, "writing the format");
    return {};
  }

  int erase_all(MDB_txn* txn, MDB_dbi dbi, ByteView prefix) const {
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

  int put(MDB_txn* txn, const Row& row) const {
    if (row.prefix) return erase_all(txn, table(row.table), row.key);
    MDB_val key = view(row.key);
    if (!row.value) {
      const int erased = mdb_del(txn, table(row.table), &key, nullptr);
      return erased == MDB_NOTFOUND ? 0 : erased;
    }
    MDB_val value = view(*row.value);
    return mdb_put(txn, table(row.table), &key, &value, 0);
  }
};

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const fs::path& folder, StoreOptions options) {
  auto impl = std::make_unique<Impl>();
  impl->folder = folder;
  std::error_code error;
  if (fs::create_directories(folder, error)) fs::permissions(folder, fs::perms::owner_all, error);
  if (error) return fail(Errc::io, "cannot make " + folder.string() + ": " + error.message());
  if (auto locked = impl->lock(); !locked) return tl::unexpected(locked.error());
  if (auto opened = impl->open(options.map_bytes, 0); !opened)
    return tl::unexpected(opened.error());
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

Result<std::unique_ptr<Store>> Store::open_read_only(const fs::path& folder) {
  if (!fs::exists(folder / "data.mdb")) {
    return fail(Errc::io, folder.string() + " holds no store; give the data folder of a peer");
  }
  auto impl = std::make_unique<Impl>();
  impl->folder = folder;
  if (auto opened = impl->open(0, MDB_RDONLY); !opened) return tl::unexpected(opened.error());
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

Result<void> Store::commit(std::span<const Row> rows) {
  Transaction t;
  int code = mdb_txn_begin(impl_->env, nullptr, 0, &t.txn);
  for (auto row = rows.begin(); code == 0 && row != rows.end(); ++row)
    code = impl_->put(t.txn, *row);
  if (code == 0) code = t.commit();
  if (code != 0) return lmdb_error(code, "writing to " + impl_->folder.string());
  return {};
}

Result<std::optional<Bytes>> Store::get(Table table, ByteView key) const {
  Transaction t;
  int code = mdb_txn_begin(impl_->env, nullptr, MDB_RDONLY, &t.txn);
  MDB_val name = view(key), value{};
  if (code == 0) code = mdb_get(t.txn, impl_->table(table), &name, &value);
  if (code == MDB_NOTFOUND) return std::optional<Bytes>{};
  if (code != 0) return lmdb_error(code, "reading " + impl_->folder.string());
  return std::optional<Bytes>(to_bytes(view(value)));
}

Result<void> Store::scan(Table table, ByteView from, const RowVisitor& visit) const {
  Transaction t;
  Cursor c;
  int code = mdb_txn_begin(impl_->env, nullptr, MDB_RDONLY, &t.txn);
  if (code == 0) code = mdb_cursor_open(t.txn, impl_->table(table), &c.cursor);
  MDB_val key = view(from), value{};
  if (code == 0)
    code = mdb_cursor_get(c.cursor, &key, &value, from.empty() ? MDB_FIRST : MDB_SET_RANGE);
  while (code == 0 && visit(view(key), view(value))) {
    code = mdb_cursor_get(c.cursor, &key, &value, MDB_NEXT);
  }
  if (code != 0 && code != MDB_NOTFOUND)
    return lmdb_error(code, "reading " + impl_->folder.string());
  return {};
}

Result<Bytes> Store::floor_key(Table table, ByteView wanted, ByteView prefix) const {
  Transaction t;
  Cursor c;
  int code = mdb_txn_begin(impl_->env, nullptr, MDB_RDONLY, &t.txn);
  if (code == 0) code = mdb_cursor_open(t.txn, impl_->table(table), &c.cursor);
  MDB_val key = view(wanted), value{};
  if (code == 0) code = mdb_cursor_get(c.cursor, &key, &value, MDB_SET_RANGE);
  const bool exact = code == 0 && std::ranges::equal(view(key), wanted);
  if (!exact && code == 0) code = mdb_cursor_get(c.cursor, &key, &value, MDB_PREV);
  if (code == MDB_NOTFOUND) code = mdb_cursor_get(c.cursor, &key, &value, MDB_LAST);
  if (code != 0 && code != MDB_NOTFOUND)
    return lmdb_error(code, "reading " + impl_->folder.string());
  const bool below = code == 0 && starts_with(view(key), prefix) &&
                     !std::ranges::lexicographical_compare(wanted, view(key));
  return to_bytes(below ? view(key) : wanted);
}

}  // namespace vouch::store
