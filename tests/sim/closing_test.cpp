// How long a height may take to close, in numbers that decisions 45 and 49 add up by hand.
// SPDX-License-Identifier: MIT
#include "tests/sim/dispute/closing.hpp"

#include <gtest/gtest.h>

namespace vouch::sim::closing_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Duration closing(std::size_t voters, std::uint64_t nulls) {
  return closing_time({}, voters, nulls, Duration{});
}

/// A lost word within two seconds, T0 twice, and the timers of n + f views; before that, evidence
/// that is put off.
TEST(Closing, IsTheSumOfItsTimers) {
  const Duration put_off = consensus::ChargeBounds{}.put_off_max();
  EXPECT_EQ(put_off, std::chrono::microseconds(4'062'500));
  EXPECT_EQ(closing(1, 0), put_off + seconds(4 + 2));
  EXPECT_EQ(closing(4, 0), put_off + seconds(4 + 30));
  EXPECT_EQ(closing(7, 0), put_off + seconds(4 + 62));
  EXPECT_EQ(closing(10, 0), put_off + seconds(4 + 94));
  EXPECT_EQ(closing(13, 0), put_off + seconds(4 + 126));
}

TEST(Closing, WaitsLongerAfterNulls) {
  EXPECT_EQ(closing(4, 3) - closing(4, 0), seconds(2 * (8 - 1)));
  EXPECT_EQ(closing(4, 100) - closing(4, 0), seconds(2 * (60 - 1)));
}

TEST(Closing, WaitsForTheWordsOfEachView) {
  const Duration hop = milliseconds(30);
  EXPECT_EQ(closing_time({}, 4, 0, hop) - closing(4, 0), hop * (2 + 2 * 5 + 3));
}

}  // namespace
}  // namespace vouch::sim::closing_test
