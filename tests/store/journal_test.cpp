// The journal: what was appended comes back, cut at any byte; rot is told, never skipped.
// SPDX-License-Identifier: MIT
#include "vouch/store/journal.hpp"

#include <fstream>
#include <vector>

#include "tests/transport/temporary_folder.hpp"
#include <gtest/gtest.h>

namespace vouch::store::journal_test {
namespace {

constexpr std::uint64_t generation = 0x1122334455667788;

std::vector<Bytes> records(const Journal& journal) {
  std::vector<Bytes> out;
  const auto read = journal.replay([&](ByteView record) {
    out.emplace_back(record.begin(), record.end());
    return true;
  });
  EXPECT_TRUE(read);
  return out;
}

/// Three records of one, two and one block.
const std::vector<Bytes>& three() {
  static const std::vector<Bytes> made{Bytes(100, 1), Bytes(5000, 2), Bytes{}};
  return made;
}

class JournalTest : public testing::Test {
 protected:
  JournalTest() : file_(folder_.path / "journal") { EXPECT_TRUE(Journal::make(file_)); }

  void write_three() {
    Journal journal;
    ASSERT_TRUE(journal.open(file_, generation));
    ASSERT_TRUE(journal.empty());
    for (const Bytes& record : three()) append(journal, record);
  }
  static void append(Journal& journal, const Bytes& record) {
    ASSERT_TRUE(journal.append(record));
    ASSERT_TRUE(journal.flush());
    journal.settle();
  }
  void overwrite(std::size_t at, const Bytes& bytes) {
    std::fstream out(file_, std::ios::binary | std::ios::in | std::ios::out);
    out.seekp(static_cast<std::streamoff>(at));
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
  }
  Bytes content() {
    std::ifstream in(file_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  TemporaryFolder folder_;
  std::filesystem::path file_;
};

TEST_F(JournalTest, GivesBackWhatWasAppended) {
  write_three();
  Journal again;
  ASSERT_TRUE(again.open(file_, generation));
  EXPECT_EQ(records(again), three());
  EXPECT_EQ(std::filesystem::file_size(file_), Journal::file_bytes);
}

TEST_F(JournalTest, OfAnotherGenerationIsEmpty) {
  write_three();
  Journal next;
  ASSERT_TRUE(next.open(file_, generation + 1));
  EXPECT_TRUE(next.empty());
  append(next, Bytes{7});
  EXPECT_EQ(records(next), std::vector<Bytes>{Bytes{7}});
}

TEST_F(JournalTest, ARecordCutShortDoesNotExist) {
  write_three();
  const Bytes whole = content();
  // The second record: cut after any of its bytes, zeros stand where the rest would.
  const std::size_t begin = Journal::block_bytes, size = 5044;
  for (std::size_t cut = 0; cut < size; cut += cut < 60 ? 1 : 97) {
    overwrite(0, whole);
    overwrite(begin + cut, Bytes(3 * Journal::block_bytes - cut));
    Journal journal;
    ASSERT_TRUE(journal.open(file_, generation));
    EXPECT_EQ(records(journal), std::vector<Bytes>{three()[0]}) << cut;
  }
}

TEST_F(JournalTest, RotBeforeAGoodRecordIsToldWithItsPlace) {
  for (const std::size_t at : {std::size_t{3}, std::size_t{38}, Journal::block_bytes + 4500}) {
    ASSERT_TRUE(Journal::make(file_));
    write_three();
    overwrite(at, Bytes{0x5a});
    Journal journal;
    const auto opened = journal.open(file_, generation);
    ASSERT_FALSE(opened) << at;
    EXPECT_EQ(opened.error().code, Errc::malformed);
    EXPECT_NE(opened.error().text().find("byte " + std::to_string(at < 4096 ? 0 : 4096)),
              std::string::npos)
        << opened.error().text();
  }
}

TEST_F(JournalTest, IsFullAtItsEndAndNotBefore) {
  Journal journal;
  ASSERT_TRUE(journal.open(file_, generation));
  constexpr std::size_t blocks = 16 * Journal::block_bytes;
  const Bytes one(blocks - 44, 3);
  std::size_t count = 0;
  for (; journal.fits(one.size()); ++count) append(journal, one);
  EXPECT_EQ(count, Journal::file_bytes / blocks);
  EXPECT_EQ(records(journal).size(), count);
  journal.restart(generation + 1);
  EXPECT_TRUE(journal.empty());
  EXPECT_FALSE(journal.fits(Journal::record_max + 1));
}

}  // namespace
}  // namespace vouch::store::journal_test
