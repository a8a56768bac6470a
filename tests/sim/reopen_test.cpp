// What a start reads is what was written, but for what was trimmed.
// SPDX-License-Identifier: MIT
#include "tests/sim/pair.hpp"
#include <gtest/gtest.h>

namespace vouch::sim::reopen_test {
namespace {

/// A later change of anything in such a row writes it again as a whole.
TEST(Reopen, ARowOfAClosedStreamStaysAsItIs) {
  Pair pair;
  pair.one.submit(short_run);
  ASSERT_TRUE(pair.one.lanes.close("t"));
  pair.pass(std::chrono::milliseconds(20));
  const Bytes* stored = pair.one.disk.find(Table::streams, sync::stream_row_key("t"));
  ASSERT_NE(stored, nullptr);
  driver::Lanes lanes(
      1, validator::Policy{}, ingest::TableLimits{}, 8U << 20, [] {}, nullptr);
  const machine::Restored restored = reopened(pair.one.disk, lanes);
  ASSERT_EQ(restored.streams.size(), 1u);
  EXPECT_TRUE(restored.streams[0].closed);
  EXPECT_EQ(sync::encode_stream_row(restored.streams[0]), *stored);
}

/// Rows of four and of six events.
struct Trimmed : testing::Test {
  SimDisk disk{1};
  void SetUp() override {
    put(0, 4);
    put(4, 6);
  }
  void put(std::uint64_t first, std::uint64_t count) {
    std::vector<ingest::Item> items;
    for (std::uint64_t i = first; i < first + count; ++i) {
      items.push_back({Hash{}, std::make_shared<const std::string>(std::to_string(i))});
    }
    disk.put(Table::payloads, sync::payload_key("t", first), sync::encode_items(items));
  }
  Texts left_below(std::uint64_t below) {
    EXPECT_TRUE(disk.commit(*sync::trimmed(disk, "t", below)));
    Texts out;
    const auto left = sync::read_events(disk, "t", below, 99, 999);
    for (const ingest::Item& item : *left) out.push_back(*item.text);
    EXPECT_TRUE(below == 0 || sync::read_events(disk, "t", below - 1, 99, 999)->empty());
    return out;
  }
};

TEST_F(Trimmed, ARowThatReachesBeyondIsCut) {
  EXPECT_EQ(left_below(6), (Texts{"6", "7", "8", "9"}));
  EXPECT_EQ(disk.rows(Table::payloads), 1u);
  EXPECT_EQ(left_below(6).size(), 4u) << "a second time changes nothing";
}

TEST_F(Trimmed, WholeRowsGo) {
  EXPECT_EQ(left_below(4).size(), 6u);
  EXPECT_TRUE(left_below(10).empty());
  EXPECT_EQ(disk.rows(Table::payloads), 0u);
  EXPECT_TRUE(left_below(20).empty());
}

TEST_F(Trimmed, NothingBeforeTheFirstIsThere) {
  EXPECT_EQ(left_below(0).size(), 10u);
  EXPECT_EQ(disk.rows(Table::payloads), 2u);
}

}  // namespace
}  // namespace vouch::sim::reopen_test
