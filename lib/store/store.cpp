// SPDX-License-Identifier: MIT
#include "vouch/store/store.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "vouch/crdt/check.hpp"
#include "vouch/schemas/byte_io.hpp"
#include "vouch/schemas/bytes.hpp"
#include "vouch/store/flusher.hpp"
#include "vouch/store/journal.hpp"
#include "vouch/store/late_rows.hpp"
#include "vouch/store/tables.hpp"
#include "vouch/transport/crypto.hpp"

namespace vouch::store {
namespace {

namespace fs = std::filesystem;

/// A checkpoint is due once so many scattered rows were put, or wait, since the last one. Each may
/// touch a page of its own, and LMDB keeps memory for as many pages as one transaction ever
/// touched: without this limit that grows with the tables, since rows of a small table share their
/// pages.
constexpr std::size_t scattered_max = 8192;

/// Of the map, more than rows can need that wait: none is refused later that was taken.
constexpr std::size_t deferred_room = std::size_t{512} << 20;

/// Events and batches stand in the order in which they come: many share a page whatever there is.
bool is_scattered(Table table) {
  return table != Table::payloads && table != Table::batches;
}

/// Certificates are erased by the subject that they are of.
bool may_wait(Table table) {
  return is_scattered(table) && table != Table::certificates;
}

/// Not to be guessed: no bytes that came from others look like a record of this journal.
std::uint64_t random_generation() {
  std::array<std::uint8_t, 8> random{};
  crypto::random_bytes(random);
  return ByteReader(random).u64();
}

/// What is flushed there is flushed at once.
bool is_in_memory(const fs::path& folder) {
  struct statfs medium {};
  return ::statfs(folder.c_str(), &medium) == 0 && medium.f_type == TMPFS_MAGIC;
}

}  // namespace

struct Store::Impl {
  fs::path folder;
  Tables tables;
  Journal journal;
  int lock_fd = -1;
  bool in_memory = false;
  /// The transaction that has what the journal has. LMDB binds it to the thread that began it.
  Transaction open;
  /// What it does not have yet: most of these rows are written anew or erased soon. Who reads of
  /// their table brings them in before.
  LateRows late;
  bool defers = false;        ///< there is room for all that may wait
  std::size_t scattered = 0;  ///< rows put into it
  std::thread::id owner;
  std::atomic<bool> peek_failed{false};
  std::uint64_t checkpoints = 0;
  Flusher flusher;

  explicit Impl(std::function<void()> flushed)
      : flusher([this] { return journal.flush(); }, std::move(flushed)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    open.abort();
    if (lock_fd >= 0) ::close(lock_fd);
  }

  /// LMDB does not refuse a second opener; a lock of our own does.
  Result<void> lock() {
    const fs::path file = folder / "peer.lock";
    lock_fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock_fd < 0)
      return fail(Errc::io, "cannot open " + file.string() + ": " + std::strerror(errno));
    if (::flock(lock_fd, LOCK_EX | LOCK_NB) == 0) return {};
    return fail(Errc::busy, folder.string() + " is in use by another peer; stop that one first");
  }

  Result<void> open_all(std::size_t map_bytes) {
    in_memory = is_in_memory(folder);
    const fs::path file = folder / "journal";
    const bool fresh = !fs::exists(folder / "data.mdb");
    if (fresh) {
      if (auto made = Journal::make(file); !made) return made;
    }
    if (auto opened = tables.open(folder, map_bytes, random_generation()); !opened) return opened;
    if (auto opened = journal.open(file, tables.generation()); !opened) return opened;
    return checkpoint();
  }

  tl::unexpected<Error> writing(int code) const {
    return lmdb_error(code, "writing to " + folder.string());
  }

  /// The open transaction. After an error it begins anew, with all that the journal has.
  Result<MDB_txn*> writer() {
    if (open.txn != nullptr) {
      VOUCH_CHECK(owner == std::this_thread::get_id());
      return open.txn;
    }
    if (const int code = tables.begin(open, 0); code != 0) return writing(code);
    owner = std::this_thread::get_id();
    scattered = 0;
    defers = tables.has_room(deferred_room);
    Result<void> put{};
    auto read = journal.replay([&](ByteView record) {
      Bytes kept = to_bytes(record);
      put = put_all(kept);
      late.keep(std::move(kept));
      return put.has_value();
    });
    if (read && put) return open.txn;
    abort();
    return tl::unexpected(read ? put.error() : read.error());
  }

