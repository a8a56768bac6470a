// Stored events are read from anywhere in a row, across rows, up to a bound, and not beyond rot.
// SPDX-License-Identifier: MIT
#include "tests/sim/disk.hpp"
#include <gtest/gtest.h>

#include "vouch/sync/payload_rows.hpp"

namespace vouch::sim::stored_events_test {
namespace {

const std::string stream = "run";

/// Events 0..size-1 with four bytes each, `row` of them in a row.
SimDisk disk_of(std::uint64_t size, std::uint64_t row) {
  SimDisk disk(1);
  for (std::uint64_t first = 0; first < size; first += row) {
    std::vector<ingest::Item> items;
    for (std::uint64_t i = first; i < std::min(first + row, size); ++i) {
      items.push_back({{}, std::make_shared<const std::string>(std::to_string(1000 + i))});
    }
    disk.put(Table::payloads, sync::payload_key(stream, first), sync::encode_items(items));
  }
  return disk;
}

std::string read(const SimDisk& disk, std::uint64_t first, std::uint64_t upto, std::size_t bytes) {
  std::string out;
  const auto items = sync::read_events(disk, stream, first, upto, bytes);
  if (!items) return items.error().text();
  for (const ingest::Item& item : *items) out += *item.text + ' ';
  return out;
}

TEST(StoredEvents, AreReadFromAnywhereUpToABound) {
  const SimDisk disk = disk_of(10, 4);
  EXPECT_EQ(read(disk, 2, 99, 99), "1002 1003 1004 1005 1006 1007 1008 1009 ");
  EXPECT_EQ(read(disk, 2, 5, 99), "1002 1003 1004 ");
  EXPECT_EQ(read(disk, 3, 99, 8), "1003 1004 ");
  EXPECT_EQ(read(disk, 9, 99, 1), "1009 ") << "one too large for the bound comes alone";
  EXPECT_EQ(read(disk, 10, 99, 99), "");
}

TEST(StoredEvents, EndBeforeAHoleAndBeforeRot) {
  SimDisk disk = disk_of(12, 4);
  const Bytes second = sync::payload_key(stream, 4);
  Bytes row = **disk.get(Table::payloads, second);
  row.resize(row.size() - 2);
  disk.put(Table::payloads, second, row);
  EXPECT_EQ(read(disk, 0, 99, 99), "1000 1001 1002 1003 1004 1005 1006 ");
  ASSERT_TRUE(disk.lose(Table::payloads, {}, 1));
  EXPECT_EQ(read(disk, 0, 99, 99), "1000 1001 1002 1003 ");
}

}  // namespace
}  // namespace vouch::sim::stored_events_test
