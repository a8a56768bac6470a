// A reader beside a writer: it sees what the journal has over the tables, all of one moment.
// SPDX-License-Identifier: MIT
#include "vouch/store/snapshot.hpp"

#include <csignal>
#include <fstream>
#include <functional>

#include "tests/transport/temporary_folder.hpp"
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vouch/schemas/byte_io.hpp"
#include "vouch/store/store.hpp"

namespace vouch::store::snapshot_test {
namespace {

namespace fs = std::filesystem;
using Rows = std::map<Bytes, Bytes>;

void put_into(Rows& rows, const Row& row) {
  if (row.prefix) {
    std::erase_if(rows, [&](const auto& entry) { return starts_with(entry.first, row.key); });
  } else if (row.value) {
    rows[row.key] = *row.value;
  } else {
    rows.erase(row.key);
  }
}

/// Short keys over few letters: prefixes of each other, again and again.
Bytes drawn_key() {
  return *rc::gen::container<Bytes>(*rc::gen::inRange<std::size_t>(1, 5),
                                    rc::gen::inRange<std::uint8_t>(0, 3));
}

Row drawn_row() {
  Row row{Table::cells, drawn_key(), std::nullopt};
  const int kind = *rc::gen::inRange(0, 4);
  row.prefix = kind == 0;
  if (kind > 1) row.value = Bytes{*rc::gen::arbitrary<std::uint8_t>()};
  return row;
}

/// Draws rows for a store, some of them checkpointed, and what it then holds.
struct Story {
  std::vector<std::vector<Row>> commits;
  std::size_t checkpointed = 0;
  Rows end;
};

Story drawn_story() {
  Story out;
  out.commits.resize(*rc::gen::inRange<std::size_t>(1, 12));
  for (auto& commit : out.commits) {
    commit.resize(*rc::gen::inRange<std::size_t>(1, 6));
    for (Row& row : commit) put_into(out.end, row = drawn_row());
  }
  out.checkpointed = *rc::gen::inRange<std::size_t>(0, out.commits.size() + 1);
  return out;
}

RC_GTEST_PROP(JournalRows, SayWhatTheTablesWouldWithThem, ()) {
  const Story story = drawn_story();
  Rows below;
  JournalRows above;
  for (std::size_t i = 0; i < story.commits.size(); ++i) {
    if (i >= story.checkpointed) {
      above.add(story.commits[i]);
    } else {
      for (const Row& row : story.commits[i]) put_into(below, row);
    }
  }
  const JournalRows::Layer& layer = above.of(Table::cells);
  std::erase_if(below, [&](const auto& entry) { return layer.covers(entry.first); });
  for (const auto& [key, value] : layer.rows()) {
    RC_ASSERT(layer.covers(key));
    if (value) below[key] = *value;
  }
  RC_ASSERT(below == story.end);
}

/// What a store or a snapshot of one holds from a key on.
Rows held(const auto& reader, Table table, ByteView from = {}) {
  Rows out;
  const auto read = reader.scan(table, from, [&](ByteView key, ByteView value) {
    EXPECT_TRUE(out.empty() || std::prev(out.end())->first < to_bytes(key)) << "in key order";
    out[to_bytes(key)] = to_bytes(value);
    return true;
  });
  EXPECT_TRUE(read);
  return out;
}

RC_GTEST_PROP(Store, HoldsAtEveryMomentWhatWasWritten, ()) {
  const TemporaryFolder folder;
  const auto open = [&folder] {
    auto store = Store::open(folder.path / "store", {});
    RC_ASSERT(store.has_value());
    return std::move(*store);
  };
  auto store = open();
  Rows now;
  const int steps = *rc::gen::inRange(1, 30);
  for (int i = 0; i < steps; ++i) {
    const int step = *rc::gen::inRange(0, 8);
    if (step == 0) {
      store.reset();
      store = open();
    } else if (step == 1) {
      RC_ASSERT(store->checkpoint().has_value());
    } else if (step == 2) {
      const Bytes from = drawn_key();
      RC_ASSERT(held(*store, Table::cells, from) == Rows(now.lower_bound(from), now.end()));
    } else if (step == 3) {
      const Bytes key = drawn_key();
      const auto row = store->get(Table::cells, key);
      const auto wanted = now.find(key);
      RC_ASSERT(row.has_value());
      RC_ASSERT(*row == (wanted == now.end() ? std::nullopt : std::optional(wanted->second)));
    } else {
      std::vector<Row> rows(*rc::gen::inRange<std::size_t>(1, 6));
      for (Row& row : rows) put_into(now, row = drawn_row());
      RC_ASSERT(store->commit(rows).has_value());
    }
  }
  RC_ASSERT(held(*store, Table::cells) == now);
}

/// `work` in a process of its own, which is killed when it has returned, or by kill.
class Writer {
 public:
  explicit Writer(const std::function<void()>& work) : pid_(::fork()) {
    if (pid_ != 0) return;
    work();
    ::_exit(0);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() { kill(); }
  int wait() {
    int status = 0;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    return status;
  }
  void kill() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGKILL);
    wait();
  }