  /// The record must live as long as what waits.
  Result<void> put_all(ByteView record) {
    int code = 0;
    RowReader rows(record);
    while (const auto row = rows.next()) {
      const bool waits = defers && may_wait(row->table);
      if (waits && !row->prefix) {
        late.put(*row);
        continue;
      }
      if (code == 0 && waits) code = bring_in(row->table);
      if (code == 0) code = put(*row);
    }
    VOUCH_CHECK(rows.done());
    if (code != 0) return writing(code);
    return {};
  }

  int put(const RowView& row) {
    if (is_scattered(row.table)) ++scattered;
    return tables.put(open.txn, row);
  }

  int bring_in(Table table) {
    int code = 0;
    for (const RowView& row : late.take(table)) {
      if (code == 0) code = put(row);
    }
    return code;
  }

  int bring_all_in() {
    int code = 0;
    for (std::size_t i = 0; code == 0 && i < Tables::count; ++i) {
      code = bring_in(static_cast<Table>(i));
    }
    return code;
  }

  /// The journal still has what was put and what waits.
  void abort() {
    open.abort();
    late.clear();
  }

  Result<void> checkpoint() {
    if (open.txn == nullptr && journal.empty()) return {};
    if (auto txn = writer(); !txn) return tl::unexpected(txn.error());
    const std::uint64_t next = tables.generation() + 1;
    int code = bring_all_in();
    if (code == 0) code = tables.put_generation(open.txn, next);
    if (code == 0) code = open.commit();
    abort();
    if (code != 0) return writing(code);
    tables.set_generation(next);
    ++checkpoints;
    journal.restart(next);
    return {};
  }

  /// The rows are in the transaction and in the journal, or in neither.
  Result<void> write(std::span<const Row> rows) {
    VOUCH_CHECK(!flusher.under_way());
    if (peek_failed) return fail(Errc::io, folder.string() + " could not be read; start again");
    // A record behind one that is not on disk yet would look like damage after a power cut.
    if (auto flushed = *flush(true); !flushed) return flushed;
    Bytes record = encode_rows(rows);
    const bool small = record.size() <= Journal::record_max;
    const bool due = open.txn != nullptr && scattered + late.size() >= scattered_max;
    if (small && (due || !journal.fits(record.size()))) {
      if (auto made = checkpoint(); !made) return made;
    }
    if (auto txn = writer(); !txn) return tl::unexpected(txn.error());
    auto done = put_all(record);
    if (done) done = small ? journal.append(record) : checkpoint();
    if (!done) give_up();
    if (done && small) late.keep(std::move(record));
    return done;
  }

  std::optional<Result<void>> flush(bool wait) {
    if (!flusher.under_way()) {
      if (journal.settled()) return Result<void>();
      // Another thread would take longer to come to it than this one to do it.
      if (in_memory) return settle(journal.flush());
      flusher.begin();
    }
    auto done = flusher.result(wait);
    if (!done) return std::nullopt;
    return settle(std::move(*done));
  }

  Result<void> settle(Result<void> flushed) {
    if (flushed) {
      journal.settle();
    } else {
      give_up();
    }
    return flushed;
  }

  /// What was not flushed is gone. What was comes to rest, so that it is not replayed at every
  /// attempt.
  void give_up() {
    journal.drop_unsettled();
    abort();
    (void)checkpoint();
  }

  /// To read from: what is open for writing, or a snapshot.
  Result<MDB_txn*> reader(Transaction& own, Table table) {
    if (open.txn == nullptr && journal.empty()) {
      if (const int code = tables.begin(own, MDB_RDONLY); code != 0) return reading(code);
      return own.txn;
    }
    auto txn = writer();
    if (!txn) return txn;
    if (const int code = bring_in(table); code != 0) {
      abort();
      return writing(code);
    }
    return txn;
  }

