// SPDX-License-Identifier: MIT
#include "vouch/schemas/bytes.hpp"

#include <gtest/gtest.h>

#include "vouch/schemas/ids.hpp"
#include "vouch/schemas/same_text.hpp"

namespace vouch::bytes_test {
namespace {

TEST(Bytes, HexRoundTrip) {
  const Bytes bytes{0x00, 0x7f, 0xff, 0x10};
  EXPECT_EQ(to_hex(bytes), "007fff10");
  EXPECT_EQ(from_hex("007FfF10"), bytes);
}

TEST(Bytes, HexRefusesWrongDigitsAndOddLength) {
  EXPECT_FALSE(from_hex("0g"));
  EXPECT_FALSE(from_hex("abc"));
}

TEST(Ids, FixedBytesTakeExactlyTheirLength) {
  EXPECT_FALSE(Hash::from(Bytes(31)));
  EXPECT_TRUE(Hash::from(Bytes(32)));
  EXPECT_FALSE(PeerId::from_hex("00"));
}

TEST(Ids, AreOrderedByteByByteWhereverTheyDiffer) {
  for (std::size_t at = 0; at < Hash::size; ++at) {
    Hash low, high;
    low.bytes.fill(0x80);
    high.bytes.fill(0x80);
    low.bytes[at] = 0x7f;
    if (at + 1 < Hash::size) low.bytes[at + 1] = 0xff;
    EXPECT_LT(low, high) << at;
    EXPECT_GT(high, low) << at;
    EXPECT_EQ(low <=> high, low.bytes <=> high.bytes) << at;
    EXPECT_NE(low, high) << at;
  }
  EXPECT_EQ(Hash{} <=> Hash{}, std::strong_ordering::equal);
}

TEST(SameText, SeesEveryByteOfEveryLength) {
  for (std::size_t size = 0; size < 70; ++size) {
    const std::string text(size, 'x');
    EXPECT_TRUE(same_text(text, std::string(text)));
    EXPECT_FALSE(same_text(text, text + 'x'));
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = text;
      other[at] = 'y';
      EXPECT_FALSE(same_text(text, other)) << size << ' ' << at;
    }
  }
}

}  // namespace
}  // namespace vouch::bytes_test