 private:
  pid_t pid_ = 0;
};

RC_GTEST_PROP(Snapshot, ShowsAllThatAKilledWriterCommitted, ()) {
  const TemporaryFolder folder;
  const Story story = drawn_story();
  Writer writer([&] {
    auto store = Store::open(folder.path / "store", {});
    if (!store) ::_exit(1);
    for (std::size_t i = 0; i < story.commits.size(); ++i) {
      if (i == story.checkpointed && !(*store)->checkpoint()) ::_exit(2);
      if (!(*store)->commit(story.commits[i])) ::_exit(3);
    }
    ::_exit(0);  // nothing is brought in
  });
  RC_ASSERT(writer.wait() == 0);
  const auto snapshot = Snapshot::take(folder.path / "store");
  RC_ASSERT(snapshot.has_value());
  RC_ASSERT(held(**snapshot, Table::cells) == story.end);
  const Bytes from = drawn_key();
  RC_ASSERT(held(**snapshot, Table::cells, from) ==
            Rows(story.end.lower_bound(from), story.end.end()));
}

TEST(Snapshot, IsOfOneMomentWhileAPeerWritesAndCheckpoints) {
  const TemporaryFolder folder;
  std::array<int, 2> ready{};
  ASSERT_EQ(::pipe(ready.data()), 0);
  Writer writer([&] {
    auto store = Store::open(folder.path / "store", {});
    if (!store) ::_exit(1);
    for (std::uint64_t i = 1;; ++i) {
      ByteWriter number;
      number.u64(i);
      // Two tables tell the same number, in the journal or below it.
      const std::vector<Row> rows{{Table::cells, Bytes{1}, number.bytes()},
                                  {Table::batches, Bytes{1}, number.bytes()}};
      if (!(*store)->commit(rows)) ::_exit(2);
      if (i % 64 == 0 && !(*store)->checkpoint()) ::_exit(3);
      if (i == 1 && ::write(ready[1], "1", 1) != 1) ::_exit(4);
    }
  });
  char started = 0;
  ASSERT_EQ(::read(ready[0], &started, 1), 1);
  std::uint64_t last = 0;
  for (int i = 0; i < 200; ++i) {
    const auto snapshot = Snapshot::take(folder.path / "store");
    ASSERT_TRUE(snapshot) << snapshot.error().text();
    const Rows cells = held(**snapshot, Table::cells);
    ASSERT_EQ(cells, held(**snapshot, Table::batches));
    ASSERT_EQ(cells.size(), 1U);
    const std::uint64_t now = ByteReader(cells.begin()->second).u64();
    ASSERT_GE(now, last) << "what was shown once is not taken back";
    last = now;
  }
  EXPECT_GT(last, 1U);
  writer.kill();
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(Snapshot, NamesADamagedJournal) {
  const TemporaryFolder folder;
  Writer writer([&] {
    auto store = Store::open(folder.path / "store", {});
    for (std::uint8_t i = 0; store && i < 3; ++i) {
      (void)(*store)->commit(std::vector<Row>{{Table::cells, Bytes{i}, Bytes{i}}});
    }
    ::_exit(0);
  });
  ASSERT_EQ(writer.wait(), 0);
  {
    std::fstream journal(folder.path / "store" / "journal",
                         std::ios::in | std::ios::out | std::ios::binary);
    journal.put('x');
  }
  const auto snapshot = Snapshot::take(folder.path / "store");
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().code, Errc::malformed);
  EXPECT_NE(snapshot.error().detail.find("is damaged at byte 0"), std::string::npos);
}

}  // namespace
}  // namespace vouch::store::snapshot_test
