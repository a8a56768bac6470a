// Of each log the newest batches stay, those that too few have read, and the last one.
// SPDX-License-Identifier: MIT
#include "vouch/machine/log_trimmer.hpp"

#include "tests/sim/disk.hpp"
#include <gtest/gtest.h>

#include "vouch/sync/replica.hpp"

namespace vouch::machine::log_trimmer_test {
namespace {

struct LogTrimming : testing::Test {
  sim::SimDisk disk{1};
  LogTrimmer trimmer{1000};
  Writer log{PeerId{{1}}, 1}, other{PeerId{{1}}, 2};
  std::uint64_t read = UINT64_MAX;

  /// A batch of 100 bytes and one record.
  static Row batch(const Writer& writer, std::uint64_t number) {
    return {Table::batches, sync::Replica::batch_key(writer, number), Bytes(100)};
  }
  void write(const Writer& writer, std::uint64_t from, std::uint64_t upto) {
    for (std::uint64_t number = from; number <= upto; ++number) {
      const std::vector<Row> rows{batch(writer, number)};
      ASSERT_TRUE(disk.commit(rows));
      trimmer.note(rows);
    }
  }
  void cut() {
    for (int turn = 0; turn < 8; ++turn) {
      const auto gone = trimmer.cut(disk, [this](const Writer&) { return read; });
      ASSERT_TRUE(gone);
      ASSERT_TRUE(disk.commit(*gone));
      trimmer.note(*gone);
    }
  }
  std::vector<std::uint64_t> held(const Writer& writer) const {
    std::vector<std::uint64_t> out;
    for (std::uint64_t number = 1; number <= 2000; ++number) {
      if (disk.find(Table::batches, sync::Replica::batch_key(writer, number)) != nullptr) {
        out.push_back(number);
      }
    }
    return out;
  }
};

TEST_F(LogTrimming, TheNewestStayAndOtherLogsAreLeftAlone) {
  write(log, 1, 30);
  write(other, 1, 3);
  cut();
  EXPECT_EQ(held(log).size(), 10U);
  EXPECT_EQ(held(log).front(), 21U);
  EXPECT_EQ(held(other).size(), 3U);
}

TEST_F(LogTrimming, WhatWasThereBeforeTheStartCounts) {
  write(log, 1, 30);
  trimmer = LogTrimmer(1000);
  cut();
  EXPECT_EQ(held(log).size(), 30U) << "nothing was written since";
  write(log, 31, 31);
  cut();
  EXPECT_EQ(held(log).front(), 22U);
}

TEST_F(LogTrimming, WhatTooFewHaveReadStays) {
  read = 5;
  write(log, 1, 30);
  cut();
  EXPECT_EQ(held(log).front(), 6U);
  read = 8;
  write(log, 31, 31);
  cut();
  EXPECT_EQ(held(log).front(), 9U);
}

TEST_F(LogTrimming, TheLastOneStaysWhateverItsSize) {
  const std::vector<Row> rows{{Table::batches, sync::Replica::batch_key(log, 1), Bytes(5000)}};
  ASSERT_TRUE(disk.commit(rows));
  trimmer.note(rows);
  cut();
  EXPECT_EQ(held(log).size(), 1U);
}

TEST_F(LogTrimming, MuchGoesInManySteps) {
  write(log, 1, 1500);
  const auto first = trimmer.cut(disk, [](const Writer&) { return UINT64_MAX; });
  ASSERT_TRUE(first);
  EXPECT_LE(first->size(), 512U);
  ASSERT_TRUE(disk.commit(*first));
  cut();
  EXPECT_EQ(held(log).size(), 10U);
}

TEST_F(LogTrimming, AForgottenLogIsNotCounted) {
  write(log, 1, 30);
  const std::vector<Row> all{{Table::batches, to_bytes(log.peer.view()), std::nullopt, true}};
  ASSERT_TRUE(disk.commit(all));
  trimmer.note(all);
  cut();
  write(log, 1, 3);
  cut();
  EXPECT_EQ(held(log).size(), 3U);
}

TEST_F(LogTrimming, WithoutABoundNothingGoes) {
  trimmer = LogTrimmer(0);
  write(log, 1, 30);
  cut();
  EXPECT_EQ(held(log).size(), 30U);
}

}  // namespace
}  // namespace vouch::machine::log_trimmer_test
