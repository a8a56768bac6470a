// The store in stories: all rows or none, a writer killed at any point, a full map, other openers.
// SPDX-License-Identifier: MIT
#include "vouch/store/store.hpp"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <future>
#include <thread>

#include "tests/transport/temporary_folder.hpp"
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vouch/schemas/byte_io.hpp"
#include "vouch/store/snapshot.hpp"

namespace vouch::store::store_test {
namespace {

namespace fs = std::filesystem;

Bytes key_of(std::uint64_t number) {
  Bytes key(8);
  for (int i = 7; i >= 0; --i, number >>= 8U) {
    key[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(number);
  }
  return key;
}

std::uint64_t number_of(ByteView key) {
  std::uint64_t number = 0;
  for (const std::uint8_t byte : key) number = number << 8U | byte;
  return number;
}

template <class Rows>
std::vector<std::uint64_t> keys(const Rows& store, Table table, std::uint64_t from = 0) {
  std::vector<std::uint64_t> out;
  const auto read = store.scan(table, key_of(from), [&](ByteView key, ByteView) {
    out.push_back(number_of(key));
    return true;
  });
  EXPECT_TRUE(read);
  return out;
}

std::unique_ptr<Store> open(const TemporaryFolder& folder, StoreOptions options = {}) {
  auto store = Store::open(folder.path / "store", std::move(options));
  EXPECT_TRUE(store) << store.error().text();
  return store ? std::move(*store) : nullptr;
}

TEST(Store, KeepsRowsInKeyOrderAcrossOpenings) {
  const TemporaryFolder folder;
  {
    const auto store = open(folder);
    const std::vector<Row> rows{{Table::cells, key_of(3), Bytes{3}},
                                {Table::cells, key_of(1), Bytes{1}},
                                {Table::batches, key_of(2), Bytes{2}}};
    ASSERT_TRUE(store->commit(rows));
  }
  const auto store = open(folder);
  EXPECT_EQ(keys(*store, Table::cells), (std::vector<std::uint64_t>{1, 3}));
  EXPECT_EQ(keys(*store, Table::cells, 2), (std::vector<std::uint64_t>{3}));
  EXPECT_EQ(store->get(Table::batches, key_of(2))->value(), Bytes{2});
  EXPECT_FALSE(store->get(Table::batches, key_of(1))->has_value());
}

TEST(Store, ErasesOneRowOrAllThatShareAPrefix) {
  const TemporaryFolder folder;
  const auto store = open(folder);
  std::vector<Row> rows;
  for (std::uint64_t i = 254; i < 260; ++i) rows.push_back({Table::payloads, key_of(i), Bytes{}});
  ASSERT_TRUE(store->commit(rows));
  ASSERT_TRUE(store->commit(std::vector<Row>{{Table::payloads, key_of(255), std::nullopt}}));
  EXPECT_EQ(keys(*store, Table::payloads), (std::vector<std::uint64_t>{254, 256, 257, 258, 259}));
  Bytes prefix = key_of(256);
  prefix.pop_back();
  // In the order of the rows: what is written after the erasure stays.
  ASSERT_TRUE(store->commit(std::vector<Row>{{Table::payloads, prefix, std::nullopt, true},
                                             {Table::payloads, key_of(258), Bytes{}}}));
  EXPECT_EQ(keys(*store, Table::payloads), (std::vector<std::uint64_t>{254, 258}));
}

TEST(Store, FindsTheLastKeyNotAboveAnother) {
  const TemporaryFolder folder;
  const auto store = open(folder);
  ASSERT_TRUE(store->commit(std::vector<Row>{{Table::payloads, key_of(10), Bytes{}},
                                             {Table::payloads, key_of(20), Bytes{}}}));
  const Bytes prefix(7, 0);
  EXPECT_EQ(store->floor_key(Table::payloads, key_of(15), prefix).value(), key_of(10));
  EXPECT_EQ(store->floor_key(Table::payloads, key_of(20), prefix).value(), key_of(20));
  EXPECT_EQ(store->floor_key(Table::payloads, key_of(99), prefix).value(), key_of(20));
  EXPECT_EQ(store->floor_key(Table::payloads, key_of(5), prefix).value(), key_of(5));
}

TEST(Store, IsForOneWriterAndAnyReader) {
  const TemporaryFolder folder;
  const auto store = open(folder);
  ASSERT_TRUE(store->commit(std::vector<Row>{{Table::cells, key_of(1), Bytes{1}}}));
  const auto second = Store::open(folder.path / "store", {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::busy);
  ASSERT_TRUE(store->checkpoint());
  ASSERT_TRUE(store->commit(std::vector<Row>{{Table::cells, key_of(7), Bytes{7}}}));
  const auto reader = Snapshot::take(folder.path / "store");
  // LMDB allows one environment per process and file; a reader of the same process is refused or
  // works, but never harms the writer.
  if (reader) {
    EXPECT_EQ(keys(**reader, Table::cells), (std::vector<std::uint64_t>{1, 7}));
  }
  EXPECT_EQ(keys(*store, Table::cells), (std::vector<std::uint64_t>{1, 7}));
  EXPECT_TRUE(store->commit(std::vector<Row>{{Table::cells, key_of(2), Bytes{2}}}));
}

TEST(Store, ShowsADumperWhatAKilledPeerLeft) {
  const TemporaryFolder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    auto store = Store::open(folder.path / "store", {});
    const bool done =
        store && (*store)->commit(std::vector<Row>{{Table::cells, key_of(5), Bytes{5}}});
    ::_exit(done ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  const auto reader = Snapshot::take(folder.path / "store");
  ASSERT_TRUE(reader) << reader.error().text();
  EXPECT_EQ(keys(**reader, Table::cells), (std::vector<std::uint64_t>{5}));
}

TEST(Store, ADumperLeavesAFolderAtRestUnlocked) {
  const TemporaryFolder folder;
  ASSERT_TRUE(open(folder)->commit(std::vector<Row>{{Table::cells, key_of(1), Bytes{1}}}));
  const fs::path lock = folder.path / "store" / "peer.lock";
  ASSERT_TRUE(fs::remove(lock));
  const auto reader = Snapshot::take(folder.path / "store");
  ASSERT_TRUE(reader) << reader.error().text();
  EXPECT_EQ(keys(**reader, Table::cells), (std::vector<std::uint64_t>{1}));
  EXPECT_FALSE(fs::exists(lock)) << "a peer that starts meanwhile would be refused";
}

TEST(Store, GoesFromOneThreadToTheNextAtACheckpoint) {
  const TemporaryFolder folder;
  const auto store = open(folder);
  ASSERT_TRUE(store->commit(std::vector<Row>{{Table::cells, key_of(1), Bytes{1}}}));
  ASSERT_TRUE(store->checkpoint());
  std::thread([&] {
    EXPECT_TRUE(store->commit(std::vector<Row>{{Table::cells, key_of(2), Bytes{2}}}));
    EXPECT_TRUE(store->checkpoint());
  }).join();
  EXPECT_EQ(keys(*store, Table::cells), (std::vector<std::uint64_t>{1, 2}));
}

TEST(Store, ReadsWhatItIsStillBringingToDisk) {
  TemporaryFolder folder;
  std::promise<void> flushed;
  auto store = Store::open(folder.path / "s",
                           {StoreOptions{}.map_bytes, [&flushed] { flushed.set_value(); }});
  ASSERT_TRUE(store);
  const std::vector<Row> rows{{Table::cells, Bytes{1}, Bytes{2}}};
  ASSERT_TRUE((*store)->write(rows));
  EXPECT_EQ((*store)->get(Table::cells, Bytes{1}), std::optional(Bytes{2}));
  auto result = (*store)->flush(false);
  if (!result) {  // in memory it is over at once
    flushed.get_future().wait();
    result = (*store)->flush(false);
  }
  ASSERT_TRUE(result && *result);
  // Nothing is left to do.
  EXPECT_TRUE((*store)->flush(false));
}

TEST(Store, KeepsRowsOfEverySizeThroughManyJournals) {
  const TemporaryFolder folder;
  std::vector<std::uint64_t> all;
  {
    const auto store = open(folder);
    for (std::uint64_t i = 0; i < 60; ++i) {
      // From one byte to beyond what the journal takes in one record, and back.
      const std::size_t size = std::size_t{1} << (i % 20);
      ASSERT_TRUE(store->commit(std::vector<Row>{{Table::cells, key_of(i), Bytes(size, 9)}}));
      ASSERT_EQ(store->get(Table::cells, key_of(i))->value().size(), size);
      all.push_back(i);
    }
  }
  EXPECT_EQ(keys(*open(folder), Table::cells), all);
}

TEST(Store, RefusesAFolderWithoutItsJournal) {
  const TemporaryFolder folder;
  open(folder);
  fs::remove(folder.path / "store" / "journal");
  const auto opened = Store::open(folder.path / "store", {});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::malformed);
  EXPECT_NE(opened.error().text().find("is missing"), std::string::npos);
}

TEST(Store, AFolderThatIsNoStoreIsNamed) {
  const TemporaryFolder folder;
  const auto missing = Snapshot::take(folder.path / "nothing");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().text().find("nothing"), std::string::npos) << missing.error().text();
}

TEST(Store, AFullMapTakesNoRowOfTheCommitAndGoesOnWhenThereIsRoom) {
  const TemporaryFolder folder;
  const auto store = open(folder, {1U << 20U});
  ASSERT_TRUE(store->commit(std::vector<Row>{{Table::cells, key_of(1), Bytes(1000, 1)}}));
  std::vector<Row> many;
  for (std::uint64_t i = 100; i < 3000; ++i) many.push_back({Table::cells, key_of(i), Bytes(900)});
  const auto full = store->commit(many);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, Errc::storage_full);
  EXPECT_EQ(keys(*store, Table::cells), (std::vector<std::uint64_t>{1}));
  EXPECT_TRUE(store->commit(std::vector<Row>{{Table::cells, key_of(2), Bytes{2}}}));
}

/// Commits pairs of rows until it is killed, and tells each commit that returned.
[[noreturn]] void write_for_ever(const TemporaryFolder& folder, int tell) {
  auto store = Store::open(folder.path / "store", {});
  for (std::uint64_t i = 1; store; ++i) {
    const std::vector<Row> rows{{Table::batches, key_of(i), Bytes(300, 7)},
                                {Table::cells, key_of(i), Bytes(50, 8)}};
    if (!(*store)->commit(rows) || ::write(tell, &i, sizeof i) != sizeof i) break;
  }
  ::_exit(1);
}

TEST(Store, AKilledWriterLosesNothingThatWasCommitted) {
  const TemporaryFolder folder;
  std::uint64_t before = 0;
  for (int round = 0; round < 8; ++round) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(pipe[0]);
      write_for_ever(folder, pipe[1]);
    }
    ::close(pipe[1]);
    std::uint64_t told = 0, committed = 0;
    for (int i = 0; i < 5 + round * 7 && ::read(pipe[0], &told, sizeof told) == sizeof told; ++i) {
      committed = told;
    }
    ::kill(child, SIGKILL);
    while (::read(pipe[0], &told, sizeof told) == sizeof told) committed = told;
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    const auto store = open(folder);
    const auto batches = keys(*store, Table::batches);
    EXPECT_EQ(batches, keys(*store, Table::cells)) << "a commit was torn";
    EXPECT_GE(batches.size(), std::max(committed, before));
    before = batches.size();
  }
}

TEST(Store, ItsFolderIsForItsOwnerAlone) {
  const TemporaryFolder folder;
  const auto store = open(folder);
  struct stat status {};
  ASSERT_EQ(::stat((folder.path / "store").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

}  // namespace
}  // namespace vouch::store::store_test