  Result<std::optional<Bytes>> get(MDB_txn* txn, Table table, ByteView key) const {
    MDB_val name = view(key), value{};
    const int code = mdb_get(txn, tables.table(table), &name, &value);
    if (code == MDB_NOTFOUND) return std::optional<Bytes>{};
    if (code != 0) return reading(code);
    return std::optional<Bytes>(to_bytes(view(value)));
  }

  tl::unexpected<Error> reading(int code) const {
    return lmdb_error(code, "reading " + folder.string());
  }
};

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() {
  if (impl_->open.txn == nullptr) return;
  // What cannot be brought in now stays in the journal.
  (void)impl_->checkpoint();
}

Result<std::unique_ptr<Store>> Store::open(const fs::path& folder, StoreOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options.flushed));
  impl->folder = folder;
  std::error_code error;
  if (fs::create_directories(folder, error)) fs::permissions(folder, fs::perms::owner_all, error);
  if (error) return fail(Errc::io, "cannot make " + folder.string() + ": " + error.message());
  if (auto locked = impl->lock(); !locked) return tl::unexpected(locked.error());
  if (auto opened = impl->open_all(options.map_bytes); !opened)
    return tl::unexpected(opened.error());
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

Result<void> Store::write(std::span<const Row> rows) {
  return impl_->write(rows);
}

std::optional<Result<void>> Store::flush(bool wait) {
  return impl_->flush(wait);
}

Result<void> Store::checkpoint() {
  return impl_->checkpoint();
}

std::uint64_t Store::checkpoints() const {
  return impl_->checkpoints;
}

Result<std::optional<Bytes>> Store::get(Table table, ByteView key) const {
  Transaction own;
  auto txn = impl_->reader(own, table);
  if (!txn) return tl::unexpected(txn.error());
  return impl_->get(*txn, table, key);
}

Result<std::optional<Bytes>> Store::peek(Table table, ByteView key) const {
  Transaction own;
  const int code = impl_->tables.begin(own, MDB_RDONLY);
  auto found = code == 0 ? impl_->get(own.txn, table, key) : impl_->reading(code);
  if (!found) impl_->peek_failed = true;
  return found;
}

Result<void> Store::scan(Table table, ByteView from, const RowVisitor& visit) const {
  Transaction own;
  auto txn = impl_->reader(own, table);
  if (!txn) return tl::unexpected(txn.error());
  Cursor c;
  int code = mdb_cursor_open(*txn, impl_->tables.table(table), &c.cursor);
  MDB_val key = view(from), value{};
  if (code == 0)
    code = mdb_cursor_get(c.cursor, &key, &value, from.empty() ? MDB_FIRST : MDB_SET_RANGE);
  while (code == 0 && visit(view(key), view(value))) {
    code = mdb_cursor_get(c.cursor, &key, &value, MDB_NEXT);
  }
  if (code != 0 && code != MDB_NOTFOUND) return impl_->reading(code);
  return {};
}

Result<Bytes> Store::floor_key(Table table, ByteView wanted, ByteView prefix) const {
  Transaction own;
  auto txn = impl_->reader(own, table);
  if (!txn) return tl::unexpected(txn.error());
  Cursor c;
  int code = mdb_cursor_open(*txn, impl_->tables.table(table), &c.cursor);
  MDB_val key = view(wanted), value{};
  if (code == 0) code = mdb_cursor_get(c.cursor, &key, &value, MDB_SET_RANGE);
  const bool exact = code == 0 && std::ranges::equal(view(key), wanted);
  if (!exact && code == 0) code = mdb_cursor_get(c.cursor, &key, &value, MDB_PREV);
  if (code == MDB_NOTFOUND) code = mdb_cursor_get(c.cursor, &key, &value, MDB_LAST);
  if (code != 0 && code != MDB_NOTFOUND) return impl_->reading(code);
  const bool below = code == 0 && starts_with(view(key), prefix) &&
                     !std::ranges::lexicographical_compare(wanted, view(key));
  return to_bytes(below ? view(key) : wanted);
}

}  // namespace vouch::store
